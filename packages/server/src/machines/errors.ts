/**
 * Refusals in the words of each form: App Service's `{statusCode, message, correlationId}`, and OAuth's `{error, error_description}` of the
 * instance metadata service and of Azure Arc.
 * @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#error-handling
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
import type { Reply } from "../wire/exchange.ts";
import { type MachineFault, MachineRefusal } from "./fault.ts";
import type { SessionForm } from "./sessions.ts";

type Words = { readonly status: number; readonly code: string; readonly text: string };

/** A 401 says that there is no token to bring along: only the launcher opens these addresses. */
const challenge = { "www-authenticate": 'Bearer realm="managed identity"' };

/**
 * Renders what was thrown.
 * @throws whatever is not a refusal, unchanged: a defect of ours.
 */
export function renderRefusal(cause: unknown, form: SessionForm, requestId: string): Reply {
  if (!(cause instanceof MachineRefusal)) throw cause;
  const { status, code, text } = describe(cause.fault);
  const body =
    form === "AppService"
      ? { statusCode: status, message: text, correlationId: requestId }
      : { error: code, error_description: text };
  return { status, headers: status === 401 ? challenge : status === 405 ? { allow: "GET" } : {}, body };
}

function words(status: number, code: string, text: string): Words {
  return { status, code, text };
}

function describe(fault: MachineFault): Words {
  switch (fault.kind) {
    case "path-unknown":
      return words(404, "not_found", "The requested resource could not be found.");
    case "method-not-allowed":
      return words(405, "invalid_request", "Only GET is allowed here.");
    case "session-unknown":
      return words(
        401,
        "unknown_source",
        "This address belongs to no identity session: the program that it was given to has ended, or its launcher or the server has.",
      );
    case "identity-header-wrong":
      return words(401, "invalid_request", "The X-IDENTITY-HEADER header is missing or wrong.");
    case "metadata-header-missing":
      return words(400, "bad_request_102", "Required metadata header not specified");
    case "forwarded":
      return words(400, "invalid_request", "Requests that carry an X-Forwarded-For header are refused.");
    case "parameter-missing":
      return words(400, "invalid_request", `Required query variable '${fault.parameter}' is missing`);
    case "parameter-repeated":
      return words(400, "invalid_request", `The query variable '${fault.parameter}' is given more than once`);
    case "api-version-unsupported":
      return words(
        400,
        "invalid_request",
        `The api-version '${fault.given}' is not supported here; the oldest that is, is '${fault.oldest}'`,
      );
    case "resource-unknown":
      return words(
        400,
        "invalid_resource",
        `AADSTS500011: The resource principal named ${fault.resource} was not found in the tenant named ${fault.tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
      );
    case "resource-disabled":
      return words(
        400,
        "invalid_resource",
        `AADSTS500014: The service principal for resource '${fault.resource}' is disabled.`,
      );
    case "identity-not-found":
      return words(
        400,
        "invalid_request",
        "Identity not found: no managed identity of that id is assigned to this program.",
      );
    case "identity-disabled":
      return words(400, "unauthorized_client", `AADSTS7000112: Application '${fault.clientId}' is disabled.`);
  }
}
