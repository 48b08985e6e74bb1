/** The token endpoint of Entra ID: a form in, a token or an explained error out. @see https://learn.microsoft.com/entra/identity-platform/v2-protocols */
import { type HttpRequest, type SendOptions, send } from "./http.ts";
import { type Json, readJson } from "./json.ts";
import { refusal } from "./refusal.ts";
import type { AccessToken } from "./token-credential.ts";

export type Form = Readonly<Record<string, string>>;

/** What a grant answered: the access token, and the whole answer, for what comes with a person's. */
export interface Grant {
  readonly token: AccessToken;
  readonly answered: Json;
}

/** The claims parameter: what the challenge asks for, and that the client takes long-lived tokens which can be challenged. */
export function mergeClaims(claims: string | undefined, enableCae: boolean | undefined): string | undefined {
  if (!enableCae) return claims;
  const asked = readJson(claims ?? "");
  return JSON.stringify({ ...asked, access_token: { ...asked.access_token, xms_cc: { values: ["CP1"] } } });
}

/** @returns a form as a request to the address. */
export function toRequest(url: string, form: Form): HttpRequest {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { url, method: "POST", headers, body: `${new URLSearchParams(form)}` };
}

/**
 * Asks a token endpoint.
 * @param form the grant's fields; their values are kept out of every message.
 * @returns the token, its times counted from before the request by this machine's clock, so that a wrong clock does no harm.
 */
export async function requestGrant(url: string, form: Form, options: SendOptions, errors = ""): Promise<Grant> {
  const askedAt = Date.now();
  const answer = await send(toRequest(url, form), options);
  const answered = readJson(answer.text);
  const { access_token: token, expires_in, refresh_in } = answered;
  const expiresOnTimestamp = askedAt + expires_in * 1000;
  if (answer.status !== 200 || typeof token !== "string" || !(expiresOnTimestamp > askedAt)) {
    throw Object.assign(refusal(answer, form, options.title, errors), {
      serverTime: answer.header("date"),
    });
  }
  const refresh = refresh_in && { refreshAfterTimestamp: askedAt + refresh_in * 1000 };
  return { token: { token, expiresOnTimestamp, tokenType: "Bearer", ...refresh }, answered };
}
