/** What rows share is the same as what they were. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Change } from "./change.ts";
import { RowSharing } from "./row-sharing.ts";

const anyValue = fc.oneof(
  fc.constantFrom("", "one", "a longer text that is repeated", null, 3, true),
  fc.array(fc.constantFrom("a", "b"), { maxLength: 2 }),
  fc.constant({ nested: [] }),
);
const anyRow = fc.dictionary(fc.constantFrom("id", "name", "tags", "__proto__", "constructor"), anyValue);

test("rows are as they were, whatever came before them", () => {
  fc.assert(
    fc.property(fc.array(anyRow), (rows) => {
      const sharing = new RowSharing();
      for (const row of rows) {
        const text = JSON.stringify(row);
        const change = { kind: "owner", op: "put", row: JSON.parse(text) } as unknown as Change;
        const shared = sharing.share(change);
        assert.equal(shared.op === "put" && JSON.stringify(shared.row), text);
      }
    }),
  );
});

test("an empty list is one for all rows, and nobody can put anything into it", () => {
  const sharing = new RowSharing();
  const lists = ["servicePrincipal", "application"].map((kind) => {
    const change = sharing.share({ kind, op: "put", row: { tags: [] } } as unknown as Change);
    return (change.op === "put" && (change.row as unknown as { tags: unknown[] }).tags) || undefined;
  });
  assert.equal(lists[0], lists[1]);
  assert.throws(() => lists[0]?.push("x"), TypeError);
});

test("role assignments, which lie in columns, and deletions pass as they are", () => {
  const changes = [
    { kind: "roleAssignment", op: "put", row: { tags: [] } },
    { kind: "owner", op: "delete", key: "a/b" },
  ] as unknown as Change[];
  const sharing = new RowSharing();
  for (const change of changes) assert.deepEqual(sharing.share(structuredClone(change)), change);
});
