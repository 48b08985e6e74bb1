/**
 * The `claims` parameter: what the client could handle (`xms_cc`), and what a resource server told it to ask for (`nbf`).
 *
 * Entra knows more members; those this cloud never asks a client for are passed over, as an authorization server may (OpenID Connect Core 5.5.1).
 * @see https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
import { type ClaimsRequest, challengeCapability, noClaimsRequested } from "../tokens/continuous-access.ts";
import { clockSkewSeconds } from "../tokens/verifier.ts";
import { refuse } from "./fault.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** Digits of a time in seconds since 1970, as text; it has ten until the year 2286. */
const timePattern = /^[0-9]{1,11}$/;

/**
 * @param claims the parameter; undefined when the request has none.
 * @throws EntraRefusal `request-malformed` for anything but a JSON object, and for an `nbf` that is no time or lies ahead: no token could satisfy it.
 */
export function readClaimsRequest(claims: string | undefined, now: Date | undefined): ClaimsRequest {
  if (claims === undefined) return noClaimsRequested;
  const accessToken = objectIn(parse(claims).access_token);
  const capabilities = objectIn(accessToken.xms_cc).values;
  const canHandleChallenge =
    Array.isArray(capabilities) &&
    capabilities.some((value) => typeof value === "string" && value.toUpperCase() === challengeCapability);
  return { canHandleChallenge, notBefore: readTime(objectIn(accessToken.nbf).value, now) };
}

/** Checks its form, for an endpoint that issues no access token: the client sends it again for that. @throws EntraRefusal `request-malformed`. */
export function checkClaimsRequest(claims: string | undefined): void {
  readClaimsRequest(claims, undefined);
}

function parse(claims: string): JsonObject {
  try {
    const value: unknown = JSON.parse(claims);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // refused below
  }
  return refuse({ kind: "request-malformed" });
}

/** A member that is null asks for a claim in the default way. */
function objectIn(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? (value as JsonObject) : {};
}

function readTime(value: unknown, now: Date | undefined): number | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !timePattern.test(text)) return refuse({ kind: "request-malformed" });
  const seconds = Number(text);
  const isAhead = now !== undefined && seconds > now.getTime() / 1000 + clockSkewSeconds;
  return isAhead ? refuse({ kind: "request-malformed" }) : seconds;
}
