import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { roles, startTrialCloud, type TrialCloud, trial } from "./trial-cloud.ts";

const sub = `/subscriptions/${trial.subscriptionId}`;
const rg = `${sub}/resourceGroups/rg1`;
const everyone = "00000000-0000-0000-0000-000000000000";
const stranger = "dddddddd-1111-4111-8111-111111111111";
const undashed = (id: string) => id.replaceAll("-", "");

describe("deny assignments", () => {
  let arm: TrialCloud;
  let names = 0;

  before(async () => {
    arm = await startTrialCloud();
    for (const group of ["rg1", "rg10"]) {
      const target = `${sub}/resourcegroups/${group}?api-version=2022-09-01`;
      assert.equal((await arm.send("PUT", target, { body: { location: "westeurope" } })).status, 201);
    }
    await arm.assign(trial.app, roles.owner, sub);
  });
  after(() => arm.close());

  const nextName = () => `ffffffff-0000-4000-8000-${String(++names).padStart(12, "0")}`;
  const at = (name: string, scope = rg, query = "api-version=2024-07-01-preview") =>
    `${scope}/providers/Microsoft.Authorization/denyAssignments${name === "" ? "" : `/${name}`}?${query}`;
  const body = (over: Record<string, unknown> = {}) => ({
    properties: {
      denyAssignmentName: `deny ${names}`,
      permissions: [{ actions: ["Microsoft.Resources/subscriptions/resourceGroups/write"] }],
      principals: [{ id: trial.app, type: "ServicePrincipal" }],
      ...over,
    },
  });
  const write = (group = rg) =>
    arm.send("PUT", `${group}?api-version=2022-09-01`, { as: trial.app, body: { location: "westeurope" } });
  const namesListed = async (query: string, scope = rg): Promise<string[]> => {
    const answer = await arm.send("GET", at("", scope, `api-version=2022-04-01&$filter=${encodeURIComponent(query)}`));
    assert.equal(answer.status, 200, answer.text);
    return answer.json.value.map(({ name }: { name: string }) => name);
  };

  it("are made, win over an Owner with Azure's words, are read, changed and deleted", async () => {
    const name = nextName();
    assert.equal((await write()).status, 200);
    const made = await arm.send("PUT", at(name), { body: body({ denyAssignmentName: "Keep", description: "why" }) });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual(made.json, {
      id: `${rg}/providers/Microsoft.Authorization/denyAssignments/${name}`,
      type: "Microsoft.Authorization/denyAssignments",
      name,
      properties: {
        denyAssignmentName: "Keep",
        description: "why",
        permissions: [
          {
            actions: ["Microsoft.Resources/subscriptions/resourceGroups/write"],
            notActions: [],
            condition: null,
            conditionVersion: null,
            dataActions: [],
            notDataActions: [],
          },
        ],
        scope: rg,
        doNotApplyToChildScopes: false,
        principals: [{ id: trial.app, type: "ServicePrincipal" }],
        excludePrincipals: [],
        isSystemProtected: false,
        createdOn: "2026-01-02T03:04:05.6780000Z",
        updatedOn: "2026-01-02T03:04:05.6780000Z",
        createdBy: trial.operator,
        updatedBy: trial.operator,
      },
    });
    const denied = await write();
    assert.equal(denied.status, 403);
    assert.deepEqual(denied.json.error, {
      code: "DenyAssignmentAuthorizationFailed",
      message: `The client '${trial.appId}' with object id '${trial.app}' has permission to perform action 'Microsoft.Resources/subscriptions/resourceGroups/write' on scope '${rg}'; however, the access is denied because of the deny assignment with name 'Keep' and Id '${undashed(name)}' at scope '${rg}'.`,
    });
    const { decision } = arm.cloud.recorder.accesses().at(-1)!;
    assert.equal(!decision.isAllowed && decision.overruled?.denyAssignmentId, name);
    assert.equal((await write(`${sub}/resourceGroups/rg10`)).status, 200);
    assert.equal((await arm.send("GET", `${rg}?api-version=2022-09-01`, { as: trial.app })).status, 200);
    assert.deepEqual((await arm.send("GET", at(name.toUpperCase()), { as: trial.app })).json, made.json);
    const principals = [{ id: trial.group, type: "group" }];
    const changed = await arm.send("PUT", at(name, rg.toLowerCase()), { body: body({ principals }) });
    assert.equal(changed.json.properties.scope, rg);
    assert.equal((await write()).status, 200);
    const deleted = await arm.send("DELETE", at(name));
    assert.equal(deleted.status, 200);
    assert.deepEqual(deleted.json.properties.principals, [{ id: trial.group, type: "Group" }]);
    assert.equal((await arm.send("DELETE", at(name))).status, 204);
    const gone = await arm.send("GET", at(name));
    assert.equal(gone.status, 404);
    assert.equal(gone.json.error.code, "DenyAssignmentNotFound");
  });

  it("are the operator's alone: an Owner of the subscription may read them, no more", async () => {
    for (const method of ["PUT", "DELETE"]) {
      const answer = await arm.send(method, at(nextName()), {
        as: trial.app,
        ...(method === "PUT" ? { body: body() } : {}),
      });
      assert.equal(answer.status, 403);
      assert.match(
        answer.json.error.message,
        /Microsoft\.Authorization\/denyAssignments\/(write|delete)' over scope '\/'/,
      );
    }
    assert.equal((await arm.send("GET", at(""), { as: trial.app })).status, 200);
    assert.equal((await arm.send("GET", at(""), { as: stranger })).status, 403);
  });

  it("never lock out who made them: everyone needs an exception, and they can always be taken away", async () => {
    const name = nextName();
    const all = {
      permissions: [{ actions: ["*"] }],
      principals: [{ id: everyone }],
      excludePrincipals: [{ id: trial.app }],
    };
    const made = await arm.send("PUT", at(name, ""), { body: body(all) });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual(made.json.properties.principals, [{ id: everyone, type: "SystemDefined" }]);
    assert.equal((await arm.send("GET", `${rg}?api-version=2022-09-01`)).status, 403);
    assert.equal((await write()).status, 200);
    assert.equal((await arm.send("DELETE", at(name, ""))).status, 200);
    assert.equal((await arm.send("GET", `${rg}?api-version=2022-09-01`)).status, 200);
  });

  it("are listed at, above and below a scope, and by their filters", async () => {
    const [above, here, below] = [nextName(), nextName(), nextName()];
    for (const [name, scope, over] of [
      [above, "", { denyAssignmentName: "above" }],
      [here, sub, { denyAssignmentName: "here", principals: [{ id: trial.group }] }],
      [below, rg, { denyAssignmentName: "below" }],
    ] as const) {
      assert.equal(
        (await arm.send("PUT", at(name, scope), { body: body({ ...over, permissions: [{ actions: ["A.B/c"] }] }) }))
          .status,
        201,
      );
    }
    assert.deepEqual(await namesListed("", sub), [above, here, below]);
    assert.deepEqual(await namesListed("atScope()", sub), [above, here]);
    assert.deepEqual(await namesListed("atScope()", `${sub}/resourceGroups/rg10`), [above, here]);
    assert.deepEqual(await namesListed(`principalId eq '${trial.group}'`, sub), [here]);
    assert.deepEqual(await namesListed(`gdprExportPrincipalId eq '${trial.app}'`, sub), [above, below]);
    assert.deepEqual(await namesListed("denyAssignmentName eq 'BELOW'", sub), [below]);
    const page = await arm.send("GET", at("", sub, "api-version=2022-04-01&$top=2"));
    assert.equal(page.json.value.length, 2);
    const next = new URL(page.json.nextLink);
    assert.deepEqual((await arm.send("GET", next.pathname + next.search)).json.value.length, 1);
    assert.equal((await arm.send("GET", at("", sub, "api-version=2022-04-01&$filter=x%20eq%20%27y%27"))).status, 400);
    for (const [name, scope] of [
      [above, ""],
      [here, sub],
      [below, rg],
    ] as const)
      await arm.send("DELETE", at(name, scope));
  });

  it("go with the group they were made at", async () => {
    const group = `${sub}/resourceGroups/brief`;
    await arm.send("PUT", `${group}?api-version=2022-09-01`, { body: { location: "westeurope" } });
    const name = nextName();
    assert.equal((await arm.send("PUT", at(name, group), { body: body() })).status, 201);
    assert.equal((await arm.send("DELETE", `${group}?api-version=2022-09-01`)).status, 202);
    for (let tries = 0; tries < 100 && arm.cloud.model.denyAssignments.has(name as never); tries += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(arm.cloud.model.denyAssignments.has(name), false);
    assert.equal(arm.cloud.model.access.denyAssignment(name), undefined);
  });

  const bad: readonly (readonly [string, Record<string, unknown>, number, string])[] = [
    ["no name", { denyAssignmentName: " " }, 400, "InvalidCreateDenyAssignmentRequest"],
    ["a long name", { denyAssignmentName: "x".repeat(513) }, 400, "InvalidCreateDenyAssignmentRequest"],
    ["a long description", { description: "é".repeat(1025) }, 400, "InvalidCreateDenyAssignmentRequest"],
    ["no permissions", { permissions: [] }, 400, "InvalidCreateDenyAssignmentRequest"],
    ["an action that is none", { permissions: [{ actions: ["a b"] }] }, 400, "InvalidCreateDenyAssignmentRequest"],
    ["a condition", { permissions: [{ actions: ["*"], condition: "x" }] }, 400, "InvalidCreateDenyAssignmentRequest"],
    ["nobody", { principals: [] }, 400, "InvalidCreateDenyAssignmentRequest"],
    ["everyone without exception", { principals: [{ id: everyone }] }, 400, "InvalidCreateDenyAssignmentRequest"],
    ["everyone as the exception", { excludePrincipals: [{ id: everyone }] }, 400, "InvalidCreateDenyAssignmentRequest"],
    ["an id that is none", { principals: [{ id: "me" }] }, 400, "InvalidCreateDenyAssignmentRequest"],
    ["a principal that there is not", { principals: [{ id: stranger }] }, 400, "PrincipalNotFound"],
    ["another type", { principals: [{ id: trial.app, type: "User" }] }, 400, "UnmatchedPrincipalType"],
    ["an effect that is not there", { denyAssignmentEffect: "audit" }, 501, "NotImplemented"],
    ["what is no principal", { principals: ["x"] }, 400, "InvalidRequestContent"],
  ];
  for (const [what, over, status, code] of bad) {
    it(`are refused with ${what}`, async () => {
      const answer = await arm.send("PUT", at(nextName()), { body: body(over) });
      assert.deepEqual([answer.status, answer.json.error.code], [status, code], answer.text);
      assert.equal(arm.cloud.model.denyAssignments.size, 0);
    });
  }

  it("are refused with another's name or GUID, and with a GUID that is none", async () => {
    const name = nextName();
    assert.equal((await arm.send("PUT", at(name), { body: body({ denyAssignmentName: "one" }) })).status, 201);
    for (const [target, over] of [
      [at(nextName()), { denyAssignmentName: "ONE" }],
      [at(name, sub), { denyAssignmentName: "two" }],
    ] as const) {
      const answer = await arm.send("PUT", target, { body: body(over) });
      assert.deepEqual([answer.status, answer.json.error.code], [409, "DenyAssignmentExists"]);
    }
    assert.equal((await arm.send("GET", at("x"))).json.error.code, "InvalidDenyAssignmentId");
    assert.equal((await arm.send("DELETE", at(name))).status, 200);
  });
});
