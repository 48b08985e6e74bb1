import assert from "node:assert/strict";
import { test } from "node:test";
import { decide } from "./decide.ts";
import type { Ask, Decision } from "./decision.ts";
import { type DenyAssignment, EVERYONE } from "./deny-assignment-table.ts";
import { FactsError } from "./fact.ts";
import { AccessFacts } from "./facts.ts";
import { builtinRoles } from "./roles.ts";

const SUB = "/subscriptions/00000000-0000-0000-0000-0000000000a1";
const RG1 = `${SUB}/resourceGroups/rg1`;
const ACCOUNT = `${RG1}/providers/Microsoft.Storage/storageAccounts/acct`;
const APP = "00000000-0000-0000-0000-00000000aaaa";
const OTHER = "00000000-0000-0000-0000-00000000aaab";
const GROUPS = ["b1", "b2", "b3"].map((tail) => `00000000-0000-0000-0000-0000000000${tail}`);
const DENY = "00000000-0000-0000-0000-0000000000d1";
const OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const DATA_OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
const DELETE = "Microsoft.Storage/storageAccounts/delete";
const READ_BLOB = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";

function denying(over: Partial<DenyAssignment>): DenyAssignment {
  return {
    id: DENY,
    denyAssignmentName: "Keep",
    scope: RG1,
    permissions: [{ actions: ["*/delete"], notActions: [], dataActions: [], notDataActions: [] }],
    principalIds: [APP],
    excludedPrincipalIds: [],
    doesSpareChildScopes: false,
    ...over,
  };
}

/** App and other are Owner and Storage Blob Data Owner of the subscription; the app is in a group three deep. */
function tenant(...denials: readonly Partial<DenyAssignment>[]): AccessFacts {
  const facts = new AccessFacts(builtinRoles);
  for (const principalId of [APP, OTHER]) {
    for (const roleDefinitionId of [OWNER, DATA_OWNER]) {
      facts.putAssignment({ id: `${principalId} ${roleDefinitionId}`, roleDefinitionId, principalId, scope: SUB });
    }
  }
  facts.addMember(GROUPS[0]!, APP);
  facts.addMember(GROUPS[1]!, GROUPS[0]!);
  facts.addMember(GROUPS[2]!, GROUPS[1]!);
  for (const each of denials) facts.putDenyAssignment(denying(each));
  return facts;
}

function ask(facts: AccessFacts, over: Partial<Ask> = {}): Decision {
  return decide(facts, { principalId: APP, operation: DELETE, isDataAction: false, scope: ACCOUNT, ...over });
}

function reason(decision: Decision): string {
  return decision.isAllowed ? "allowed" : decision.reason;
}

test("a deny assignment overrules every grant, and the denial names it", () => {
  const decision = ask(tenant({}));
  assert.ok(!decision.isAllowed);
  assert.equal(decision.reason, "deny-assignment");
  assert.deepEqual(decision.overruled, {
    denyAssignmentId: DENY,
    denyAssignmentName: "Keep",
    scope: RG1,
    principalId: APP,
    via: [],
    assignmentId: `${APP} ${OWNER}`,
  });
  assert.deepEqual(decision.nearest, []);
  assert.equal(reason(ask(tenant({}), { principalId: OTHER })), "allowed");
  assert.equal(reason(ask(tenant({}), { operation: "Microsoft.Storage/storageAccounts/read" })), "allowed");
  assert.equal(reason(ask(tenant({}), { scope: `${SUB}/resourceGroups/rg10` })), "allowed");
});

test("a group's deny assignment reaches its members three deep, and everyone's all", () => {
  const byGroup = ask(tenant({ principalIds: [GROUPS[2]!] }));
  assert.ok(!byGroup.isAllowed);
  assert.equal(byGroup.overruled?.principalId, GROUPS[2]);
  assert.deepEqual(byGroup.overruled?.via, GROUPS);
  const everyone = ask(tenant({ principalIds: [EVERYONE] }), { principalId: OTHER });
  assert.ok(!everyone.isAllowed);
  assert.equal(everyone.overruled?.principalId, EVERYONE);
});

test("who is excluded, itself or by a group, is not touched", () => {
  assert.equal(reason(ask(tenant({ principalIds: [EVERYONE], excludedPrincipalIds: [APP] }))), "allowed");
  const byGroup = tenant({ principalIds: [EVERYONE], excludedPrincipalIds: [GROUPS[1]!] });
  assert.equal(reason(ask(byGroup)), "allowed");
  assert.equal(reason(ask(byGroup, { principalId: OTHER })), "deny-assignment");
});

test("a deny assignment may spare what is below its scope", () => {
  const sparing = tenant({ scope: ACCOUNT, doesSpareChildScopes: true });
  assert.equal(reason(ask(sparing)), "deny-assignment");
  assert.equal(reason(ask(sparing, { scope: `${ACCOUNT}/blobServices/default` })), "allowed");
  assert.equal(reason(ask(tenant({ doesSpareChildScopes: true }))), "allowed");
  assert.equal(reason(ask(tenant({ doesSpareChildScopes: true }), { scope: RG1.toUpperCase() })), "deny-assignment");
});

test("actions and data actions are two worlds here too, and exclusions cut their own object", () => {
  const actions = { actions: ["*"], notActions: [DELETE], dataActions: [], notDataActions: [] };
  assert.equal(reason(ask(tenant({ permissions: [actions] }))), "allowed");
  assert.equal(reason(ask(tenant({ permissions: [actions] }), { operation: "A.B/read" })), "deny-assignment");
  const blob = { operation: READ_BLOB, isDataAction: true } as const;
  assert.equal(reason(ask(tenant({ permissions: [actions] }), blob)), "allowed");
  const data = { actions: [], notActions: [], dataActions: ["*"], notDataActions: [] };
  assert.equal(reason(ask(tenant({ permissions: [data] }), blob)), "deny-assignment");
  assert.equal(reason(ask(tenant({ permissions: [data] }))), "allowed");
  const except = { ...data, notDataActions: [READ_BLOB.toUpperCase()] };
  assert.equal(reason(ask(tenant({ permissions: [except] }), blob)), "allowed");
  assert.equal(reason(ask(tenant({ permissions: [except, data] }), blob)), "deny-assignment");
});

test("it is changed and taken away, and no deny assignment stands in its own way", () => {
  const facts = tenant({ scope: "/", permissions: [{ ...denying({}).permissions[0]!, actions: ["*"] }] });
  assert.equal(reason(ask(facts, { scope: "/subscriptions/x" })), "invalid-ask");
  assert.equal(reason(ask(facts)), "deny-assignment");
  assert.equal(reason(ask(facts, { operation: "Microsoft.Authorization/DenyAssignments/delete" })), "allowed");
  facts.putDenyAssignment(denying({ id: DENY.toUpperCase(), principalIds: [OTHER] }));
  assert.equal(reason(ask(facts)), "allowed");
  assert.equal(reason(ask(facts, { principalId: OTHER })), "deny-assignment");
  assert.equal(facts.denyAssignment(DENY)?.scope, RG1);
  assert.equal(facts.deleteDenyAssignment(DENY.toUpperCase()), true);
  assert.equal(facts.deleteDenyAssignment(DENY), false);
  assert.equal(reason(ask(facts, { principalId: OTHER })), "allowed");
});

test("without a grant the reason stays what is missing", () => {
  const facts = tenant({ principalIds: [EVERYONE] });
  assert.equal(reason(ask(facts, { principalId: "00000000-0000-0000-0000-00000000ffff" })), "no-assignment");
});

test("a deny assignment that cannot be one is refused", () => {
  for (const over of [{ id: "x" }, { principalIds: ["x"] }, { excludedPrincipalIds: [""] }, { scope: "rg1" }]) {
    assert.throws(() => tenant(over), FactsError);
  }
});
