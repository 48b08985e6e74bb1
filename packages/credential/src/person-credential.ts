/** What the credentials of people share: silent renewal by the refresh token, and who signed in. */
import { PERSON_ERRORS, USER_ERRORS } from "./aadsts.ts";
import { type Ask, EntraCredential, joinScopes } from "./entra-credential.ts";
import { CredentialError } from "./errors.ts";
import { type Json, readJson } from "./json.ts";
import type { AccessToken, GetTokenOptions, TokenCredentialOptions } from "./token-credential.ts";
import type { Form, Grant } from "./token-endpoint.ts";

/** Azure CLI-like public client that @azure/identity signs developers in with, when the app has none of its own. */
const DEVELOPER_SIGN_ON_CLIENT_ID = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/** What makes Entra answer a refresh token and say who signed in. */
const OPENID_SCOPES = "openid profile offline_access";

/** Who signed in; no secret. @see https://learn.microsoft.com/javascript/api/@azure/identity/authenticationrecord */
export interface AuthenticationRecord {
  authority: string;
  homeAccountId: string;
  clientId: string;
  tenantId: string;
  username: string;
}

export interface InteractiveCredentialOptions extends TokenCredentialOptions {
  tenantId?: string;
  clientId?: string;
  authenticationRecord?: AuthenticationRecord;
  /** Throws `interaction_required` where a person would be asked; the app then calls `authenticate`. */
  disableAutomaticAuthentication?: boolean;
}

function decodePart(part: string | undefined): Json {
  if (!part) return {};
  const text = atob(part.replace(/-/g, "+").replace(/_/g, "/"));
  return readJson(new TextDecoder().decode(Uint8Array.from(text, (character) => character.charCodeAt(0))));
}

export abstract class PersonCredential extends EntraCredential {
  protected override readonly errorTable: string = `${USER_ERRORS}\n${PERSON_ERRORS}`;
  protected override readonly isRegional = false;
  readonly #isManual: boolean;
  #refreshToken: string | undefined;
  #record: AuthenticationRecord | undefined;
  #isAsked = false;

  constructor(name: string, options: InteractiveCredentialOptions) {
    const clientId = options.clientId ?? DEVELOPER_SIGN_ON_CLIENT_ID;
    const anyTenant = clientId === DEVELOPER_SIGN_ON_CLIENT_ID ? "organizations" : "common";
    super(name, options.tenantId ?? options.authenticationRecord?.tenantId ?? anyTenant, clientId, options, undefined);
    this.#isManual = options.disableAutomaticAuthentication === true;
    this.#record = options.authenticationRecord;
  }

  /** Asks the person. @returns who it was. */
  async authenticate(
    scopes: string | string[],
    options: GetTokenOptions = {},
  ): Promise<AuthenticationRecord | undefined> {
    joinScopes(this.title, scopes);
    this.#isAsked = true;
    try {
      this.#refreshToken = undefined;
      await this.getToken(scopes, { ...options, claims: options.claims ?? "{}" });
    } finally {
      this.#isAsked = false;
    }
    return this.#record;
  }

  protected override async acquire(given: Ask): Promise<AccessToken> {
    const { options } = given;
    // A challenge that asks for nothing stands for "ask the person", and is not sent.
    const ask = {
      ...given,
      claims: given.claims === "{}" ? undefined : given.claims,
      scope: `${given.scope} ${OPENID_SCOPES}`,
    };
    // Another process may have a newer one, and Entra ID may have ended the older.
    if (this.#record !== undefined && !this.#isAsked) {
      this.#refreshToken = (await this.store?.read(this.#refreshKey(this.#record))) ?? this.#refreshToken;
    }
    if (this.#refreshToken !== undefined) {
      try {
        return await this.#remember(
          await this.grant(ask, { grant_type: "refresh_token", refresh_token: this.#refreshToken }),
        );
      } catch (error) {
        // A refresh token that is no longer good means asking again; a network that is away does not.
        if (!(error instanceof CredentialError) || error.code === "network" || error.code === "aborted") throw error;
        this.#refreshToken = undefined;
      }
    }
    if (this.#isManual && !this.#isAsked) {
      throw new CredentialError({
        code: "interaction_required",
        credential: this.title,
        meaning: "A person has to sign in.",
        remedy: "Call authenticate().",
        scopes: given.scope.split(" "),
        claims: options.claims,
      });
    }
    return this.#remember(await this.askPerson(ask));
  }

  /** Has the person sign in. */
  protected abstract askPerson(ask: Ask): Promise<Grant>;

  protected grant(ask: Ask, form: Form): Promise<Grant> {
    return this.requestGrant(ask, { client_info: "1", ...form });
  }

  async #remember({ token, answered }: Grant): Promise<AccessToken> {
    const { refresh_token = this.#refreshToken, id_token, client_info } = answered;
    this.#refreshToken = refresh_token;
    if (id_token) {
      const claims = decodePart(id_token.split(".")[1]);
      const { uid = claims.oid, utid = claims.tid } = decodePart(client_info);
      this.#record = {
        authority: new URL(this.authorityUrl).host,
        homeAccountId: `${uid}.${utid}`,
        clientId: this.ownClient,
        tenantId: String(claims.tid ?? this.ownTenant),
        username: String(claims.preferred_username ?? ""),
      };
    }
    if (this.#record !== undefined) await this.store?.write(this.#refreshKey(this.#record), refresh_token);
    return token;
  }

  /** Under what the refresh token is kept on disk. */
  #refreshKey({ homeAccountId }: AuthenticationRecord): string {
    return JSON.stringify(["refresh", this.authorityUrl, this.ownClient, homeAccountId]);
  }
}

export function serializeAuthenticationRecord(record: AuthenticationRecord): string {
  return JSON.stringify({ version: "1.0", ...record });
}

/** Reads what `serializeAuthenticationRecord` wrote. Throws for another version. */
export function deserializeAuthenticationRecord(text: string): AuthenticationRecord {
  const { version, authority, homeAccountId, clientId, tenantId, username } = JSON.parse(text);
  if (version !== undefined && version !== "1.0") throw new Error("Unsupported AuthenticationRecord version");
  return { authority, homeAccountId, clientId, tenantId, username };
}
