/** Users: every property that is kept, passwords and sessions, managers, and who may do what to whom. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { directoryRoleTemplateIds as roles } from "../state/first-party.ts";
import { assertError, TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
before(async () => {
  graph = await TrialGraph.start();
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

const ref = (id: string) => ({ "@odata.id": `https://graph.microsoft.com/v1.0/users/${id}` });
const patch = (id: string, body: unknown, as = "operator") => graph.ask(`/users/${id}`, { as, method: "PATCH", body });

/** A person who holds a directory role. */
async function addAdministrator(name: string, roleDefinitionId: string): Promise<string> {
  const principalId = await graph.addUser(name);
  const body = { principalId, roleDefinitionId, directoryScopeId: "/" };
  const made = await graph.ask("/roleManagement/directory/roleAssignments", { body });
  assert.equal(made.status, 201, made.text);
  return principalId;
}

const profile = {
  ageGroup: "Adult",
  businessPhones: ["+44 1"],
  city: "London",
  companyName: "Analytical Engines",
  consentProvidedForMinor: "NotRequired",
  country: "United Kingdom",
  department: "Notes",
  displayName: "Ada King",
  employeeHireDate: "1843-08-01T00:00:00Z",
  employeeId: "7",
  employeeType: "Author",
  faxNumber: "+44 2",
  givenName: "Ada",
  jobTitle: "Countess",
  mail: "ada@postern.test",
  mobilePhone: "+44 3",
  officeLocation: "1",
  onPremisesImmutableId: "immutable",
  otherMails: ["ada@example.org"],
  passwordPolicies: "DisablePasswordExpiration",
  postalCode: "W1",
  preferredLanguage: "en-GB",
  showInAddressList: true,
  state: "England",
  streetAddress: "12 St James's Square",
  surname: "King",
  usageLocation: "GB",
};

test("every property that is written is read back, found and taken back", async () => {
  const id = await graph.addUser("profiled");
  assert.equal((await patch(id, profile)).status, 204);
  const select = Object.keys(profile).join(",");
  const { "@odata.context": _, ...read } = (await graph.ask(`/users/${id}?$select=${select}`)).body;
  assert.deepEqual(read, profile);
  for (const filter of [
    "department eq 'notes'",
    "startswith(city,'lon')",
    "usageLocation eq 'GB'",
    "employeeId eq '7'",
    "companyName eq 'Analytical Engines'",
    "otherMails/any(m:endsWith(m,'@example.org'))",
    "showInAddressList eq true and employeeType ne null",
  ]) {
    const found = await graph.ask(`/users?$filter=${filter}&$count=true&$select=id`, {
      headers: { consistencylevel: "eventual" },
    });
    assert.deepEqual(found.body.value, [{ id }], `${filter}: ${found.text}`);
  }
  assert.equal((await patch(id, { city: null, usageLocation: null, otherMails: [] })).status, 204);
  const after = await graph.ask(`/users/${id}?$select=city,usageLocation,otherMails,country`);
  assert.deepEqual(
    [after.body.city, after.body.usageLocation, after.body.otherMails, after.body.country],
    [null, null, [], "United Kingdom"],
  );
});

const refused: readonly [string, unknown, number, RegExp][] = [
  ["a country of three letters", { usageLocation: "GBR" }, 400, /'usageLocation'/],
  ["an employee id of 17", { employeeId: "x".repeat(17) }, 400, /'employeeId'/],
  ["an age of one's own", { ageGroup: "Old" }, 400, /'ageGroup'/],
  ["an address that is none", { otherMails: ["nowhere"] }, 400, /'otherMails'/],
  ["251 addresses", { otherMails: Array(251).fill("a@b") }, 400, /'otherMails'/],
  ["a date that is none", { employeeHireDate: "soon" }, 400, /'employeeHireDate'/],
  ["a guest", { userType: "Guest" }, 501, /guests/],
  ["a kind of user of one's own", { userType: "Robot" }, 400, /'userType'/],
  ["weak passwords", { passwordPolicies: "DisableStrongPassword" }, 501, /DisableStrongPassword/],
  ["a license", { assignedLicenses: [{ skuId: "x" }] }, 501, /assignedLicenses/],
  ["a hash", { passwordHash: "x" }, 400, /Invalid property 'passwordHash'/],
  ["a manager as a property", { managerId: "x" }, 400, /Invalid property 'managerId'/],
];
for (const [name, body, status, message] of refused)
  test(`refuses ${name}`, async () => {
    const { revision } = graph.cloud.model;
    assertError(
      await patch(graph.directory.operatorUser.id, body),
      status,
      status === 501 ? "NotImplemented" : "Request_BadRequest",
      message,
    );
    assert.equal(graph.cloud.model.revision, revision);
  });

test("a person changes their own password, knowing the old one", async () => {
  const id = await graph.addUser("changer");
  const ask = (currentPassword: string, newPassword: string, path = "/me/changePassword", as = "changer") =>
    graph.ask(path, { as, body: { currentPassword, newPassword } });
  const before = graph.cloud.model.users.get(id)!;
  assertError(await ask("Wrong-Horse-1", "Another-Horse-8"), 400, "Request_BadRequest", /does not match/);
  assertError(await ask("Correct-Horse-9", "password"), 400, "Request_BadRequest", /complexity/);
  assertError(await ask("Correct-Horse-9", "Correct-Horse-9"), 400, "Request_BadRequest", /newPassword/);
  assert.equal(graph.cloud.model.users.get(id)!.passwordHash, before.passwordHash);
  assert.equal((await ask("Correct-Horse-9", "Another-Horse-8", `/users/${id}/changePassword`)).status, 204);
  assert.notEqual(graph.cloud.model.users.get(id)!.passwordHash, before.passwordHash);
  assertError(
    await ask("Correct-Horse-9", "Another-Horse-8", `/users/${graph.directory.operatorUser.id}/changePassword`),
    403,
    "Authorization_RequestDenied",
  );
  assertError(await ask("x", "y", "/me/changePassword", "operator-app"), 400, "BadRequest", /delegated/);
});

test("who holds a token but not the password has ten guesses", async () => {
  await graph.addUser("guessed");
  const guess = (currentPassword: string) =>
    graph.ask("/me/changePassword", { as: "guessed", body: { currentPassword, newPassword: "Another-Horse-8" } });
  const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => guess(`Wrong-Horse-${index}`)));
  for (const answer of answers) assertError(answer, 400, "Request_BadRequest", /does not match/);
  assertError(await guess("Correct-Horse-9"), 400, "Request_BadRequest", /does not match/);
});

test("sessions are ended by oneself and by administrators", async () => {
  const id = await graph.addUser("session");
  const context = "https://graph.microsoft.com/v1.0/$metadata#Edm.Boolean";
  const own = await graph.ask("/me/revokeSignInSessions", { as: "session", method: "POST" });
  assert.deepEqual([own.status, own.body], [200, { "@odata.context": context, value: true }]);
  assert.equal((await graph.ask(`/users/${id}/revokeSignInSessions`, { method: "POST" })).status, 200);
  const other = await graph.ask(`/users/${graph.directory.operatorUser.id}/revokeSignInSessions`, {
    as: "session",
    method: "POST",
  });
  assertError(other, 403, "Authorization_RequestDenied");
});

test("managers and reports", async () => {
  const [boss, one, two] = [await graph.addUser("boss"), await graph.addUser("one"), await graph.addUser("two")];
  for (const id of [one, two])
    assert.equal((await graph.ask(`/users/${id}/manager/$ref`, { method: "PUT", body: ref(boss) })).status, 204);
  const manager = await graph.ask(`/users/${one}/manager?$select=id`);
  assert.deepEqual(manager.body, {
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#directoryObjects/$entity",
    "@odata.type": "#microsoft.graph.user",
    id: boss,
  });
  const reports = await graph.ask("/me/directReports?$select=id", { as: "boss" });
  assert.deepEqual(
    reports.body.value.map((row: { id: string }) => row.id),
    [one, two].sort(),
  );
  const expanded = await graph.ask(`/users/${one}?$select=id&$expand=manager($select=id)`);
  assert.equal(expanded.body.manager.id, boss);
  assert.equal((await graph.ask(`/users/${boss}?$expand=manager`)).body.manager, null);
  assertError(await graph.ask("/me/manager", { as: "boss" }), 404, "Request_ResourceNotFound");
  assertError(
    await graph.ask(`/users/${one}/manager/$ref`, { method: "PUT", body: ref(one) }),
    400,
    "Request_BadRequest",
    /own manager/,
  );
  const nobody = ref("00000000-0000-4000-8000-00000000dead");
  assertError(
    await graph.ask(`/users/${one}/manager/$ref`, { method: "PUT", body: nobody }),
    404,
    "Request_ResourceNotFound",
  );
  assert.equal((await graph.ask(`/users/${one}/manager/$ref`, { method: "DELETE" })).status, 204);
  assertError(await graph.ask(`/users/${one}/manager/$ref`, { method: "DELETE" }), 404, "Request_ResourceNotFound");
  await graph.ask(`/users/${boss}`, { method: "DELETE" });
  assertError(await graph.ask(`/users/${two}/manager`), 404, "Request_ResourceNotFound");
});

test("a role that resets passwords does so for nobody who administers more", async () => {
  const reset = (id: string, as: string) => patch(id, { passwordProfile: { password: "Another-Horse-8" } }, as);
  await addAdministrator("helpdesk", roles.helpdeskAdministrator);
  await addAdministrator("user-admin", roles.userAdministrator);
  await addAdministrator("password-admin", roles.passwordAdministrator);
  const ids: Record<string, string> = {
    nobody: await graph.addUser("no-admin"),
    reader: await addAdministrator("a-reader", roles.directoryReaders),
    helpdesk: await addAdministrator("a-helpdesk", roles.helpdeskAdministrator),
    groups: await addAdministrator("a-groups", roles.groupsAdministrator),
    users: await addAdministrator("a-users", roles.userAdministrator),
    apps: await addAdministrator("an-apps", roles.applicationAdministrator),
    roles: await addAdministrator("a-roles", roles.privilegedRoleAdministrator),
    global: await addAdministrator("a-global", roles.globalAdministrator),
  };
  const mayReset: Readonly<Record<string, readonly string[]>> = {
    "password-admin": ["nobody", "reader"],
    helpdesk: ["nobody", "reader", "helpdesk"],
    "user-admin": ["nobody", "reader", "helpdesk", "groups", "users"],
    operator: Object.keys(ids),
    "no-admin": [],
  };
  for (const [as, targets] of Object.entries(mayReset)) {
    const allowed: string[] = [];
    for (const [name, id] of Object.entries(ids)) if ((await reset(id, as)).status === 204) allowed.push(name);
    assert.deepEqual(allowed, targets, as);
  }
});

test("what people sign in with is as protected as their password", async () => {
  const admin = await addAdministrator("guarded", roles.applicationAdministrator);
  await addAdministrator("other-user-admin", roles.userAdministrator);
  for (const body of [
    { mobilePhone: "+1" },
    { otherMails: ["x@y.test"] },
    { accountEnabled: false },
    { userPrincipalName: "taken-over@postern.test" },
    { businessPhones: [] },
    { onPremisesImmutableId: "x" },
    { jobTitle: "x", mobilePhone: null },
  ])
    assertError(await patch(admin, body, "other-user-admin"), 403, "Authorization_RequestDenied");
  assert.equal((await patch(admin, { jobTitle: "Clerk" }, "other-user-admin")).status, 204);
  const as = "other-user-admin";
  assertError(await graph.ask(`/users/${admin}`, { as, method: "DELETE" }), 403, "Authorization_RequestDenied");
  const revoke = await graph.ask(`/users/${admin}/revokeSignInSessions`, { as, method: "POST" });
  assertError(revoke, 403, "Authorization_RequestDenied");
  const { servicePrincipalId } = await graph.addApp("user-writer");
  graph.addCaller("user-writer", { kind: "app", principalId: servicePrincipalId, roles: ["User.ReadWrite.All"] });
  assertError(await patch(admin, { accountEnabled: false }, "user-writer"), 403, "Authorization_RequestDenied");
  assert.equal((await patch(await graph.addUser("unguarded"), { accountEnabled: false }, "user-writer")).status, 204);
});

test("a helpdesk resets passwords and nothing else", async () => {
  const id = await graph.addUser("caller");
  await addAdministrator("only-helpdesk", roles.helpdeskAdministrator);
  const password = { passwordProfile: { password: "Another-Horse-8" } };
  assert.equal((await patch(id, password, "only-helpdesk")).status, 204);
  for (const body of [{ ...password, jobTitle: "x" }, { jobTitle: "x" }, {}])
    assertError(await patch(id, body, "only-helpdesk"), 403, "Authorization_RequestDenied");
});
