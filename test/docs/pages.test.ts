/** The generated pages are what the tables say, and every link of the pages to a file leads somewhere. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..", "..");

test("the generated pages are up to date", () => {
  const args = ["--conditions=postern-source", join(root, "scripts", "make-docs.ts"), "--check"];
  const run = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(run.status, 0, run.stdout + run.stderr);
});

test("links between pages lead somewhere", () => {
  const pages = globSync(
    ["README.md", "SECURITY.md", "docs/**/*.md", "packages/*/README.md", "examples/**/README.md"],
    {
      cwd: root,
      exclude: (name) => name.includes("node_modules"),
    },
  );
  assert.ok(pages.length > 10);
  for (const page of pages) {
    for (const [, target = ""] of readFileSync(join(root, page), "utf8").matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      assert.ok(existsSync(join(root, dirname(page), target)), `${page} links to ${target}, which is not there`);
    }
  }
});

test("the README fits in 150 lines", () => {
  assert.ok(readFileSync(join(root, "README.md"), "utf8").split("\n").length <= 150);
});
