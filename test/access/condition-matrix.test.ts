/**
 * The golden matrix of conditions: every operation of Blob storage x what stands in the way of a Storage Blob Data Owner. Each operation's own sample
 * (container `sample`, blob `blob.txt`) is asked with the attributes that the surface gives it: `+` it goes through, `-` it does not. The
 * file is reviewed as a diff: POSTERN_UPDATE_GOLDEN=1 writes it.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AccessFacts, decide, EVERYONE, attributeNames as names, subOperationNames } from "@postern/access";
import { builtinRoles } from "@postern/access/roles";
import { attributesOf, subOperationsOf } from "../../packages/server/src/blob/attributes.ts";
import type { BlobOperation } from "../../packages/server/src/blob/operation-row.ts";
import { operations } from "../../packages/server/src/blob/operations.ts";
import { RequestHeaders } from "../../packages/server/src/blob/request-headers.ts";
import { parseTarget } from "../../packages/server/src/blob/target.ts";
import type { StorageAccount } from "../../packages/server/src/state/entities.ts";

const golden = join(import.meta.dirname, "..", "golden", "condition-matrix.tsv");

const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";
const scope = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg1";
const container = `${scope}/providers/Microsoft.Storage/storageAccounts/acct/blobServices/default/containers/sample`;
const principalId = "22222222-2222-4222-8222-222222222222";
const group = "33333333-3333-4333-8333-333333333333";
const dataOwner = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
const account = { name: "acct", isHnsEnabled: false } as StorageAccount;
const now = new Date("2026-01-02T03:04:05.678Z");

const isList = `SubOperationMatches{'${subOperationNames.list}'}`;
const readsBlobs = `ActionMatches{'${blobs}/read'} AND NOT ${isList}`;
const writesBlobs = `!(ActionMatches{'${blobs}/write'}) AND !(ActionMatches{'${blobs}/add/action'})`;

/** By the column's heading. */
const conditions: Readonly<Record<string, string | null>> = {
  nothing: null,
  "container, right": `@Resource[${names.containerName}] StringEquals 'sample'`,
  "container, wrong": `@Resource[${names.containerName}] StringEquals 'other'`,
  "account, right": `@Resource[${names.accountName}] StringEquals 'acct'`,
  "path, right": `@Resource[${names.blobPath}] StringLike '*.txt'`,
  "path of reads, wrong": `!(${readsBlobs}) OR @Resource[${names.blobPath}] StringEquals 'other'`,
  "path of writes, wrong": `(${writesBlobs}) OR @Resource[${names.blobPath}] StringEquals 'other'`,
  "prefix of lists, missing": `!(ActionMatches{'${blobs}/read'} AND ${isList}) OR @Request[${names.blobPrefix}] StringEquals 'a/'`,
  "current version": `@Resource[${names.isCurrentVersion}] BoolEquals true`,
  "no version asked for": `NOT Exists @Request[${names.versionId}]`,
  "tag, absent": `!(${readsBlobs}) OR @Resource[${blobs}/tags:project<$key_case_sensitive$>] StringEquals 'Cascade'`,
  "tag, right": `!(${readsBlobs}) OR @Resource[${blobs}/tags:Project<$key_case_sensitive$>] StringEquals 'Cascade'`,
  "tag of writes, missing": `(${writesBlobs}) OR @Request[${blobs}/tags:Project<$key_case_sensitive$>] StringEquals 'Cascade'`,
  "private link": `@Environment[${names.isPrivateLink}] BoolEquals true`,
  "after the time": `@Environment[${names.utcNow}] DateTimeGreaterThan '2026-01-01T00:00:00.0Z'`,
  "custom attribute, absent": "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:A_b] StringEquals 'c'",
};

type Denial = { readonly dataActions: readonly string[]; readonly except?: readonly string[]; readonly at?: string };

const denials: Readonly<Record<string, Denial>> = {
  "deny: writes": { dataActions: [`${blobs}/write`, `${blobs}/add/action`] },
  "deny: all": { dataActions: ["*"] },
  "deny: all but a group it is in": { dataActions: ["*"], except: [group] },
  "deny: all, in rg10": { dataActions: ["*"], at: `${scope}0` },
};

function makeFacts(condition: string | null, denial: Denial | null): AccessFacts {
  const facts = new AccessFacts(builtinRoles);
  facts.addMember(group, principalId);
  facts.putAssignment({ id: "a1", roleDefinitionId: dataOwner, principalId, scope, condition });
  if (denial === null) return facts;
  facts.putDenyAssignment({
    id: "44444444-4444-4444-8444-444444444444",
    denyAssignmentName: "deny",
    scope: denial.at ?? scope,
    permissions: [{ actions: [], notActions: [], dataActions: denial.dataActions, notDataActions: [] }],
    principalIds: [EVERYONE],
    excludedPrincipalIds: denial.except ?? [],
    doesSpareChildScopes: false,
  });
  return facts;
}

function isLetThrough(facts: AccessFacts, operation: BlobOperation): boolean {
  const { target: text, headers = {} } = operation.sample;
  const [path = "/", query = ""] = text.split("?");
  const target = parseTarget(path, query);
  // The blob has a tag; the request gives it none.
  const tags = { findTags: () => [["Project", "Cascade"] as const], givenTags: null };
  const asked = {
    operation,
    account,
    target,
    headers: new RequestHeaders(Object.entries(headers).flat()),
    now: () => now,
    ...tags,
    findScope: () => undefined,
  };
  const subOperations = subOperationsOf(asked);
  return operation.access.anyOf.some((permission) => {
    const { operation: name, isDataAction } = permission;
    const attributes = attributesOf(asked, permission, subOperations);
    return decide(facts, { principalId, operation: name, isDataAction, scope: container, subOperations, attributes })
      .isAllowed;
  });
}

test("what conditions and deny assignments leave of each operation is the golden matrix", () => {
  const columns = [
    ...Object.entries(conditions).map(([heading, condition]) => ({ heading, facts: makeFacts(condition, null) })),
    ...Object.entries(denials).map(([heading, denial]) => ({ heading, facts: makeFacts(null, denial) })),
  ];
  const lines = [["method", "operation", ...columns.map(({ heading }) => heading)].join("\t")];
  for (const operation of operations) {
    if (operation.access.anyOf.length === 0) continue;
    const marks = columns.map(({ facts }) => (isLetThrough(facts, operation) ? "+" : "-"));
    // Nothing in the way may open what is closed without.
    assert.ok(marks[0] === "+" || marks.every((mark) => mark === "-"), operation.operation);
    lines.push([`${operation.method} ${operation.level}`, operation.operation, ...marks].join("\t"));
  }
  const matrix = `${lines.join("\n")}\n`;
  assert.ok(lines.length > 50);
  if (process.env.POSTERN_UPDATE_GOLDEN === "1") writeFileSync(golden, matrix);
  assert.equal(
    matrix,
    readFileSync(golden, "utf8"),
    "the matrix changed: run with POSTERN_UPDATE_GOLDEN=1 and review the diff",
  );
});
