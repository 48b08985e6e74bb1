/** The token endpoint of Entra ID: a form in, a token or an explained error out. @see https://learn.microsoft.com/entra/identity-platform/v2-protocols */
import { explainAadsts } from "./aadsts.ts";
import { CredentialError, type ErrorResponse } from "./errors.ts";
import { type HttpAnswer, type SendOptions, send } from "./http.ts";
import type { AccessToken } from "./token-credential.ts";

/** Form fields whose values never appear in a message, even if a server repeats them. */
const SECRET_FIELD = /secret|assertion|password|token|code/;

export type Form = Readonly<Record<string, string>>;

/** What a grant answered: the access token, and what comes with a person's. */
export interface Grant extends AccessToken {
  tokenType: "Bearer";
  readonly refreshToken?: string;
  readonly idToken?: string;
  readonly clientInfo?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: what servers and programs answer; each field is checked where it is used.
export type Json = Record<string, any>;

/** @returns the answer's JSON object; an empty one for anything else. */
export function readJson(text: string): Json {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** The claims parameter: what the challenge asks for, and that the client takes long-lived tokens which can be challenged. */
export function mergeClaims(claims: string | undefined, enableCae: boolean | undefined): string | undefined {
  if (!enableCae) return claims;
  const asked = readJson(claims ?? "{}");
  return JSON.stringify({ ...asked, access_token: { ...asked.access_token, xms_cc: { values: ["CP1"] } } });
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
  const body = readJson(answer.text);
  const description = redact(String(body.error_description ?? ""), form);
  const code = Number(/AADSTS(\d+)/.exec(description)?.[1] ?? body.error_codes?.[0]) || undefined;
  const errorResponse: ErrorResponse = {
    error: String(body.error ?? "unknown_error"),
    errorDescription: description,
    errorCodes: body.error_codes,
    correlationId: body.correlation_id,
    timestamp: body.timestamp,
    traceId: body.trace_id,
  };
  const known = code === undefined ? undefined : explainAadsts(code, errors);
  // Entra ends its sentence with ids, which are in errorResponse; a bundle's reader wants the sentence.
  const said = description.replace(/^AADSTS\d+: ?/, "").split(/\s*Trace ID:/)[0]!;
  const fallback = said || `The token endpoint answered ${answer.status} ${errorResponse.error}.`;
  return new CredentialError({
    code: errorResponse.error === "interaction_required" ? "interaction_required" : "authentication_failed",
    credential,
    aadsts: code,
    meaning: known?.meaning ?? fallback,
    remedy: `${known ? `${known.remedy} ` : ""}(${errorResponse.error}${body.trace_id ? `, trace ID ${body.trace_id}` : ""})`,
    statusCode: answer.status,
    errorResponse,
    claims: typeof body.claims === "string" ? body.claims : undefined,
  });
}

/**
 * Asks a token endpoint.
 * @param form the grant's fields; their values are kept out of every message.
 * @returns the token, its times counted from before the request by this machine's clock, so that a wrong clock does no harm.
 */
export async function requestGrant(url: string, form: Form, options: SendOptions, errors = ""): Promise<Grant> {
  const askedAt = Date.now();
  const answer = await send(
    {
      url,
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body: new URLSearchParams(form).toString(),
    },
    options,
  );
  const body = readJson(answer.text);
  const lifeMs = Number(body.expires_in) * 1000;
  if (answer.status !== 200 || typeof body.access_token !== "string" || !(lifeMs > 0)) {
    throw Object.assign(refusal(answer, form, options.credential, errors), {
      serverTime: Date.parse(answer.header("date") ?? ""),
    });
  }
  return {
    token: body.access_token,
    expiresOnTimestamp: askedAt + lifeMs,
    ...(body.refresh_in ? { refreshAfterTimestamp: askedAt + Number(body.refresh_in) * 1000 } : {}),
    tokenType: "Bearer",
    ...(body.refresh_token ? { refreshToken: body.refresh_token } : {}),
    ...(body.id_token ? { idToken: body.id_token } : {}),
    ...(body.client_info ? { clientInfo: body.client_info } : {}),
  };
}
