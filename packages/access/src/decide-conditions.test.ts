import assert from "node:assert/strict";
import { test } from "node:test";
import { attributeNames as names } from "./conditions/catalogue.ts";
import { ConditionPool } from "./conditions/condition-pool.ts";
import { MAX_CLAUSE_TEXT_LENGTH } from "./conditions/diagnosis.ts";
import { decide } from "./decide.ts";
import type { Ask, Decision } from "./decision.ts";
import { AccessFacts } from "./facts.ts";
import type { RolePermission } from "./role-definition.ts";
import { builtinRoles } from "./roles.ts";

const RG1 = "/subscriptions/00000000-0000-0000-0000-0000000000a1/resourceGroups/rg1";
const APP = "00000000-0000-0000-0000-00000000aaaa";
const GROUP = "00000000-0000-0000-0000-00000000bbbb";
const CUSTOM = "00000000-0000-0000-0000-0000000000c1";
const READ = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
const ASSIGN = "Microsoft.Authorization/roleAssignments/write";
const IN_LOGS = `@Resource[${names.containerName}] StringEquals 'logs'`;

function roleId(roleName: string): string {
  const role = builtinRoles.find((each) => each.roleName === roleName);
  assert.ok(role, roleName);
  return role.id;
}

function assigned(roleName: string, condition: string | null = null, conditionVersion: string | null = null) {
  const facts = new AccessFacts(builtinRoles);
  const assignment = { id: "a1", roleDefinitionId: roleId(roleName), principalId: APP, scope: RG1 };
  facts.putAssignment({ ...assignment, condition, conditionVersion });
  return facts;
}

function read(container: string | null): Ask {
  const resource = container === null ? {} : { [names.containerName]: container };
  return {
    principalId: APP,
    operation: READ,
    isDataAction: true,
    scope: RG1,
    subOperations: [],
    attributes: { resource },
  };
}

function assign(attributes: Ask["attributes"]): Ask {
  return { principalId: APP, operation: ASSIGN, isDataAction: false, scope: RG1, attributes };
}

function reason(decision: Decision): string {
  return decision.isAllowed ? "allowed" : decision.reason;
}

function conditionMiss(decision: Decision) {
  assert.ok(!decision.isAllowed);
  return decision.nearest[0]?.condition;
}

test("an assignment's condition decides by the attributes of the ask", () => {
  const facts = assigned("Storage Blob Data Reader", IN_LOGS);
  assert.equal(reason(decide(facts, read("logs"))), "allowed");
  assert.equal(reason(decide(facts, read("else"))), "condition-false");
  assert.equal(reason(decide(facts, read(null))), "condition-false");
  const { attributes: _, ...silent } = read("logs");
  assert.equal(reason(decide(facts, silent)), "condition-false");
});

test("a denial names the clause, where it stands and why it is not true", () => {
  const condition = `!(ActionMatches{'${READ}'}) OR (${IN_LOGS} AND Exists @Request[${names.snapshot}])`;
  const facts = assigned("Storage Blob Data Reader", condition);
  const denied = decide(facts, read("else"));
  const start = condition.indexOf(IN_LOGS);
  assert.deepEqual(conditionMiss(denied), {
    holder: "assignment",
    clause: { range: { start, end: start + IN_LOGS.length }, text: IN_LOGS, because: "false", attribute: null },
    fault: null,
  });
  const unsaid = conditionMiss(decide(facts, read("logs")));
  assert.equal(unsaid?.clause?.because, "source-not-given");
  assert.equal(unsaid.clause.attribute, `@Request[${names.snapshot}]`);
});

test("a long clause is cut in the answer", () => {
  const list = Array.from({ length: 200 }, (_, i) => `'container${i}'`).join(", ");
  const facts = assigned(
    "Storage Blob Data Reader",
    `@Resource[${names.containerName}] ForAnyOfAnyValues:StringEquals {${list}}`,
  );
  assert.equal(conditionMiss(decide(facts, read("else")))?.clause?.text.length, MAX_CLAUSE_TEXT_LENGTH);
});

test("a condition that cannot be read grants nothing, and the answer says why", () => {
  const miss = conditionMiss(decide(assigned("Storage Blob Data Reader", "a OR"), read("logs")));
  assert.deepEqual(miss, { holder: "assignment", clause: null, fault: { kind: "unexpected-token", position: 0 } });
  const negated = `NOT (${IN_LOGS}`;
  assert.equal(reason(decide(assigned("Storage Blob Data Reader", negated), read("else"))), "condition-not-evaluable");
});

test("only version 2.0 is evaluated, and no version means 2.0", () => {
  const always = "ActionMatches{'*'}";
  for (const version of [null, "2.0"]) {
    assert.equal(reason(decide(assigned("Storage Blob Data Reader", always, version), read("logs"))), "allowed");
  }
  for (const version of ["1.0", "2", "2.1", ""]) {
    const decision = decide(assigned("Storage Blob Data Reader", always, version), read("logs"));
    assert.equal(reason(decision), "condition-not-evaluable", version);
    assert.deepEqual(conditionMiss(decision)?.fault, { kind: "unsupported-version", version });
  }
  const oracle = decide(assigned("Oracle Database DbSystems Administrator"), {
    principalId: APP,
    operation: "Oracle.Database/dbSystems/x/read",
    isDataAction: false,
    scope: RG1,
    attributes: { resource: { HasObotoken: true } },
  });
  assert.equal(reason(oracle), "condition-not-evaluable");
  assert.equal(conditionMiss(oracle)?.holder, "role");
});

test("a false condition takes away its own assignment, and no other", () => {
  const facts = assigned("Storage Blob Data Reader", IN_LOGS);
  facts.addMember(GROUP, APP);
  facts.putAssignment({
    id: "a2",
    roleDefinitionId: roleId("Storage Blob Data Reader"),
    principalId: GROUP,
    scope: RG1,
    condition: IN_LOGS.replace("logs", "else"),
  });
  const byGroup = decide(facts, read("else"));
  assert.ok(byGroup.isAllowed);
  assert.equal(byGroup.assignmentId, "a2");
  const bySelf = decide(facts, read("logs"));
  assert.equal(bySelf.isAllowed && bySelf.assignmentId, "a1");
  assert.equal(reason(decide(facts, read("third"))), "condition-false");
});

test("a built-in role with a condition grants the assignment of its own roles only", () => {
  const facts = assigned("Key Vault Data Access Administrator");
  const keyVaultReader = "21090545-7ca7-4776-b22c-e363652d74d2";
  const owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
  assert.equal(reason(decide(facts, assign({ request: { [names.roleDefinitionId]: keyVaultReader } }))), "allowed");
  const denied = decide(facts, assign({ request: { [names.roleDefinitionId]: owner } }));
  assert.equal(reason(denied), "condition-false");
  assert.equal(conditionMiss(denied)?.holder, "role");
  assert.equal(reason(decide(facts, assign({ request: {} }))), "condition-false");
  const readAssignments = { ...assign(undefined), operation: "Microsoft.Authorization/roleAssignments/read" };
  assert.equal(reason(decide(facts, readAssignments)), "allowed", "the permission's condition is not about it");
});

test("where a role's permission and the assignment both have a condition, both must be true", () => {
  const none: RolePermission = { actions: [], notActions: [], dataActions: [], notDataActions: [] };
  const facts = new AccessFacts();
  const permissions = [
    { ...none, dataActions: [READ], condition: "@Resource[x] StringEquals 'unreadable", conditionVersion: "2.0" },
    { ...none, dataActions: [READ], condition: "@Request[r] BoolEquals true", conditionVersion: "2.0" },
  ];
  facts.putRole({ id: CUSTOM, roleName: "Custom", description: "", permissions, assignableScopes: ["/"] });
  facts.putAssignment({
    id: "a1",
    roleDefinitionId: CUSTOM,
    principalId: APP,
    scope: RG1,
    condition: "@Resource[x] BoolEquals true",
  });
  const ask = (r: boolean, x: boolean) =>
    decide(facts, { ...read(null), attributes: { request: { r }, resource: { x } } });
  assert.equal(reason(ask(true, true)), "allowed");
  assert.equal(conditionMiss(ask(false, true))?.holder, "role");
  assert.equal(conditionMiss(ask(false, true))?.clause?.text, "@Request[r] BoolEquals true");
  assert.equal(conditionMiss(ask(true, false))?.holder, "assignment");
});

test("an assignment elsewhere is a near miss whatever its condition says here", () => {
  const facts = assigned("Storage Blob Data Reader", IN_LOGS);
  for (const container of ["logs", "else"]) {
    const near = decide(facts, { ...read(container), scope: `${RG1}0` });
    assert.ok(!near.isAllowed);
    assert.equal(near.reason, "other-scope");
    assert.deepEqual(
      near.nearest.map((miss) => [miss.missing, miss.condition]),
      [["other-scope", undefined]],
    );
  }
});

test("a condition is given back as it was put, and replaced with its assignment", () => {
  const facts = assigned("Storage Blob Data Reader", IN_LOGS, "2.0");
  assert.deepEqual([facts.assignment("a1")?.condition, facts.assignment("a1")?.conditionVersion], [IN_LOGS, "2.0"]);
  facts.putAssignment({ id: "a1", roleDefinitionId: roleId("Storage Blob Data Reader"), principalId: APP, scope: RG1 });
  assert.equal(facts.assignment("a1")?.condition, null);
  assert.equal(reason(decide(facts, read("else"))), "allowed");
});

test("equal conditions are kept once, and forgotten with their last holder", () => {
  const pool = new ConditionPool();
  const first = pool.acquire(IN_LOGS, null);
  assert.equal(pool.acquire(IN_LOGS, null), first);
  assert.notEqual(pool.acquire(IN_LOGS, "1.0"), first);
  assert.equal(pool.size, 2);
  pool.release(first);
  assert.equal(pool.acquire(IN_LOGS, null), first);
  const condition = pool.condition(first);
  pool.release(first);
  pool.release(first);
  assert.equal(pool.size, 1);
  assert.notEqual(pool.condition(pool.acquire(IN_LOGS, null)), condition);
});
