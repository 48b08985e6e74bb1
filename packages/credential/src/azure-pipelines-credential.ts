/** An Azure Pipelines job signs in by its service connection. @see https://learn.microsoft.com/javascript/api/@azure/identity/azurepipelinescredential */
import { resolveAuthority } from "./authority.ts";
import { ClientAssertionCredential } from "./client-assertion-credential.ts";
import { requireValues } from "./entra-credential.ts";
import { CredentialError, unavailable } from "./errors.ts";
import { send } from "./http.ts";
import { readJson } from "./json.ts";
import type { TokenCredentialOptions } from "./token-credential.ts";
import { readVariable } from "./variables.ts";

const NAME = "AzurePipelinesCredential";

export type AzurePipelinesCredentialOptions = TokenCredentialOptions;

export class AzurePipelinesCredential extends ClientAssertionCredential {
  constructor(
    tenantId: string,
    clientId: string,
    serviceConnectionId: string,
    systemAccessToken: string,
    options: AzurePipelinesCredentialOptions = {},
  ) {
    requireValues(NAME, { tenantId, clientId, serviceConnectionId, systemAccessToken });
    const endpoint = readVariable("SYSTEM_OIDCREQUESTURI");
    if (endpoint === undefined) {
      throw unavailable(NAME, "The environment has no SYSTEM_OIDCREQUESTURI.", "Run this in an Azure Pipelines task.");
    }
    // The job's token goes there: https, or this machine.
    const url = `${resolveAuthority(NAME, endpoint)}?${new URLSearchParams({ "api-version": "7.1", serviceConnectionId })}`;
    const readAssertion = async () => {
      const headers = {
        "content-type": "application/json",
        authorization: `Bearer ${systemAccessToken}`,
        // Else the service answers a bad token by a redirect to its sign-in page.
        "x-tfs-fedauthredirect": "Suppress",
      };
      const { signal } = new AbortController();
      const sending = { title: NAME, signal, retry: options.retryOptions };
      const answer = await send({ url, method: "POST", headers, body: "" }, sending);
      const { oidcToken } = readJson(answer.text);
      if (answer.status === 200 && typeof oidcToken === "string") return oidcToken;
      throw new CredentialError({
        code: "authentication_failed",
        credential: NAME,
        meaning: `Azure Pipelines answered ${answer.status} and no token.`,
        remedy: "Check the service connection's ID, and that the task maps System.AccessToken.",
        statusCode: answer.status,
      });
    };
    super(tenantId, clientId, readAssertion, options, NAME);
  }
}
