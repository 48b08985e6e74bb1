/**
 * The authorization_code grant: a client redeems the code that the person's browser brought it.
 *
 * A code serves once, for ten minutes, for the client, the redirect URI and the proof key it was issued to. Who redeems it a second time with
 * all that right is the client itself or has taken everything from it: what the first time gave ends (RFC 6749 section 4.1.2).
 * Spec: RFC 7636 section 4.6; https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#redeem-a-code-for-an-access-token
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { startFamily } from "../../directory/refresh-token-family.ts";
import type { User } from "../../state/entities.ts";
import {
  authorizationCodeLifetimeSeconds,
  type CodeChallenge,
  type CodeGrant,
} from "../../tokens/authorization-code.ts";
import { authenticateClient } from "../client.ts";
import { checkOrigin } from "../cross-origin.ts";
import { refuse } from "../fault.ts";
import { need } from "../form.ts";
import { actorOf, issueForPerson, refreshTokenEnd } from "../person-grant.ts";
import { areScopesWellFormed } from "../requested-resource.ts";
import { formOf } from "../sign-in/flow.ts";
import type { Grant, TokenRequest } from "../token-request.ts";

export const authorizationCodeGrant: Grant = {
  grantType: "authorization_code",
  needsTenant: false,
  async issue(request) {
    const { visit, form, client, claim } = request;
    const text = need(form, "code");
    const code = visit.cloud.tokens.codes.open(text);
    // Redeemed as it was issued: to a page or a program that has no secret, or to a server that must show it.
    const isOwn = code?.clientId === client.appId;
    const isPublic = isOwn ? code.platform !== "web" : client.isPublic;
    const proof = authenticateClient(visit, { ...client, isPublic }, claim, this.grantType, request.attempt);
    if (code === undefined || !isOwn) return refuse({ kind: "code-invalid", parameter: "code" });
    judgeRequest(request, code);
    const user = judgePerson(request, code);
    await spend(request, code, user);
    const { platform, origin, signedInAtMs, sid } = code;
    const nonce = code.nonce ?? undefined;
    const descent = { familyId: code.codeId, generation: 0 };
    const withScope = { ...request, form: new Map([...formOf(code), ...form]) };
    return issueForPerson(withScope, { user, proof, descent, platform, origin, signedInAtMs, nonce, sid });
  },
};

/** Everything that can be wrong without the code being spent by it. */
function judgeRequest({ visit, form, tenantName }: TokenRequest, code: CodeGrant): void {
  if (tenantName.kind === "consumers") refuse({ kind: "code-of-other-tenant" });
  const ageSeconds = (visit.now.getTime() - code.issuedAtMs) / 1000;
  if (ageSeconds >= authorizationCodeLifetimeSeconds) refuse({ kind: "code-expired" });
  if (code.redirectUri !== null) {
    const given = need(form, "redirect_uri");
    if (given !== code.redirectUri) refuse({ kind: "redirect-differs", given, asked: code.redirectUri });
  }
  checkOrigin(visit, code.platform, code.origin);
  if (code.platform === "spa" && code.challenge === null) refuse({ kind: "verifier-needed" });
  if (!isProof(form.get("code_verifier"), code.challenge)) refuse({ kind: "verifier-mismatch" });
  const scope = form.get("scope");
  if (scope?.trim() === "") refuse({ kind: "code-scope-empty" });
  if (scope !== undefined && !areScopesWellFormed(scope)) refuse({ kind: "code-scope-invalid", scope });
}

/** RFC 7636 section 4.1. */
const verifierPattern = /^[A-Za-z0-9\-._~]{43,128}$/;

/** A verifier where none was announced is refused, too: somebody took the challenge out of the request on its way (RFC 9700 section 2.1.1). */
function isProof(verifier: string | undefined, challenge: CodeChallenge | null): boolean {
  if (challenge === null) return verifier === undefined;
  if (verifier === undefined || !verifierPattern.test(verifier)) return false;
  const shown = challenge.method === "S256" ? createHash("sha256").update(verifier).digest("base64url") : verifier;
  const [left, right] = [Buffer.from(shown), Buffer.from(challenge.value)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function judgePerson({ visit, attempt }: TokenRequest, code: CodeGrant): User {
  const { model } = visit.cloud;
  const user = model.users.get(code.userId);
  if (user === undefined) return refuse({ kind: "user-unknown", tenantId: model.tenant.tenantId });
  attempt.principalId = user.id;
  attempt.userPrincipalName = user.userPrincipalName;
  if (!user.accountEnabled) refuse({ kind: "user-disabled" });
  const issued = new Date(code.issuedAtMs);
  const validFrom = new Date(user.signInSessionsValidFromDateTime);
  if (issued < validFrom) refuse({ kind: "refresh-token-revoked", issued, validFrom });
  return user;
}

/** @throws EntraRefusal `code-redeemed` when it was redeemed before; its refresh tokens are void from then on. */
async function spend({ visit, client }: TokenRequest, code: CodeGrant, user: User): Promise<void> {
  const { now, cloud } = visit;
  const start = {
    familyId: code.codeId,
    userId: user.id,
    clientId: client.appId,
    now,
    expires: refreshTokenEnd(now, code.platform, code.signedInAtMs),
  };
  const isFirst = await cloud.store.change(actorOf(user), "Redeem code", (model) => startFamily(model, start));
  if (!isFirst) refuse({ kind: "code-redeemed" });
}
