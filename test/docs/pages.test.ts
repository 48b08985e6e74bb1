/** The generated pages are what the tables say, and every link of the pages to a file leads somewhere. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
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

test("every room of the server stands in the architecture", () => {
  const page = readFileSync(join(root, "docs", "architecture.md"), "utf8");
  const rooms = readdirSync(join(root, "packages", "server", "src"), { withFileTypes: true });
  const names = rooms.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => !page.includes(`\`server/src/${name}`) && !page.includes(`, \`${name}\``)),
    [],
  );
});

test("every dependency has its line of why, and every line its dependency", () => {
  const page = readFileSync(join(root, "docs", "decisions", "dependencies.md"), "utf8");
  const explained = page
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => [...line.split("|")[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!));
  const used = new Set<string>();
  for (const file of globSync(["package.json", "{packages,examples}/*/package.json"], { cwd: root })) {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, file), "utf8"));
    for (const name of Object.keys({ ...dependencies, ...devDependencies }))
      if (!name.startsWith("@postern/")) used.add(name);
  }
  assert.deepEqual([...used].filter((name) => !explained.includes(name)).sort(), [], "without a line of why");
  // What bench/ installs by itself is in no package.json.
  const installed = ["casbin", "@cedar-policy/cedar-wasm", "azurite", "wrk", "oidc-provider", "oauth2-mock-server"];
  assert.deepEqual(
    [...explained].filter((name) => !used.has(name) && !installed.includes(name)).sort(),
    [],
    "not used",
  );
});

test("the README fits in 150 lines", () => {
  assert.ok(readFileSync(join(root, "README.md"), "utf8").split("\n").length <= 150);
});
