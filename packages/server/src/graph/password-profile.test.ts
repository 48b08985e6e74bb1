/** passwordProfile: who may set it, what it says afterwards, and what ends it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { directoryRoleTemplateIds as roles } from "../state/first-party.ts";
import { TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
before(async () => {
  graph = await TrialGraph.start();
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

const forced = (id: string) => graph.cloud.model.users.get(id)!.forceChangePasswordNextSignIn;
const patch = (id: string, passwordProfile: object, as = "operator") =>
  graph.ask(`/users/${id}`, { as, method: "PATCH", body: { passwordProfile } });
const newUser = (name: string, passwordProfile: object) =>
  graph.ask("/users", {
    body: {
      accountEnabled: true,
      displayName: name,
      mailNickname: name,
      userPrincipalName: `${name}@postern.test`,
      passwordProfile,
    },
  });

test("a password can be made one that must be changed: with the user, later, with a new one or alone", async () => {
  const password = "Correct-Horse-9";
  const { status, body } = await newUser("forced", { password, forceChangePasswordNextSignIn: true });
  assert.equal(status, 201);
  assert.equal(forced(body.id), true);
  const shown = await graph.ask(`/users/${body.id}?$select=passwordProfile`);
  assert.deepEqual(shown.body.passwordProfile, {
    password: null,
    forceChangePasswordNextSignIn: true,
    forceChangePasswordNextSignInWithMfa: false,
  });
  assert.equal((await graph.ask(`/users/${body.id}`)).body.passwordProfile, undefined, "only when it is asked for");
  assert.equal((await patch(body.id, { password: "Another-Horse-8" })).status, 204);
  assert.equal(forced(body.id), false, "a new password about which nothing is said");
  const { signInSessionsValidFromDateTime } = graph.cloud.model.users.get(body.id)!;
  assert.equal((await patch(body.id, { forceChangePasswordNextSignIn: true })).status, 204);
  assert.equal(forced(body.id), true);
  const after = graph.cloud.model.users.get(body.id)!;
  assert.equal(after.signInSessionsValidFromDateTime, signInSessionsValidFromDateTime, "it is about the next sign-in");
  assert.equal((await patch(body.id, { forceChangePasswordNextSignIn: false })).status, 204);
  assert.equal(forced(body.id), false);
});

test("a person who changes it by themselves need not change it again", async () => {
  const id = await graph.addUser("own");
  await patch(id, { forceChangePasswordNextSignIn: true });
  const body = { currentPassword: "Correct-Horse-9", newPassword: "Another-Horse-8" };
  assert.equal((await graph.ask("/me/changePassword", { as: "own", body })).status, 204);
  assert.equal(forced(id), false);
});

test("what is no truth value is refused, and so is a second factor that nobody could ask for", async () => {
  const id = await graph.addUser("values");
  for (const [profile, status] of [
    [{ forceChangePasswordNextSignIn: "yes" }, 400],
    [{ forceChangePasswordNextSignIn: null }, 400],
    [{ forceChangePasswordNextSignInWithMfa: true }, 501],
  ] as const) {
    const answer = await patch(id, profile);
    assert.equal(answer.status, status, answer.text);
  }
  assert.equal(forced(id), false);
});

test("who may not reset a password may not have it changed either", async () => {
  const id = await graph.addUser("guarded");
  const assign = (principalId: string, roleDefinitionId: string) =>
    graph.ask("/roleManagement/directory/roleAssignments", {
      body: { principalId, roleDefinitionId, directoryScopeId: "/" },
    });
  await assign(id, roles.globalAdministrator);
  await assign(await graph.addUser("helpdesk"), roles.helpdeskAdministrator);
  await graph.addUser("stranger");
  for (const as of ["helpdesk", "stranger"]) {
    const answer = await patch(id, { forceChangePasswordNextSignIn: true }, as);
    assert.deepEqual([answer.status, answer.body.error.code], [403, "Authorization_RequestDenied"], as);
  }
  assert.equal(forced(id), false);
  const other = await graph.addUser("unguarded");
  assert.equal((await patch(other, { forceChangePasswordNextSignIn: true }, "helpdesk")).status, 204);
});
