/**
 * An object literal with accessors is a hidden class of its own to V8 each time it is made, and one made for each request holds that request until the whole
 * heap is collected: docs/decisions/0034-small-reads.md. Classes have their accessors on the prototype, once.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../..");
/** Deeper than a class's member, as the formatter has it: within a function. */
const accessorInFunction = /^ {4,}[gs]et (?:\w+|\[[^\]]+\])\(.*\{$/m;

test("nothing that is made within a function of the server has accessors of its own", () => {
  const files = ["packages/server/src", "packages/access/src"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .map((name) => join(folder, name)),
  );
  assert.ok(files.length > 100);
  assert.deepEqual(
    files.filter((file) => accessorInFunction.test(readFileSync(join(root, file), "utf8"))),
    [],
  );
  assert.match("  return {\n    get environment() {\n", accessorInFunction);
  assert.doesNotMatch("class A {\n  get size(): number {\n", accessorInFunction);
});
