import assert from "node:assert/strict";
import { test } from "node:test";
import { application, servicePrincipal, user } from "../tokens/sample-directory.ts";
import { type Change, put, remove } from "./change.ts";
import { completeRow, plainApplication, plainServicePrincipal, plainUser } from "./row-completion.ts";

/** A row as a release wrote it that knew none of these members. */
function without<Row extends object>(row: Row, newer: object): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !(name in newer))) as Row;
}

test("rows of an older release get the members that came since, and keep what they have", () => {
  const cases: readonly [Change, Change][] = [
    [put("application", without(application, plainApplication)), put("application", application)],
    [
      put("servicePrincipal", without(servicePrincipal, plainServicePrincipal)),
      put("servicePrincipal", servicePrincipal),
    ],
    [put("user", without(user, plainUser)), put("user", user)],
  ];
  for (const [old, expected] of cases) assert.deepEqual(completeRow(old), expected);
  const newer = put("application", { ...application, requestedAccessTokenVersion: 2 });
  assert.deepEqual(completeRow(newer), newer);
});

test("what lies in the bin is completed, too, and deletions stay as they are", () => {
  const bin = (row: typeof application) =>
    put("deletedObject", {
      id: row.id,
      deletedDateTime: "2026-03-01T12:00:00.000Z",
      object: { kind: "application", row },
      relations: [],
    });
  assert.deepEqual(completeRow(bin(without(application, plainApplication))), bin(application));
  assert.deepEqual(completeRow(remove("user", user.id)), remove("user", user.id));
});
