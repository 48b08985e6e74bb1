/**
 * The refresh_token grant: a client comes back for a new access token, for the same or another resource.
 *
 * A public client's tokens rotate, and an older one that comes back ends the whole sign-in: the rule is directory/refresh-token-family.ts.
 * @see https://learn.microsoft.com/entra/identity-platform/refresh-tokens
 */
import { renewFamily } from "../../directory/refresh-token-family.ts";
import type { User } from "../../state/entities.ts";
import type { Guid } from "../../state/identifiers.ts";
import { firstPartyClients } from "../../tokens/delegated-permissions.ts";
import {
  type RefreshGrant,
  refreshTokenLifetimeSeconds,
  spaRefreshTokenLifetimeSeconds,
} from "../../tokens/refresh-token.ts";
import { authenticateClient } from "../client.ts";
import { checkOrigin } from "../cross-origin.ts";
import { refuse } from "../fault.ts";
import { need } from "../form.ts";
import { actorOf, issueForPerson, refreshTokenEnd } from "../person-grant.ts";
import type { Grant, TokenRequest } from "../token-request.ts";

export const refreshTokenGrant: Grant = {
  grantType: "refresh_token",
  needsTenant: false,
  async issue(request) {
    const { visit, form, client, claim } = request;
    const token = need(form, "refresh_token");
    const grant = visit.cloud.tokens.refreshTokens.open(token);
    // A token issued to a page or a program is used as it was issued: without a secret, whatever else the application has.
    const isOwn = grant?.clientId === client.appId;
    const isPublic = client.isPublic || (isOwn && grant.platform !== "web");
    const proof = authenticateClient(visit, { ...client, isPublic }, claim, this.grantType, request.attempt);
    if (grant === undefined) return refuse({ kind: "code-invalid", parameter: "refresh_token" });
    checkOrigin(visit, grant.platform, grant.origin);
    const user = judge(request, grant);
    const descent = { familyId: grant.familyId as Guid, generation: await renew(request, grant, user) };
    const { platform, origin, signedInAtMs, sid } = grant;
    return issueForPerson(request, { user, proof, descent, platform, origin, signedInAtMs, sid });
  },
};

/** Judges an authentic token: its client, its age, and its person. */
function judge({ visit, client, tenantName, attempt }: TokenRequest, grant: RefreshGrant): User {
  const { model } = visit.cloud;
  const refuseToken = () => refuse({ kind: "code-invalid", parameter: "refresh_token" });
  // Microsoft's own clients share theirs (`foci`).
  const isOfFamily = client.isFirstParty && firstPartyClients.has(grant.clientId);
  if (grant.clientId !== client.appId && !isOfFamily) refuseToken();
  if (tenantName.kind === "consumers") refuseToken();
  checkAge(visit.now, grant);
  const user = model.users.get(grant.userId);
  if (user === undefined) return refuse({ kind: "user-unknown", tenantId: model.tenant.tenantId });
  attempt.principalId = user.id;
  attempt.userPrincipalName = user.userPrincipalName;
  if (!user.accountEnabled) refuse({ kind: "user-disabled" });
  const issued = new Date(grant.issuedAtMs);
  const validFrom = new Date(user.signInSessionsValidFromDateTime);
  if (issued < validFrom) refuse({ kind: "refresh-token-revoked", issued, validFrom });
  return user;
}

function checkAge(now: Date, { issuedAtMs, signedInAtMs, platform }: RefreshGrant): void {
  const secondsSince = (timeMs: number) => (now.getTime() - timeMs) / 1000;
  const issued = new Date(issuedAtMs);
  if (platform === "spa" && secondsSince(signedInAtMs) >= spaRefreshTokenLifetimeSeconds) {
    refuse({ kind: "spa-refresh-token-expired", issued });
  }
  if (secondsSince(issuedAtMs) >= refreshTokenLifetimeSeconds) refuse({ kind: "refresh-token-expired", issued });
}

/** @returns the generation of the token to issue. */
async function renew({ visit, client }: TokenRequest, grant: RefreshGrant, user: User): Promise<number> {
  const { now, cloud } = visit;
  const renewal = {
    familyId: grant.familyId as Guid,
    clientId: client.appId,
    issuedTo: grant.clientId,
    generation: grant.generation,
    isRotating: grant.platform !== "web",
    now,
    expires: refreshTokenEnd(now, grant.platform, grant.signedInAtMs),
  };
  const outcome = await cloud.store.change(actorOf(user), "Renew sign-in", (model) => renewFamily(model, renewal));
  switch (outcome.kind) {
    case "renewed":
      return outcome.generation;
    case "unknown":
      return refuse({ kind: "code-invalid", parameter: "refresh_token" });
    case "revoked":
    case "reused":
      return refuse({ kind: "grant-revoked" });
  }
}
