/**
 * A person signs in by name and password: deprecated by Microsoft, because it cannot do multi-factor authentication; here for
 * EnvironmentCredential. @see https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc
 */
import { USER_ERRORS } from "./aadsts.ts";
import { type Ask, EntraCredential, requireValues } from "./entra-credential.ts";
import type { AccessToken, TokenCredentialOptions } from "./token-credential.ts";

export class UsernamePasswordCredential extends EntraCredential {
  protected override readonly errorTable = USER_ERRORS;
  protected override readonly isRegional = false;
  readonly #username: string;
  readonly #password: string;

  constructor(
    tenantId: string,
    clientId: string,
    username: string,
    password: string,
    options: TokenCredentialOptions = {},
  ) {
    const name = "UsernamePasswordCredential";
    requireValues(name, { tenantId, clientId, username, password });
    // Never on disk: a hash of a password can be guessed at.
    const inMemory = { ...options, tokenCachePersistenceOptions: { enabled: false } };
    super(name, tenantId, clientId, inMemory, [username, password]);
    this.#username = username;
    this.#password = password;
  }

  protected override acquire(ask: Ask): Promise<AccessToken> {
    return this.requestToken(ask, { grant_type: "password", username: this.#username, password: this.#password });
  }
}
