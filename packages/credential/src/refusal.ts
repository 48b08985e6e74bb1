/** What is said when a sign-in is refused. */
import { type CredentialError, type ErrorResponse, fail } from "./errors.ts";
import type { HttpAnswer } from "./http.ts";
import { readJson } from "./json.ts";
import type { Form } from "./token-endpoint.ts";

/**
 * Of any app, in the form of aadsts.ts. Where Entra's own sentence says what is wrong it is left to it, and where that also says what to do
 * (90002, 500011, 70011, 1002012 and the like) there is no line.
 */
const APP_ERRORS = `7000215|The client secret is wrong.|Set AZURE_CLIENT_SECRET to the secret's value, not its ID.
7000222|The client secret has expired.|Make a new one and set AZURE_CLIENT_SECRET.
700016|The tenant has no such app.|Check AZURE_CLIENT_ID and AZURE_TENANT_ID.
7000229||Run az ad sp create --id with the client ID.
7000112||Have it enabled.
`;

/** @returns the error an answer stands for; codes that need a person are told apart, as `interaction_required`. */
export function refusal(answer: HttpAnswer, form: Form, credential: string, errors: string): CredentialError {
  const { error = "unknown_error", error_description, error_codes, claims, trace_id, ...body } = readJson(answer.text);
  let errorDescription = String(error_description ?? "");
  // What is secret never appears in a message, even if a server repeats it.
  for (const name in form) {
    if (form[name] && /secret|assertion|password|token|code/.test(name))
      errorDescription = errorDescription.replaceAll(form[name], "***");
  }
  // Entra ends its sentence with ids, which are in errorResponse; a bundle's reader wants the sentence.
  const [, number, said] = /^(?:AADSTS(\d+): ?)?(.*?)\s*(?:Trace ID:|$)/s.exec(errorDescription)!;
  const aadsts = Number(number) || undefined;
  const [, meaning, remedy] = RegExp(`^${aadsts}\\|(.*)\\|(.+)`, "m").exec(APP_ERRORS + errors) ?? [];
  const errorResponse: ErrorResponse = {
    error,
    errorDescription,
    errorCodes: error_codes,
    correlationId: body.correlation_id,
    timestamp: body.timestamp,
    traceId: trace_id,
  };
  return fail(
    error === "interaction_required" ? error : "authentication_failed",
    credential,
    meaning || said || `The token endpoint answered ${answer.status} ${error}.`,
    `${remedy ? `${remedy} ` : ""}(${error}${trace_id ? `, trace ID ${trace_id}` : ""})`,
    {
      aadsts,
      statusCode: answer.status,
      errorResponse,
      claims,
    },
  );
}
