/** A Kubernetes workload signs in by its service account's token. @see https://learn.microsoft.com/azure/aks/workload-identity-overview */
import { readTextFile } from "#host";
import { ClientAssertionCredential } from "./client-assertion-credential.ts";
import { CredentialError, unavailable } from "./errors.ts";
import type { AccessToken, GetTokenOptions, TokenCredential, TokenCredentialOptions } from "./token-credential.ts";
import { readVariable } from "./variables.ts";

const NAME = "WorkloadIdentityCredential";

export interface WorkloadIdentityCredentialOptions extends TokenCredentialOptions {
  tenantId?: string;
  clientId?: string;
  tokenFilePath?: string;
}

export class WorkloadIdentityCredential implements TokenCredential {
  readonly #inner: ClientAssertionCredential | undefined;
  readonly #missing: string;

  constructor(options: WorkloadIdentityCredentialOptions = {}) {
    const tenantId = options.tenantId ?? readVariable("AZURE_TENANT_ID");
    const clientId = options.clientId ?? readVariable("AZURE_CLIENT_ID");
    const path = options.tokenFilePath ?? readVariable("AZURE_FEDERATED_TOKEN_FILE");
    this.#missing = [
      !tenantId && "AZURE_TENANT_ID",
      !clientId && "AZURE_CLIENT_ID",
      !path && "AZURE_FEDERATED_TOKEN_FILE",
    ]
      .filter(Boolean)
      .join(", ");
    if (!tenantId || !clientId || !path) return;
    // The file is read for each request: the kubelet renews it, and a token lives longer than the file's content.
    const readAssertion = async () => {
      let assertion: string;
      try {
        assertion = (await readTextFile(path)).trim();
      } catch (error) {
        if (error instanceof CredentialError) throw error;
        const code = (error as { code?: string }).code ?? "too long";
        throw unavailable(
          NAME,
          `The token file ${path} cannot be read (${code}).`,
          "Check AZURE_FEDERATED_TOKEN_FILE.",
        );
      }
      if (assertion === "") throw unavailable(NAME, `The token file ${path} is empty.`);
      return assertion;
    };
    this.#inner = new ClientAssertionCredential(tenantId, clientId, readAssertion, options, NAME);
  }

  async getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken> {
    if (this.#inner === undefined) {
      throw unavailable(NAME, `The environment has no ${this.#missing}.`, "A pod's webhook sets these.");
    }
    return this.#inner.getToken(scopes, options);
  }
}
