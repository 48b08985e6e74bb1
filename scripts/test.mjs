/**
 * `npm test`: from a fresh clone to the verdict. Installs, builds, checks types and lint, then runs every test, the ones with real clients
 * included; what a client needs from Debian's packages is installed when this machine allows it, else the suite says what it left out.
 *
 *   npm test                      everything that fits in ten minutes
 *   npm test -- packages/access   only tests whose path starts so
 *   npm test -- --long            what .ci/run adds: tests named *.long.test.ts
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt, ensureInstalled, environment, node, root, show } from "./setup.mjs";

const options = process.argv.slice(2);
const isLong = options.includes("--long");
const prefixes = options.filter((option) => !option.startsWith("--"));

/** Every test file, as paths from the root. */
function testFiles() {
  const files = ["packages", "test", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((path) => join(folder, path)),
  );
  return files
    .filter((path) => path.endsWith(".test.ts") && !/(^|\/)(node_modules|dist|fixtures)\//.test(path))
    .filter((path) => path.endsWith(".long.test.ts") === isLong)
    .filter((path) => prefixes.length === 0 || prefixes.some((prefix) => path.startsWith(prefix)))
    .sort();
}

/** Runs the files and counts; the runner's own output is passed on. */
function runTests(files) {
  return new Promise((resolve) => {
    const counts = { pass: 0, fail: 0, skipped: 0, cancelled: 0 };
    const args = ["--conditions=postern-source", "--test", "--test-concurrency=2", "--test-reporter=spec", ...files];
    const child = spawn(node, args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "inherit"] });
    let line = "";
    child.stdout.on("data", (chunk) => {
      process.stdout.write(chunk);
      line += chunk;
      for (let end = line.indexOf("\n"); end >= 0; end = line.indexOf("\n")) {
        const count = /^ℹ (pass|fail|skipped|cancelled) (\d+)/u.exec(line.slice(0, end));
        if (count !== null) counts[count[1]] = Number(count[2]);
        line = line.slice(end + 1);
      }
    });
    child.on("exit", (code) => resolve({ ...counts, code: code ?? 1 }));
  });
}

/** One check outside the test runner, counted as one test. */
async function check(what, command, args) {
  const code = await show(command, args);
  console.log(code === 0 ? `✔ ${what}` : `✖ ${what}`);
  return code === 0 ? { pass: 1, fail: 0 } : { pass: 0, fail: 1 };
}

/** What there is to test must be there first: without it there is a verdict, and no test. */
function prepare() {
  try {
    if (ensureInstalled()) console.log("installed the dependencies");
    if (ensureBuilt()) console.log("built the packages");
  } catch (cause) {
    console.error(`✖ ${cause.message}`);
    console.log("0 passed, 1 failed");
    process.exit(1);
  }
}

const started = Date.now();
prepare();

const checks = [];
if (!isLong && prefixes.length === 0) {
  checks.push(await check("types", "tsc", ["--noEmit", "-p", "tsconfig.json"]));
  checks.push(await check("types of the portal", "tsc", ["--noEmit", "-p", "packages/portal"]));
  checks.push(await check("lint and format", "biome", ["check", "--error-on-warnings", "."]));
}
for (const set of isLong ? ["long", "trixie"] : ["base"]) {
  await show("bash", ["test/debian/install.sh", set]).catch(() => {
    console.log(`test clients: LEFT OUT ${set}: there is no bash. To get it: test/debian/install.sh ${set}, with bash`);
  });
}
const tests = await runTests(testFiles());

const passed = tests.pass + checks.reduce((sum, { pass }) => sum + pass, 0);
const failed = tests.fail + tests.cancelled + checks.reduce((sum, { fail }) => sum + fail, 0);
const left = tests.skipped === 0 ? "" : `; ${tests.skipped} skipped, each with what it lacks and how to get it`;
console.log(`took ${Math.round((Date.now() - started) / 1000)} s${left}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || tests.code !== 0 || passed === 0 ? 1 : 0;
