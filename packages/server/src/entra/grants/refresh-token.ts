/**
 * The refresh_token grant: a client comes back for a new access token, for the same or another resource.
 *
 * A token serves again until it expires or its person's sessions are revoked. Rotation with detection of reuse belongs in `judge`:
 * the token's `familyId` is kept through every renewal for it.
 * @see https://learn.microsoft.com/entra/identity-platform/refresh-tokens
 */
import type { User } from "../../state/entities.ts";
import { firstPartyClients } from "../../tokens/delegated-permissions.ts";
import { type RefreshGrant, refreshTokenLifetimeSeconds } from "../../tokens/refresh-token.ts";
import { authenticateClient } from "../client.ts";
import { refuse } from "../fault.ts";
import { need } from "../form.ts";
import { issueForPerson } from "../person-grant.ts";
import type { Grant, TokenRequest } from "../token-request.ts";

export const refreshTokenGrant: Grant = {
  grantType: "refresh_token",
  needsTenant: false,
  async issue(request) {
    const { visit, form, client, claim } = request;
    const token = need(form, "refresh_token");
    const proof = authenticateClient(visit, client, claim, this.grantType);
    const grant = visit.cloud.tokens.refreshTokens.open(token);
    if (grant === undefined) return refuse({ kind: "refresh-token-invalid" });
    return issueForPerson(request, { user: judge(request, grant), proof, familyId: grant.familyId });
  },
};

/** Judges an authentic token: its client, its age, and its person. */
function judge({ visit, client, tenantName, attempt }: TokenRequest, grant: RefreshGrant): User {
  const { model } = visit.cloud;
  // Microsoft's own clients share theirs (`foci`).
  const isOfFamily = client.isFirstParty && firstPartyClients.has(grant.clientId);
  if (grant.clientId !== client.appId && !isOfFamily) refuse({ kind: "refresh-token-invalid" });
  if (tenantName.kind === "consumers") refuse({ kind: "refresh-token-invalid" });
  const issued = new Date(grant.issuedAtMs);
  const ageSeconds = (visit.now.getTime() - grant.issuedAtMs) / 1000;
  if (ageSeconds >= refreshTokenLifetimeSeconds) refuse({ kind: "refresh-token-expired", issued });
  const user = model.users.get(grant.userId);
  if (user === undefined) return refuse({ kind: "user-unknown", tenantId: model.tenant.tenantId });
  attempt.principalId = user.id;
  attempt.userPrincipalName = user.userPrincipalName;
  if (!user.accountEnabled) refuse({ kind: "user-disabled" });
  const validFrom = new Date(user.signInSessionsValidFromDateTime);
  if (issued < validFrom) refuse({ kind: "refresh-token-revoked", issued, validFrom });
  return user;
}
