/**
 * The password grant: a client signs a person in with name and password it was given.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc
 */
import { authenticateClient } from "../client.ts";
import { need } from "../form.ts";
import { issueForPerson, platformOf } from "../person-grant.ts";
import { checkNameAndPassword } from "../sign-in/password-check.ts";
import type { Grant } from "../token-request.ts";

export const passwordGrant: Grant = {
  grantType: "password",
  needsTenant: true,
  async issue(request) {
    const { visit, form, client, claim, attempt } = request;
    const username = need(form, "username");
    const password = need(form, "password");
    const proof = authenticateClient(visit, client, claim, this.grantType, attempt);
    const user = await checkNameAndPassword(visit, username, password, attempt);
    const signedInAtMs = visit.now.getTime();
    return issueForPerson(request, { user, proof, platform: platformOf(proof), origin: "", signedInAtMs });
  },
};
