/** Every import rule, and the bound on functions, has a fixture that must fail it; the two `allowed-` fixtures must pass. Runs the real linter on a copy outside the repository. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const root = join(import.meta.dirname, "..", "..");
const fixtures = join(import.meta.dirname, "fixtures");
const copy = mkdtempSync(join(tmpdir(), "postern-lint-"));
after(() => rmSync(copy, { recursive: true, force: true }));
cpSync(fixtures, copy, { recursive: true });
cpSync(join(root, "biome.json"), join(copy, "biome.json"));

function lint(path: string): { status: number | null; output: string } {
  const run = spawnSync(join(root, "node_modules", ".bin", "biome"), ["lint", "--vcs-enabled=false", path], {
    cwd: copy,
    encoding: "utf8",
  });
  return { status: run.status, output: run.stdout + run.stderr };
}

const paths = globSync("packages/**/*.ts", { cwd: fixtures }).sort();

/** What a fixture breaks, by its name; all others an import rule. */
const rules: readonly (readonly [part: string, rule: RegExp])[] = [
  ["cycle-", /noImportCycles/],
  ["too-long", /noExcessiveLinesPerFunction/],
];

test("there are fixtures", () => assert.ok(paths.length >= 16));

for (const path of paths) {
  const isAllowed = path.includes("allowed-");
  test(`${path} ${isAllowed ? "passes" : "fails"}`, () => {
    const { status, output } = lint(path);
    if (isAllowed) assert.equal(status, 0, output);
    else {
      assert.equal(status, 1, output);
      const [, rule] = rules.find(([part]) => path.includes(part)) ?? ["", /noRestrictedImports/];
      assert.match(output, rule);
    }
  });
}
