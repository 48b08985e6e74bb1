import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("the README's example runs and prints what it says", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  assert.ok(code);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--conditions=postern-source", "--input-type=module-typescript", "--eval", code],
    { cwd: fileURLToPath(new URL("..", import.meta.url)), encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  assert.match(
    stdout,
    /^allowed by Storage Blob Data Reader at .*\/rg1, via 1 group\ndenied: operation-not-in-role, nearest Storage Blob Data Reader\n$/,
  );
});
