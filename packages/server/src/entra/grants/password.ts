/**
 * The password grant: a client signs a person in with name and password it was given.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc
 */
import { verifyPassword } from "../../directory/passwords.ts";
import { authenticateClient } from "../client.ts";
import { refuse } from "../fault.ts";
import { need } from "../form.ts";
import { issueForPerson, platformOf } from "../person-grant.ts";
import type { Grant } from "../token-request.ts";

export const passwordGrant: Grant = {
  grantType: "password",
  needsTenant: true,
  async issue(request) {
    const { visit, form, client, claim, attempt } = request;
    const { model } = visit.cloud;
    const username = need(form, "username");
    const password = need(form, "password");
    const proof = authenticateClient(visit, client, claim, this.grantType);
    const user = model.users.findOne("userPrincipalName", username.toLowerCase());
    if (user !== undefined) {
      attempt.principalId = user.id;
      attempt.userPrincipalName = user.userPrincipalName;
    }
    // Both refusals come after the slow hash: an unknown name takes as long as a wrong password.
    const isRight = await verifyPassword(password, user?.passwordHash);
    if (user === undefined) return refuse({ kind: "user-unknown", tenantId: model.tenant.tenantId });
    if (!isRight) refuse({ kind: "password-wrong" });
    // The row may have changed while the hash was computed.
    const current = model.users.get(user.id);
    if (current?.passwordHash !== user.passwordHash) refuse({ kind: "password-wrong" });
    if (!current.accountEnabled) refuse({ kind: "user-disabled" });
    const signedInAtMs = visit.now.getTime();
    return issueForPerson(request, { user: current, proof, platform: platformOf(proof), origin: "", signedInAtMs });
  },
};
