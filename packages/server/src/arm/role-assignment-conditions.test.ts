import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { attributeNames, MAX_CONDITION_SIZE_BYTES } from "@postern/access";
import { type Answer, roles, startTrialCloud, type TrialCloud, trial } from "./trial-cloud.ts";

const rg = `/subscriptions/${trial.subscriptionId}/resourceGroups/rg1`;
const write = "Microsoft.Authorization/roleAssignments/write";
const remove = "Microsoft.Authorization/roleAssignments/delete";
const inLogs = `@Resource[${attributeNames.containerName}] StringEquals 'logs'`;
const invalid = "The given role assignment condition is invalid.";
const someone = "aaaaaaaa-1111-4111-8111-111111111111";

describe("conditions on role assignments", () => {
  let arm: TrialCloud;
  let names = 0;

  before(async () => {
    arm = await startTrialCloud();
    const target = `/subscriptions/${trial.subscriptionId}/resourcegroups/rg1?api-version=2022-09-01`;
    assert.equal((await arm.send("PUT", target, { body: { location: "westeurope" } })).status, 201);
  });
  after(() => arm.close());

  const nextName = () => `eeeeeeee-0000-4000-8000-${String(++names).padStart(12, "0")}`;
  const at = (name: string, scope = rg, query = "api-version=2022-04-01") =>
    `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?${query}`;
  const body = (over: Record<string, unknown>, roleId: string = roles.reader) => ({
    properties: {
      roleDefinitionId: `${rg}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
      principalId: trial.app,
      principalType: "ServicePrincipal",
      ...over,
    },
  });
  const put = (name: string, over: Record<string, unknown>, roleId?: string, as?: string): Promise<Answer> =>
    arm.send("PUT", at(name), { body: body(over, roleId), ...(as === undefined ? {} : { as }) });

  it("keeps a condition, shows it, changes it and takes it away", async () => {
    const name = nextName();
    const made = await put(name, { condition: inLogs, conditionVersion: "2.0" });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.json.properties.condition, inLogs);
    assert.equal(made.json.properties.conditionVersion, "2.0");
    const listed = await arm.send("GET", at("", rg, "api-version=2022-04-01&$filter=atScope()").replace("/?", "?"));
    const found = listed.json.value.find((each: { name: string }) => each.name === name);
    assert.equal(found.properties.condition, inLogs);
    const changed = await put(name, { condition: inLogs.replace("logs", "data"), conditionVersion: "2.0" });
    assert.match((await arm.send("GET", at(name))).json.properties.condition, /'data'/);
    assert.equal(changed.status, 201);
    assert.equal(arm.cloud.model.access.assignment(name)?.condition, inLogs.replace("logs", "data"));
    assert.equal((await put(name, { condition: "", conditionVersion: "2.0" })).json.properties.conditionVersion, null);
    assert.equal(arm.cloud.model.access.assignment(name)?.condition, null);
    await put(name, { condition: inLogs });
    assert.equal((await arm.send("GET", at(name))).json.properties.conditionVersion, "2.0");
    await put(name, {});
    assert.equal((await arm.send("GET", at(name))).json.properties.condition, null);
    const deleted = await arm.send("DELETE", at(name));
    assert.equal(deleted.json.properties.conditionVersion, null);
  });

  const bad: readonly (readonly [string, Record<string, unknown>, string])[] = [
    [
      "what is no condition",
      { condition: "true", conditionVersion: "2.0" },
      `${invalid} (unexpected-end at character 5)`,
    ],
    ["version 1.0", { condition: inLogs, conditionVersion: "1.0" }, `${invalid} (unsupported-version)`],
    ["AND beside OR", { condition: `${inLogs} AND ${inLogs} OR ${inLogs}` }, "mixed-and-or"],
    [
      "an attribute that there is not",
      { condition: `NOT Exists @Request[${attributeNames.snapshot}s]` },
      "unknown-attribute at character 5",
    ],
    [
      "an attribute of another service",
      { condition: "@Resource[Microsoft.ServiceBus/namespaces/queues:Name] stringEquals 'foo'" },
      "unknown-attribute at character 1",
    ],
    ["a suboperation that there is not", { condition: "!(SubOperationMatches{'Blob.Lst'})" }, "unknown-sub-operation"],
    ["more than 8 KB", { condition: `${inLogs}${" ".repeat(MAX_CONDITION_SIZE_BYTES)}` }, "too-large"],
  ];
  for (const [what, over, text] of bad) {
    it(`refuses ${what}, and writes nothing`, async () => {
      const name = nextName();
      const answer = await put(name, over);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json.error.code, "RoleAssignmentConditionNotValid");
      assert.ok(answer.json.error.message.includes(text), answer.json.error.message);
      assert.equal((await arm.send("GET", at(name))).status, 404);
    });
  }

  describe("delegation", () => {
    const delegate = "dddddddd-1111-4111-8111-111111111111";
    const rbacAdministrator = "f58310d9-a9f6-439a-9e8d-f62e7b41a168";
    const only = `@Request[${attributeNames.roleDefinitionId}] ForAnyOfAnyValues:GuidEquals {${roles.reader}} AND @Request[${attributeNames.principalType}] StringEqualsIgnoreCase 'ServicePrincipal'`;
    const alsoOnly = `@Resource[${attributeNames.roleDefinitionId}] ForAnyOfAnyValues:GuidEquals {${roles.reader}}`;
    const condition = `((!(ActionMatches{'${write}'})) OR (${only})) AND ((!(ActionMatches{'${remove}'})) OR (${alsoOnly}))`;

    before(async () => {
      const over = { condition, conditionVersion: "2.0", principalId: delegate };
      assert.equal((await put(nextName(), over, rbacAdministrator)).status, 201);
    });

    it("lets give the roles of the condition, to principals of its kind, and no others", async () => {
      const name = nextName();
      const made = await put(name, { principalId: someone }, roles.reader, delegate);
      assert.equal(made.status, 201, made.text);
      for (const [over, role] of [
        [{ principalId: someone }, roles.owner],
        [{ principalId: trial.operator, principalType: "User" }, roles.reader],
        // The directory knows better than the caller.
        [{ principalId: trial.group, principalType: "ServicePrincipal" }, roles.reader],
        [{ principalId: "me" }, roles.owner],
      ] as const) {
        const answer = await put(nextName(), over, role, delegate);
        assert.equal(answer.status, 403, answer.text);
        assert.equal(
          answer.json.error.message,
          `The client '${trial.appId}' with object id '${delegate}' does not have authorization or an ABAC condition not fulfilled to perform action '${write}' over scope '${rg}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
        );
      }
      assert.equal((await arm.send("DELETE", at(name), { as: delegate })).status, 200);
    });

    it("lets take away what the condition names, and nothing else, not even what is not there", async () => {
      const name = nextName();
      assert.equal((await put(name, { principalId: someone }, roles.contributor)).status, 201);
      assert.equal((await arm.send("DELETE", at(name), { as: delegate })).status, 403);
      assert.equal((await arm.send("DELETE", at(nextName()), { as: delegate })).status, 403);
      assert.equal((await arm.send("GET", at(name), { as: delegate })).status, 200);
    });

    it("does not read the body of those whom no condition concerns", async () => {
      const stranger = await arm.send("PUT", at(nextName()), { as: someone, rawBody: "no JSON" });
      assert.equal(stranger.status, 403);
      assert.match(stranger.json.error.message, /does not have authorization to perform/);
      assert.equal((await arm.send("PUT", at(nextName()), { as: delegate, rawBody: "no JSON" })).status, 400);
    });
  });

  it("holds built-in roles to the conditions of their permissions", async () => {
    // Key Vault Data Access Administrator may give the roles of Key Vault only.
    const administrator = "8b54135c-b56d-4d72-a534-26097cfdc8d8";
    const secretsUser = "4633458b-17de-408a-b874-0445c86b69e6";
    const keeper = "dddddddd-2222-4111-8111-111111111111";
    assert.equal((await put(nextName(), { principalId: keeper }, administrator)).status, 201);
    assert.equal((await put(nextName(), { principalId: someone }, secretsUser, keeper)).status, 201);
    assert.equal((await put(nextName(), { principalId: someone }, roles.owner, keeper)).status, 403);
    assert.equal((await put(nextName(), { principalId: keeper }, roles.contributor, keeper)).status, 403);
  });

  it("knows the time", async () => {
    const early = "dddddddd-3333-4111-8111-111111111111";
    const late = "dddddddd-4444-4111-8111-111111111111";
    const now = `@Environment[${attributeNames.utcNow}]`;
    for (const [principalId, condition] of [
      [early, `${now} DateTimeLessThan '${trial.now}'`],
      [late, `${now} DateTimeGreaterThan '2026-01-01T00:00:00.0Z'`],
    ]) {
      assert.equal((await put(nextName(), { principalId, condition })).status, 201);
    }
    const target = `${rg}?api-version=2022-09-01`;
    assert.equal((await arm.send("GET", target, { as: early })).status, 403);
    assert.equal((await arm.send("GET", target, { as: late })).status, 200);
  });
});
