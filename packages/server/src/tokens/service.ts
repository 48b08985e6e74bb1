/**
 * The token service: issues access, id and refresh tokens for principals that someone else has authenticated.
 *
 * Owns: lifetimes, and the marks each token gets. May use: claims, key ring, signer, refresh tokens, the read model, the ports.
 * It trusts its callers (the Entra surface's grants) to have judged the principal; the verifier judges it again on every use.
 */
import type { ServicePrincipal, User } from "../state/entities.ts";
import type { AppId, Guid, PrincipalId } from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { Resource } from "./audiences.ts";
import { AuthorizationCodes } from "./authorization-code.ts";
import { appClaims, type ClientProof, idClaims, type TokenMarks, userClaims, type Validity } from "./claims.ts";
import { type KeyRing, openKeyRing } from "./key-ring.ts";
import { RefreshTokens } from "./refresh-token.ts";
import { openSealer, type Sealer } from "./sealer.ts";
import { signToken } from "./signer.ts";
import type { TokenVerifier } from "./token.ts";
import { contentForApp, contentForUser, idTokenExtras } from "./token-content.ts";
import { createTokenVerifier } from "./verifier.ts";

/** Life of an access or id token from the moment it is issued, in seconds: what Entra gives clients without continuous access evaluation. */
export const tokenLifetimeSeconds = 3600;
/** `iat` and `nbf` lie this far back, in seconds, for resource servers whose clocks are behind; exp - iat is 3900 as in decoded tokens. */
export const backdatingSeconds = 300;
/** What a response says of the lifetime: one second less, as Entra does. */
export const expiresInSeconds = tokenLifetimeSeconds - 1;

const tokenIdBytes = 16;
const revocationHintBytes = 32;

export type IssuedToken = { readonly token: string; readonly validity: Validity };

export type AppTokenRequest = {
  readonly servicePrincipal: ServicePrincipal;
  readonly resource: Resource;
  readonly proof: ClientProof;
};

export type UserTokenRequest = {
  readonly user: User;
  readonly client: { readonly appId: AppId; readonly displayName: string; readonly proof: ClientProof };
  readonly resource: Resource;
  /** Delegated permissions; at least one. */
  readonly scopes: readonly string[];
  /** When the person gave the password, in milliseconds since 1970. */
  readonly signedInAtMs?: number | undefined;
};

export type IdTokenRequest = {
  readonly version: "1.0" | "2.0";
  readonly user: User;
  readonly clientId: AppId;
  readonly openIdScopes: ReadonlySet<string>;
  readonly nonce?: string | undefined;
  /** The code it is issued with, by the authorization endpoint; bound by `c_hash`. */
  readonly code?: string | undefined;
  readonly signedInAtMs?: number | undefined;
};

export type TokenService = {
  readonly keyRing: KeyRing;
  readonly sealer: Sealer;
  readonly refreshTokens: RefreshTokens;
  readonly codes: AuthorizationCodes;
  /** An access token of an application itself; the resource comes from `findResource`. */
  issueAppToken(request: AppTokenRequest): Promise<IssuedToken>;
  /** An access token on behalf of a person. */
  issueUserToken(request: UserTokenRequest): Promise<IssuedToken>;
  /** @returns the compact JWS. */
  issueIdToken(request: IdTokenRequest): Promise<string>;
};

export type TokenServiceParts = {
  readonly keyRing: KeyRing;
  readonly sealer: Sealer;
  readonly model: ReadModel;
  readonly ports: Ports;
};

export function createTokenService({ keyRing, sealer, model, ports }: TokenServiceParts): TokenService {
  const validity = (): Validity => {
    const seconds = Math.floor(ports.now().getTime() / 1000);
    return { notBefore: seconds - backdatingSeconds, expiresAt: seconds + tokenLifetimeSeconds };
  };
  const marks = (): TokenMarks => ({
    tokenId: ports.randomBytes(tokenIdBytes).toString("base64url"),
    revocationHint: `1.A${ports.randomBytes(revocationHintBytes).toString("base64url")}.`,
  });
  const common = () => ({ tenant: model.tenant, validity: validity(), marks: marks() });
  const directoryRoleIds = (principalId: PrincipalId): Guid[] =>
    model.directoryRoleAssignments.find("principalId", principalId).map(({ roleTemplateId }) => roleTemplateId);

  return {
    keyRing,
    sealer,
    refreshTokens: new RefreshTokens(sealer),
    codes: new AuthorizationCodes(sealer),
    async issueAppToken(request) {
      const { servicePrincipal, resource } = request;
      const content = contentForApp(model, servicePrincipal, resource);
      const input = { ...request, ...common(), directoryRoleIds: directoryRoleIds(servicePrincipal.id), content };
      return { token: await signToken(keyRing.current, content.version, appClaims(input)), validity: input.validity };
    },
    async issueUserToken(request) {
      const { user, resource } = request;
      const content = contentForUser(model, user, resource, secondsOf(request.signedInAtMs));
      const input = { ...request, ...common(), directoryRoleIds: directoryRoleIds(user.id), content };
      return { token: await signToken(keyRing.current, content.version, userClaims(input)), validity: input.validity };
    },
    issueIdToken(request) {
      const { user, clientId: appId, nonce, code } = request;
      const extra = idTokenExtras(model, user, { appId }, secondsOf(request.signedInAtMs));
      const claims = idClaims({ ...request, nonce, code, ...common(), extra });
      return signToken(keyRing.current, request.version, claims);
    },
  };
}

function secondsOf(timeMs: number | undefined): number | undefined {
  return timeMs === undefined ? undefined : Math.floor(timeMs / 1000);
}

/** Opens the keys of a state folder (making them the first time) and everything that stands on them. */
export async function openTokens(options: {
  readonly stateDir: string;
  readonly model: ReadModel;
  readonly ports: Ports;
}): Promise<{ readonly service: TokenService; readonly verifier: TokenVerifier; readonly keyRing: KeyRing }> {
  const { stateDir, model, ports } = options;
  const keyRing = await openKeyRing({ stateDir, ports });
  const service = createTokenService({ keyRing, sealer: openSealer(stateDir, ports), model, ports });
  return { service, verifier: createTokenVerifier({ keyRing, model, ports }), keyRing };
}
