/** An API asks for a token for the user who called it. @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow */
import { ASSERTION_ERRORS, PERSON_ERRORS, USER_ERRORS } from "./aadsts.ts";
import { tokenEndpoint } from "./authority.ts";
import { ASSERTION_TYPE } from "./client-assertion-credential.ts";
import { AssertionSigner } from "./client-certificate-credential.ts";
import { type Ask, EntraCredential, requireValues } from "./entra-credential.ts";
import { misconfigured } from "./errors.ts";
import type { AccessToken, TokenCredentialOptions } from "./token-credential.ts";
import type { Form } from "./token-endpoint.ts";

const NAME = "OnBehalfOfCredential";

interface OnBehalfOfCommonOptions extends TokenCredentialOptions {
  tenantId: string;
  clientId: string;
  /** The token that the user's client sent. */
  userAssertionToken: string;
}
export type OnBehalfOfCredentialSecretOptions = OnBehalfOfCommonOptions & { clientSecret: string };
export type OnBehalfOfCredentialCertificateOptions = OnBehalfOfCommonOptions & {
  certificatePath: string;
  sendCertificateChain?: boolean;
};
export type OnBehalfOfCredentialAssertionOptions = OnBehalfOfCommonOptions & { getAssertion: () => Promise<string> };
export type OnBehalfOfCredentialOptions =
  | OnBehalfOfCredentialSecretOptions
  | OnBehalfOfCredentialCertificateOptions
  | OnBehalfOfCredentialAssertionOptions;

export class OnBehalfOfCredential extends EntraCredential {
  protected override readonly errorTable = `${ASSERTION_ERRORS}\n${USER_ERRORS}\n${PERSON_ERRORS}`;
  protected override readonly isRegional = false;
  readonly #user: string;
  readonly #prove: (tenantId: string, use: (proof: Form) => Promise<AccessToken>) => Promise<AccessToken>;

  constructor(options: OnBehalfOfCredentialOptions) {
    const { tenantId, clientId, userAssertionToken } = options;
    requireValues(NAME, { tenantId, clientId, userAssertionToken });
    super(NAME, tenantId, clientId, options, undefined);
    this.#user = userAssertionToken;
    const asAssertion = (client_assertion: string) => ({ client_assertion_type: ASSERTION_TYPE, client_assertion });
    if ("clientSecret" in options) {
      this.#prove = (_, use) => use({ client_secret: options.clientSecret });
    } else if ("certificatePath" in options) {
      const signer = new AssertionSigner(NAME, options, options.sendCertificateChain === true);
      this.#prove = (tenant, use) =>
        signer.withAssertion(clientId, tokenEndpoint(this.authorityUrl, tenant), (signed) => use(asAssertion(signed)));
    } else if ("getAssertion" in options) {
      this.#prove = async (_, use) => use(asAssertion(await options.getAssertion()));
    } else {
      throw misconfigured(NAME, "None of clientSecret, certificatePath and getAssertion was given.");
    }
  }

  protected override acquire(ask: Ask): Promise<AccessToken> {
    return this.#prove(ask.tenantId, (proof) =>
      this.requestToken(ask, {
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        requested_token_use: "on_behalf_of",
        assertion: this.#user,
        ...proof,
      }),
    );
  }
}
