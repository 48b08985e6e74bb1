/**
 * Continuous access evaluation: which tokens live long because they are looked after, and what ends them before their time.
 *
 * A client that can handle a claims challenge says so (`xms_cc` with `cp1`). For resources that take part it gets a token of 24 hours in place of
 * one, and pays with this: the resource server asks the directory at every call, and answers a token older than a revocation with a challenge.
 * Worked example: a person's token for Resource Manager was issued at 12:00:00.250; at 12:05 the password is changed; at 12:05:01 the token is
 * answered 401 with `claims` that ask for `nbf` of 12:05:00 or later, which only a new sign-in can give.
 *
 * Owns: who takes part, the lifetime, the events, the form of the challenge. May use: the read model. Pure.
 * @see https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation
 * @see https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation-workload
 * @see https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
import type { ReadModel } from "../state/read-model.ts";
import { type Resource, resourceKindOf } from "./audiences.ts";
import { readMomentOfIssue } from "./marks.ts";
import type { TokenFault, VerifiedToken } from "./token.ts";

/** Life of such a token, in seconds: Entra's is 20 to 28 hours for people, up to 24 for applications; exp - iat of 86,700 was seen. */
export const continuousLifetimeSeconds = 86_400;

/** The one client capability there is: can handle a claims challenge. Compared without case, issued so. */
export const challengeCapability = "CP1";

/** What the `claims` parameter of a request asks for. */
export type ClaimsRequest = {
  /** The client declares {@link challengeCapability}. */
  readonly canHandleChallenge: boolean;
  /** The token must not be older than this, in seconds since 1970. */
  readonly notBefore: number | undefined;
};

export const noClaimsRequested: ClaimsRequest = { canHandleChallenge: false, notBefore: undefined };

/** Whether a resource takes part: Resource Manager and Graph for people, Graph alone for applications. */
export function isContinuous(kind: Resource["kind"], subject: "app" | "user"): boolean {
  switch (kind) {
    case "graph":
      return true;
    case "arm":
    case "own-origin":
      return subject === "user";
    case "storage":
    case "iam":
    case "token-exchange":
    case "application":
      return false;
  }
}

/** Whether tokens for a resource say what the client can handle: Microsoft's own do, an application's when it asks for that optional claim. */
export function showsCapabilities(model: ReadModel, { kind, appId }: Resource): boolean {
  if (kind !== "application") return true;
  const asked = model.applications.findOne("appId", appId)?.optionalClaims?.accessToken ?? [];
  return asked.some(({ name }) => name === "xms_cc");
}

/** Whether a token was issued as a long-lived one. */
export function isContinuousToken(claims: Readonly<Record<string, unknown>>, kind: "app" | "user"): boolean {
  const { xms_cc: capabilities, aud } = claims;
  if (!Array.isArray(capabilities) || !capabilities.includes(challengeCapability)) return false;
  const resource = typeof aud === "string" ? resourceKindOf(aud) : undefined;
  return resource !== undefined && isContinuous(resource, kind);
}

/**
 * Judges a long-lived token against what has happened since it was issued: the person was deleted or disabled, the password was changed or
 * reset, the sessions were revoked; the sign-in it comes from ended, because a code or refresh token of it was used twice; the service
 * principal was deleted or disabled.
 * @returns undefined while it holds.
 */
export function findRevocation(token: VerifiedToken, model: ReadModel, now: Date): TokenFault | undefined {
  const nowSeconds = Math.floor(now.getTime() / 1000);
  const revokedAt = (seconds: number): TokenFault => ({ kind: "token-revoked", requiredNotBefore: seconds });
  if (token.kind === "app") {
    const principal = model.servicePrincipals.get(token.principalId);
    return principal?.accountEnabled === true ? undefined : revokedAt(nowSeconds);
  }
  const user = model.users.get(token.principalId);
  if (user?.accountEnabled !== true) return revokedAt(nowSeconds);
  const { sid } = token.claims;
  if (typeof sid === "string" && model.refreshTokenFamilies.get(sid)?.isRevoked === true) return revokedAt(nowSeconds);
  const validFromMs = Date.parse(user.signInSessionsValidFromDateTime);
  const issuedAtMs = readMomentOfIssue(token.claims.rh);
  const isOlder = issuedAtMs === undefined || issuedAtMs < validFromMs;
  return isOlder ? revokedAt(Math.floor(validFromMs / 1000)) : undefined;
}

/**
 * The `claims` of a challenge, in the spelling Azure's have: base64 of JSON.
 * @param requiredNotBefore seconds since 1970.
 */
export function encodeChallenge(requiredNotBefore: number): string {
  const claims = `{"access_token":{"nbf":{"essential":true, "value":"${requiredNotBefore}"}}}`;
  return Buffer.from(claims).toString("base64");
}
