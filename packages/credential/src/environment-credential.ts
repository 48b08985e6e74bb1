/** Signs in by what the AZURE_* variables hold. @see https://learn.microsoft.com/javascript/api/@azure/identity/environmentcredential */
import { ClientCertificateCredential } from "./client-certificate-credential.ts";
import { ClientSecretCredential } from "./client-secret-credential.ts";
import { CredentialError, unavailable } from "./errors.ts";
import type { AccessToken, GetTokenOptions, TokenCredential, TokenCredentialOptions } from "./token-credential.ts";
import { UsernamePasswordCredential } from "./username-password-credential.ts";
import { isVariableOn, readVariable } from "./variables.ts";

export type EnvironmentCredentialOptions = TokenCredentialOptions;

/** @returns the tenants of AZURE_ADDITIONALLY_ALLOWED_TENANTS, which are separated by semicolons. */
function readAllowedTenants(): string[] {
  const tenants = readVariable("AZURE_ADDITIONALLY_ALLOWED_TENANTS")?.split(";") ?? [];
  return tenants.map((tenant) => tenant.trim()).filter((tenant) => tenant !== "");
}

/** The variables are read when the credential is made, in the order secret, certificate, user. */
export class EnvironmentCredential implements TokenCredential {
  readonly #inner: TokenCredential | undefined;
  readonly #missing: string;

  constructor(options: EnvironmentCredentialOptions = {}) {
    const allowed = [...(options.additionallyAllowedTenants ?? []), ...readAllowedTenants()];
    const all = { ...options, additionallyAllowedTenants: allowed };
    const [tenantId, clientId, secret, certificatePath, password, username, userPassword] = [
      "AZURE_TENANT_ID",
      "AZURE_CLIENT_ID",
      "AZURE_CLIENT_SECRET",
      "AZURE_CLIENT_CERTIFICATE_PATH",
      "AZURE_CLIENT_CERTIFICATE_PASSWORD",
      "AZURE_USERNAME",
      "AZURE_PASSWORD",
    ].map(readVariable);
    const proof = secret || certificatePath || (username && userPassword) ? undefined : "AZURE_CLIENT_SECRET";
    const missing = [!tenantId && "AZURE_TENANT_ID", !clientId && "AZURE_CLIENT_ID", proof].filter(Boolean);
    this.#missing = missing.join(", ");
    if (!tenantId || !clientId) return;
    if (secret) {
      this.#inner = new ClientSecretCredential(tenantId, clientId, secret, all);
    } else if (certificatePath) {
      const certificate = { certificatePath, ...(password ? { certificatePassword: password } : {}) };
      const sendCertificateChain = isVariableOn("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN");
      this.#inner = new ClientCertificateCredential(tenantId, clientId, certificate, { ...all, sendCertificateChain });
    } else if (username && userPassword) {
      this.#inner = new UsernamePasswordCredential(tenantId, clientId, username, userPassword, all);
    }
  }

  async getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> {
    if (this.#inner === undefined) {
      throw unavailable(
        "EnvironmentCredential",
        `The environment has no ${this.#missing}.`,
        "AZURE_CLIENT_CERTIFICATE_PATH serves for the secret.",
      );
    }
    try {
      return await this.#inner.getToken(scopes, options);
    } catch (error) {
      if (!(error instanceof CredentialError)) throw error;
      // The name that is in the program's own chain, so that the message says which variables are meant.
      throw new CredentialError({ ...error, credential: "EnvironmentCredential", cause: error });
    }
  }
}
