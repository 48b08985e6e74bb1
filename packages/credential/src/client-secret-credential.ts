/** An app signs in by its client secret. @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
import { type Ask, EntraCredential, requireValues } from "./entra-credential.ts";
import type { AccessToken, TokenCredentialOptions } from "./token-credential.ts";

export type ClientSecretCredentialOptions = TokenCredentialOptions;

export class ClientSecretCredential extends EntraCredential {
  readonly #clientSecret: string;

  constructor(tenantId: string, clientId: string, clientSecret: string, options: ClientSecretCredentialOptions = {}) {
    const name = "ClientSecretCredential";
    requireValues(name, { tenantId, clientId, clientSecret });
    super(name, tenantId, clientId, options, [clientSecret]);
    this.#clientSecret = clientSecret;
  }

  protected override acquire(ask: Ask): Promise<AccessToken> {
    return this.requestToken(ask, { grant_type: "client_credentials", client_secret: this.#clientSecret });
  }
}
