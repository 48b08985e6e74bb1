/** An app signs in by a token of another issuer that it trusts. @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation */
import { ASSERTION_ERRORS } from "./aadsts.ts";
import { type Ask, EntraCredential, requireValues } from "./entra-credential.ts";
import type { AccessToken, TokenCredentialOptions } from "./token-credential.ts";

export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

export type ClientAssertionCredentialOptions = TokenCredentialOptions;

export class ClientAssertionCredential extends EntraCredential {
  protected override readonly errorTable = ASSERTION_ERRORS;
  readonly #getAssertion: () => Promise<string>;

  /** @param getAssertion is asked each time a token is fetched; tokens are not shared with other credentials. */
  constructor(
    tenantId: string,
    clientId: string,
    getAssertion: () => Promise<string>,
    options: ClientAssertionCredentialOptions = {},
    name = "ClientAssertionCredential",
  ) {
    requireValues(name, { tenantId, clientId, getAssertion: typeof getAssertion === "function" ? "given" : "" });
    super(name, tenantId, clientId, options, undefined);
    this.#getAssertion = getAssertion;
  }

  protected override async acquire(ask: Ask): Promise<AccessToken> {
    return this.requestToken(ask, {
      grant_type: "client_credentials",
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await this.#getAssertion(),
    });
  }
}
