import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinRoles } from "../roles.ts";
import { MAX_ATTRIBUTE_NAME_LENGTH } from "./attribute-name.ts";
import {
  actionCatalogue,
  attributeCatalogue,
  blobTagAttribute,
  customSecurityAttribute,
  findActions,
  findAttribute,
  attributeNames as names,
} from "./catalogue.ts";
import { type Condition, parseCondition } from "./condition.ts";
import { describeCondition } from "./description.ts";
import { reviewCondition } from "./review.ts";

const BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";

function read(text: string): Condition {
  const result = parseCondition(text);
  assert.ok(result.isValid, JSON.stringify(result));
  return result.condition;
}

test("every attribute of an action's row is in the catalogue under that source", () => {
  assert.equal(actionCatalogue.length, 28);
  for (const row of actionCatalogue) {
    for (const source of ["resource", "request"] as const) {
      for (const name of row[source]) {
        assert.ok(
          attributeCatalogue.some((each) => each.name === name && each.sources.includes(source)),
          `${row.action} ${name}`,
        );
      }
    }
  }
});

test("every action of the catalogue is one that some built-in role grants in that plane", () => {
  for (const { action, isDataAction } of actionCatalogue) {
    const isKnown = builtinRoles.some((role) =>
      role.permissions.some((each) =>
        (isDataAction ? each.dataActions : each.actions).some((entry) =>
          new RegExp(`^${entry.trim().replaceAll(".", "\\.").replaceAll("*", ".*")}$`, "i").test(action),
        ),
      ),
    );
    assert.ok(isKnown, action);
  }
});

test("attributes are found by name and source, those with a key by their frame", () => {
  assert.equal(findAttribute("resource", names.containerName.toUpperCase())?.entry.name, names.containerName);
  assert.equal(findAttribute("request", names.containerName), undefined);
  assert.equal(findAttribute("request", blobTagAttribute("My key:1"))?.key, "My key:1");
  assert.equal(findAttribute("resource", blobTagAttribute("")), undefined);
  assert.equal(findAttribute("resource", `${BLOBS}/tags:Project`), undefined, "a tag's key counts case");
  assert.equal(findAttribute("principal", customSecurityAttribute("Set_Name"))?.key, "Set_Name");
  assert.equal(findAttribute("resource", "toString"), undefined);
  assert.ok(blobTagAttribute("k".repeat(128)).length < MAX_ATTRIBUTE_NAME_LENGTH);
});

test("rows are found by action, pattern and suboperation", () => {
  assert.equal(findActions(`${BLOBS}/read`, null).length, 3);
  assert.equal(findActions(`${BLOBS}/read`, { name: "blob.list", isExcluded: false }).length, 1);
  assert.deepEqual(findActions(`${BLOBS.toLowerCase()}/read`, { name: "Blob.List", isExcluded: true })[0]?.request, [
    names.versionId,
    names.snapshot,
  ]);
  assert.equal(findActions(`${BLOBS}/*/action`, null).filter(({ action }) => action.endsWith("/add/action")).length, 2);
  assert.deepEqual(findActions("A.B/read", null), []);
});

test("no built-in role's condition is doubtful", () => {
  for (const { condition } of builtinRoles.flatMap((role) => role.permissions)) {
    if (condition) assert.deepEqual(reviewCondition(read(condition)), []);
  }
});

test("what is doubtful is named, with its place", () => {
  const cases: [text: string, kinds: string[]][] = [
    ["@Resource[Microsoft.Storage/storageAccounts:nam] StringEquals 'x'", ["unknown-attribute"]],
    [`NOT Exists @Request[${names.containerName}]`, ["unknown-attribute"]],
    [`@Resource[${BLOBS}/tags:Project] StringEquals 'x'`, ["unknown-attribute"]],
    [`@Resource[${names.containerName}] NumericEquals 5`, ["operator-unfit"]],
    [`@Resource[${names.blobTagKeys}] StringEquals 'x'`, ["operator-unfit"]],
    [`@Resource[${names.isHnsEnabled}] StringEquals 'true'`, ["operator-unfit"]],
    ["@Environment[UtcNow] DateTimeEquals '2026-01-01T00:00:00Z'", ["utc-now-operator"]],
    ["!(SubOperationMatches{'Blob.Lst'}) OR Exists @Environment[UtcNow]", ["unknown-sub-operation"]],
    [
      `!(ActionMatches{'${BLOBS}/write'}) OR @Request[${names.blobPrefix}] StringEquals 'x'`,
      ["attribute-not-for-action"],
    ],
    [
      `!(ActionMatches{'${BLOBS}/read'} AND NOT SubOperationMatches{'Blob.List'}) OR @Request[${names.blobPrefix}] StringEquals 'x'`,
      ["attribute-not-for-action"],
    ],
    [
      `!(ActionMatches{'${BLOBS}/read'}) OR @Principal[${customSecurityAttribute("S_n")}] GuidEquals ${"0".repeat(32)}`,
      ["guid-operator-with-storage"],
    ],
    [`!(ActionMatches{'${BLOBS}/*'}) OR @Request[${names.blobPrefix}] StringEquals 'x'`, []],
    [`@Principal[${customSecurityAttribute("S_n")}] NumericLessThan 5`, []],
  ];
  for (const [text, kinds] of cases) {
    const concerns = reviewCondition(read(text));
    assert.deepEqual(
      concerns.map((each) => each.kind),
      kinds,
      text,
    );
    for (const { range } of concerns) assert.ok(range.start < range.end && range.end <= text.length);
  }
});

test("a condition in words", () => {
  assert.deepEqual(
    describeCondition(
      read(
        `((!(ActionMatches{'${BLOBS}/read'} AND NOT SubOperationMatches{'Blob.List'}) AND !(ActionMatches{'${BLOBS}/write'})) OR (@Resource[${names.containerName}] StringEquals 'logs' AND (@Resource[${names.blobPath}] StringLikeIgnoreCase 'a*' OR NOT Exists @Resource[${blobTagAttribute("Team")}]))) AND @Environment[UtcNow] DateTimeLessThan '2026-01-01T00:00:00Z'`,
      ),
    ),
    [
      {
        appliesTo: [`${BLOBS}/read except Blob.List`, `${BLOBS}/write`],
        requires:
          "the container name is 'logs' and (the blob path matches 'a*' (in any case) or the blob index tag 'Team' is not there)",
      },
      { appliesTo: [], requires: "the current time is before '2026-01-01T00:00:00Z'" },
    ],
  );
  assert.deepEqual(
    describeCondition(read(`@Request[${names.blobTagKeys}] ForAllOfAnyValues:StringNotEquals {'a', 'b'}`)),
    [{ appliesTo: [], requires: "every value of the request's blob index tag keys is not any of 'a', 'b'" }],
  );
  assert.deepEqual(describeCondition(read("ActionMatches{'A.B/read'} OR @Resource[x] BoolEquals true")), [
    { appliesTo: ["all but: ActionMatches{'A.B/read'}"], requires: "@Resource[x] is true" },
  ]);
});
