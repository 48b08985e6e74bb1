/** What is said when a sign-in is refused or nothing answers. Loaded when that happens, so that an app which signs in never loads the sentences. */
import { type CredentialError, type ErrorResponse, fail } from "./errors.ts";
import type { Failure, HttpAnswer, HttpRequest } from "./http.ts";
import { readJson } from "./json.ts";
import type { Form } from "./token-endpoint.ts";

/** Form fields whose values never appear in a message, even if a server repeats them. */
const SECRET_FIELD = /secret|assertion|password|token|code/;

/** Of any app, in the form of aadsts.ts. */
const APP_ERRORS = `7000215|The client secret is wrong.|Set AZURE_CLIENT_SECRET to the secret's value, not its ID.
7000222|The client secret has expired.|Make a new one and set AZURE_CLIENT_SECRET.
700016|The tenant has no app of this client ID.|Check AZURE_CLIENT_ID and AZURE_TENANT_ID.
7000229|The app has no service principal in the tenant.|Run az ad sp create --id with its client ID.
7000112|The app is disabled.|Ask an administrator.
90002|There is no such tenant.|Check AZURE_TENANT_ID and AZURE_AUTHORITY_HOST.
900023|The tenant is no ID and no domain name.|Check AZURE_TENANT_ID.
500011|The tenant has no such resource.|Check the scope.
70011|The scope is not valid.|Ask for one <resource>/.default.
1002012|The scope is not valid for an app.|Ask for <resource>/.default.`;

/** @returns what the number means and what to do, or undefined for a number that is in neither table. */
function explainAadsts(aadsts: number | undefined, more = ""): { meaning: string; remedy: string } | undefined {
  const [, meaning, remedy] = new RegExp(`^${aadsts}\\|(.+)\\|(.+)`, "m").exec(`${APP_ERRORS}\n${more}`) ?? [];
  return meaning && remedy ? { meaning, remedy } : undefined;
}

function redact(text: string, form: Form): string {
  let clean = text;
  for (const [name, value] of Object.entries(form)) {
    if (value && SECRET_FIELD.test(name)) clean = clean.replaceAll(value, "***");
  }
  return clean;
}

/** @returns the error an answer stands for; codes that need a person are told apart, as `interaction_required`. */
export function refusal(answer: HttpAnswer, form: Form, credential: string, errors = ""): CredentialError {
  const { error = "unknown_error", error_description, error_codes, claims, trace_id, ...body } = readJson(answer.text);
  const errorDescription = redact(String(error_description ?? ""), form);
  const aadsts = Number(/AADSTS(\d+)/.exec(errorDescription)?.[1] ?? error_codes?.[0]) || undefined;
  const known = explainAadsts(aadsts, errors);
  // Entra ends its sentence with ids, which are in errorResponse; a bundle's reader wants the sentence.
  const said = errorDescription.replace(/^AADSTS\d+: ?|\s*Trace ID:.*/gs, "");
  const errorResponse: ErrorResponse = {
    error: String(error),
    errorDescription,
    errorCodes: error_codes,
    correlationId: body.correlation_id,
    timestamp: body.timestamp,
    traceId: trace_id,
  };
  return fail(
    error === "interaction_required" ? error : "authentication_failed",
    credential,
    known?.meaning ?? (said || `The token endpoint answered ${answer.status} ${error}.`),
    `${known ? `${known.remedy} ` : ""}(${error}${trace_id ? `, trace ID ${trace_id}` : ""})`,
    {
      aadsts,
      statusCode: answer.status,
      errorResponse,
      claims: typeof claims === "string" ? claims : undefined,
    },
  );
}

/** @returns the error of an exchange that got no answer. */
export function networkError(
  { url }: HttpRequest,
  credential: string,
  error: Failure,
  { isTimedOut, isUntrusted }: { isTimedOut: boolean; isUntrusted: boolean },
): CredentialError {
  const { code = error?.code } = error?.cause ?? {};
  const said = isTimedOut ? "ETIMEDOUT" : typeof code === "string" ? code : "";
  return fail(
    "network",
    credential,
    `${new URL(url).origin} could not be reached${said && ` (${said})`}.`,
    isUntrusted
      ? "Set AZURE_CA_FILE or NODE_EXTRA_CA_CERTS to the PEM file of its certificate authority."
      : "Check the network and the proxy (HTTPS_PROXY with NODE_USE_ENV_PROXY=1).",
    { cause: error },
  );
}
