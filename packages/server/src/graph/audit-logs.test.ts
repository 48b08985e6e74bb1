/** The sign-in log and the audit log: what is in them, how they are asked, who may read them, and what is never in them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { maxRecords, type SignInRecord } from "../observe/records.ts";
import { directoryRoleTemplateIds as roles } from "../state/first-party.ts";
import { TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
let app: { id: string; appId: string; servicePrincipalId: string };
before(async () => {
  graph = await TrialGraph.start();
  graph.addCaller("auditor", { scopes: ["AuditLog.Read.All"] });
  app = await graph.addApp("audited");
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

const ask = (path: string, as = "auditor") => graph.ask(`/auditLogs${path}`, { as });
const signIns = async (query: string): Promise<string[]> => {
  const { status, body, text } = await ask(`/signIns?${query}`);
  assert.equal(status, 200, text);
  return body.value.map((row: { id: string }) => row.id);
};
const idOf = (index: number) => `66666666-0000-4000-8000-${String(index).padStart(12, "0")}`;
const record = (index: number, more: Partial<SignInRecord> = {}) =>
  graph.cloud.recorder.recordSignIn({
    time: new Date(Date.UTC(2026, 2, 1, 12, 0, index)).toISOString(),
    requestId: idOf(index),
    correlationId: idOf(900 + index),
    appId: app.appId,
    principalId: app.servicePrincipalId,
    userPrincipalName: "",
    resource: "https://graph.microsoft.com",
    grant: "client_credentials",
    credentialKeyId: "",
    errorCode: 0,
    ...more,
  });

test("sign-ins say who, to what, by which app, and how it ended", async () => {
  const user = graph.directory.operatorUser;
  const person = { principalId: user.id, userPrincipalName: user.userPrincipalName, grant: "password" };
  record(1);
  record(2, person);
  record(3, { ...person, errorCode: 50126 });
  record(4, { errorCode: 7000215, principalId: "" });
  record(5, { grant: "managed_identity" });
  record(6, { ...person, grant: "refresh_token", resource: "https://management.azure.com/" });
  const { body } = await ask("/signIns");
  assert.equal(body["@odata.context"], "https://graph.microsoft.com/v1.0/$metadata#auditLogs/signIns");
  assert.deepEqual(
    body.value.map((row: { id: string }) => row.id),
    [6, 5, 4, 3, 2, 1].map(idOf),
    "newest first",
  );
  const byId = new Map<string, Record<string, unknown>>(body.value.map((row: { id: string }) => [row.id, row]));
  const shown = (index: number, ...names: string[]) => names.map((name) => byId.get(idOf(index))![name]);
  assert.deepEqual(
    shown(1, "appId", "appDisplayName", "servicePrincipalId", "userId", "resourceDisplayName", "signInEventTypes"),
    [app.appId, "audited", app.servicePrincipalId, null, "Microsoft Graph", ["servicePrincipal"]],
  );
  assert.deepEqual(
    shown(
      2,
      "userId",
      "userPrincipalName",
      "userDisplayName",
      "servicePrincipalId",
      "isInteractive",
      "signInEventTypes",
    ),
    [user.id, user.userPrincipalName, user.displayName, null, true, ["interactiveUser"]],
  );
  assert.deepEqual(
    shown(4, "servicePrincipalId", "servicePrincipalName", "userId"),
    [app.servicePrincipalId, "audited", null],
    "whom a wrong secret was tried on",
  );
  assert.deepEqual(byId.get(idOf(3))!.status, {
    errorCode: 50126,
    failureReason: "AADSTS50126",
    additionalDetails: null,
  });
  assert.deepEqual(shown(5, "signInEventTypes"), [["managedIdentity"]]);
  assert.deepEqual(shown(6, "resourceDisplayName", "isInteractive"), ["Windows Azure Service Management API", false]);
  const one = await ask(`/signIns/${idOf(3).toUpperCase()}`);
  assert.equal(one.body.createdDateTime, "2026-03-01T12:00:03.000Z");
  assert.equal((await ask(`/signIns/${idOf(99)}`)).status, 404);
});

test("sign-ins are found by person, app, time and outcome", async () => {
  assert.deepEqual(await signIns(`$filter=appId eq '${app.appId}' and status/errorCode eq 0&$top=2`), [6, 5].map(idOf));
  assert.deepEqual(await signIns("$filter=status/errorCode ne 0"), [4, 3].map(idOf));
  assert.deepEqual(
    await signIns("$filter=userPrincipalName eq 'OPERATOR@postern.onmicrosoft.com'"),
    [6, 3, 2].map(idOf),
  );
  assert.deepEqual(
    await signIns("$filter=startswith(userPrincipalName,'oper') and isInteractive eq true"),
    [3, 2].map(idOf),
  );
  const time = "$filter=createdDateTime ge 2026-03-01T12:00:02Z and createdDateTime le 2026-03-01T12:00:03Z";
  assert.deepEqual(await signIns(time), [3, 2].map(idOf));
  assert.deepEqual(await signIns("$filter=signInEventTypes/any(t:t eq 'servicePrincipal')"), [4, 1].map(idOf));
  assert.deepEqual(await signIns("$orderby=createdDateTime&$top=1"), [idOf(1)]);
  for (const filter of ["status/errorCode eq 'x'", "status eq 0", "colour eq 'x'", "contains(appDisplayName,'x')"])
    assert.equal((await ask(`/signIns?$filter=${filter}`)).status, 400, filter);
});

test("sign-ins come by pages, and the log is bounded", async () => {
  const seen: string[] = [];
  for (let next = "/v1.0/auditLogs/signIns?$top=4&$select=id"; ; ) {
    const { body } = await graph.ask(next, { as: "auditor" });
    seen.push(...body.value.map((row: { id: string }) => row.id));
    const link: string | undefined = body["@odata.nextLink"];
    if (link === undefined) break;
    next = link.slice("https://graph.microsoft.com".length);
  }
  assert.deepEqual(seen, [6, 5, 4, 3, 2, 1].map(idOf));
  for (let index = 1_000; index < 1_000 + maxRecords; index++) record(index);
  assert.equal((await ask(`/signIns/${idOf(6)}`)).status, 404);
  assert.equal(graph.cloud.recorder.signIns().length, maxRecords);
});

test("only auditors read the logs", async () => {
  await graph.addUser("member");
  graph.addCaller("member-with-scope", {
    principalId: graph.cloud.model.users.findOne("userPrincipalName", "member@postern.onmicrosoft.com")!.id,
    scopes: ["AuditLog.Read.All", "Directory.AccessAsUser.All"],
  });
  const [first] = (await ask("/directoryAudits?$top=1")).body.value;
  for (const path of ["/signIns", "/directoryAudits", `/directoryAudits/${first.id}`, "/signIns/x"]) {
    for (const as of ["member-with-scope", "audited", "operator"])
      assert.equal((await ask(path, as)).status, 403, `${as} ${path}`);
    assert.equal((await ask(path, "")).status, 401);
  }
  graph.addCaller("audit-app", {
    kind: "app",
    principalId: app.servicePrincipalId as never,
    roles: ["AuditLog.Read.All"],
  });
  assert.equal((await ask("/signIns?$top=1", "audit-app")).status, 200);
  const principalId = graph.cloud.model.users.findOne("userPrincipalName", "member@postern.onmicrosoft.com")!.id;
  await graph.ask("/roleManagement/directory/roleAssignments", {
    body: { principalId, roleDefinitionId: roles.reportsReader, directoryScopeId: "/" },
  });
  assert.equal((await ask("/directoryAudits", "member-with-scope")).status, 200);
});

test("audits say who did what to whom, newest first", async () => {
  const user = await graph.addUser("subject");
  const body = { displayName: "team", mailNickname: "team", mailEnabled: false, securityEnabled: true };
  const { id: group } = (await graph.ask("/groups", { body })).body;
  await graph.ask(`/groups/${group}/members/$ref`, {
    body: { "@odata.id": `https://graph.microsoft.com/v1.0/users/${user}` },
  });
  await graph.ask(`/users/${user}`, { method: "DELETE", as: "operator-app" });
  const { value } = (await ask("/directoryAudits?$top=4")).body;
  assert.deepEqual(
    value.map((row: { activityDisplayName: string }) => row.activityDisplayName),
    ["Delete user", "Add member to group", "Create group", "Create user"],
  );
  const [deleted, added] = value;
  assert.deepEqual(deleted.initiatedBy.app.servicePrincipalId, graph.directory.operatorServicePrincipal.id);
  assert.equal(deleted.operationType, "Delete");
  assert.deepEqual(added.initiatedBy.user.userPrincipalName, "operator@postern.onmicrosoft.com");
  assert.deepEqual(
    added.targetResources.map(({ id, type, displayName }: Record<string, string>) => [id, type, displayName]),
    [
      [group, "Group", "team"],
      [user, "User", "subject"],
    ],
  );
  assert.equal(added.category, "GroupManagement");
  assert.deepEqual((await ask(`/directoryAudits/${added.id}`)).body.activityDateTime, added.activityDateTime);
  for (const id of [
    "x",
    `${added.id}9999`,
    added.id.replace(/.$/, "x"),
    "Directory_00000000-0000-4000-8000-000000000000_1",
  ])
    assert.equal((await ask(`/directoryAudits/${id}`)).status, 404, id);
  const find = async (filter: string) =>
    (await ask(`/directoryAudits?$filter=${filter}&$top=1`)).body.value.map((row: { id: string }) => row.id);
  assert.deepEqual(await find("activityDisplayName eq 'Delete user'"), [deleted.id]);
  assert.deepEqual(await find(`targetResources/any(t:t/id eq '${group}') and startswith(activityDisplayName,'Add')`), [
    added.id,
  ]);
  assert.deepEqual(await find(`initiatedBy/app/appId eq '${graph.directory.operatorApplication.appId}'`), [deleted.id]);
  assert.deepEqual(await find("activityDateTime ge 2027-01-01"), []);
});

test("the whole audit log is read page by page, to its beginning", async () => {
  const seen: string[] = [];
  for (let next = "/v1.0/auditLogs/directoryAudits?$top=7"; ; ) {
    const { status, body, text } = await graph.ask(next, { as: "auditor" });
    assert.equal(status, 200, text);
    seen.push(...body.value.map((row: { id: string }) => row.id));
    const link: string | undefined = body["@odata.nextLink"];
    if (link === undefined) break;
    next = link.slice("https://graph.microsoft.com".length);
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.equal(seen.at(-1)?.split("_").at(-1), "1");
  const forged = await ask("/directoryAudits?$skiptoken=WyIxIixudWxsXQ.x");
  assert.deepEqual([forged.status, forged.body.error.message], [400, "The skip token is invalid."]);
});

test("a filter that matches nothing costs a stretch of the log, not all of it", async () => {
  const touch = Array.from({ length: 5_200 }, () =>
    graph.cloud.store.change({ principalId: "x", displayName: "x" }, "Touch", (model) => ({
      changes: [{ kind: "tenant", op: "put", row: model.tenant } as never],
      result: undefined,
    })),
  );
  await Promise.all(touch);
  const first = await ask("/directoryAudits?$filter=activityDisplayName eq 'Delete user'");
  assert.deepEqual(first.body.value, []);
  const second = await graph.ask(first.body["@odata.nextLink"].slice("https://graph.microsoft.com".length), {
    as: "auditor",
  });
  assert.equal(second.body.value.length, 1);
  assert.equal(second.body["@odata.nextLink"], undefined);
});

test("neither secrets, nor passwords, nor their hashes are in the audit log", async () => {
  const { secretText } = (await graph.ask(`/applications/${app.id}/addPassword`, { body: {} })).body;
  const user = await graph.addUser("secretive");
  await graph.ask(`/users/${user}`, { method: "PATCH", body: { passwordProfile: { password: "Another-Horse-8" } } });
  const text = (await ask("/directoryAudits?$top=20")).text;
  const { passwordHash } = graph.cloud.model.users.get(user)!;
  const [{ secretHash } = { secretHash: "none" }] = graph.cloud.model.applications.get(app.id)!.passwordCredentials;
  for (const secret of [secretText, "Another-Horse-8", passwordHash, secretHash, "secretHash", "passwordHash"])
    assert.equal(text.includes(secret), false, secret);
  assert.match(text, /Add password to application/);
});
