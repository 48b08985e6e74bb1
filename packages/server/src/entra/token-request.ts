/** The shapes between the token endpoint and its grants. */
import type { UserObjectId } from "../state/identifiers.ts";
import type { Resource } from "../tokens/audiences.ts";
import type { ClaimsRequest } from "../tokens/continuous-access.ts";
import type { IssuedToken } from "../tokens/service.ts";
import type { Awaitable } from "../wire/when-there.ts";
import type { Client, ClientClaim } from "./client.ts";
import type { Dialect } from "./requested-resource.ts";
import type { SignInAttempt } from "./sign-in-attempt.ts";
import type { TenantName } from "./tenant-name.ts";
import type { Visit } from "./visit.ts";

/** A token request whose form was read, whose tenant and client exist; nothing about the client is proved yet. */
export type TokenRequest = {
  readonly visit: Visit;
  readonly dialect: Dialect;
  readonly form: ReadonlyMap<string, string>;
  readonly tenantName: TenantName;
  readonly client: Client;
  readonly claim: ClientClaim;
  /** What its `claims` parameter asks for. */
  readonly asked: ClaimsRequest;
  readonly attempt: SignInAttempt;
};

/** What a grant issued; token-response.ts puts it into the endpoint's form. */
export type TokenGrant = {
  readonly resource: Resource;
  readonly access: IssuedToken;
  /** Only for tokens on behalf of a person. */
  readonly person?: {
    readonly userId: UserObjectId;
    /** Granted scopes as the response spells them. */
    readonly scopes: readonly string[];
    readonly refreshToken: string | undefined;
    readonly idToken: string | undefined;
    /** The family of clients that may use the refresh token. */
    readonly family: string | undefined;
  };
};

export type Grant = {
  /** `grant_type` */
  readonly grantType: string;
  /** Whether it is refused at /common and /consumers, where the tenant would have to come from the credentials. */
  readonly needsTenant: boolean;
  /** Issues at once what waits for nothing. @throws EntraRefusal at once, or later. */
  issue(request: TokenRequest): Awaitable<TokenGrant>;
};
