import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { CliFault } from "../faults.ts";
import { forgetCredential, keepCredential, readCredential } from "./credentials.ts";
import { keepTable, readKeptTable } from "./kept-table.ts";
import { pathsOf, resolveStateDir } from "./paths.ts";
import { writePrivateFile } from "./private-file.ts";
import { findRunning, isAlive, isServerOf, requireRunning } from "./status.ts";

function makePaths() {
  return pathsOf(mkdtempSync(join(tmpdir(), "postern-state-")));
}

function writeStatus(paths: ReturnType<typeof makePaths>, pid: number): void {
  const texts = ["baseUrl", "proxyUrl", "caBundle", "portalUrl", "tenantId", "subscriptionId", "stateDir", "version"];
  mkdirSync(dirname(paths.status), { recursive: true });
  writeFileSync(paths.status, JSON.stringify({ ...Object.fromEntries(texts.map((name) => [name, name])), pid }));
}

test("the state folder is the option, else the variable, else in the user's state folder; always absolute", () => {
  const env = { HOME: "/home/me", XDG_STATE_HOME: "/state", POSTERN_STATE: "/cloud" };
  assert.equal(resolveStateDir("/option", env), "/option");
  assert.equal(resolveStateDir("option", env), join(process.cwd(), "option"));
  assert.equal(resolveStateDir(undefined, env), "/cloud");
  assert.equal(resolveStateDir(undefined, { ...env, POSTERN_STATE: "" }), "/state/postern");
  assert.equal(
    resolveStateDir(undefined, { HOME: "/home/me", XDG_STATE_HOME: "relative" }),
    "/home/me/.local/state/postern",
  );
});

test("a private file is its owner's only, replaced whole, with no draft left behind", async () => {
  const folder = join(mkdtempSync(join(tmpdir(), "postern-state-")), "new");
  const path = join(folder, "secret");
  await writePrivateFile(path, "one");
  await writePrivateFile(path, "two");
  assert.equal(readFileSync(path, "utf8"), "two");
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(folder), ["secret"]);
});

test("a table is kept for its owner only and for its own list only; what cannot be kept is not, and a damaged one is none", async () => {
  const paths = makePaths();
  const kept = { key: "list", etag: '"1"', table: "Name\n" };
  keepTable(paths, kept);
  assert.deepEqual(await readKeptTable(paths, "list"), kept);
  assert.equal(await readKeptTable(paths, "another"), undefined);
  const [file] = readdirSync(join(paths.clients, "postern"));
  assert.deepEqual(readdirSync(join(paths.clients, "postern")), [file]);
  assert.equal(statSync(join(paths.clients, "postern", file!)).mode & 0o777, 0o600);
  writeFileSync(join(paths.clients, "postern", file!), '{"key":"list","etag":1');
  assert.equal(await readKeptTable(paths, "list"), undefined);
  const blocked = makePaths();
  writeFileSync(blocked.clients, "");
  keepTable(blocked, kept);
  assert.equal(readFileSync(blocked.clients, "utf8"), "");
});

test("a secret is kept and forgotten by its app, and no other name becomes a path", async () => {
  const paths = makePaths();
  const credential = {
    appId: "22222222-2222-2222-2222-22222222222A",
    displayName: "n",
    tenantId: "t",
    clientSecret: "s",
  };
  await keepCredential(paths, credential);
  assert.deepEqual(await readCredential(paths, credential.appId.toLowerCase()), credential);
  await forgetCredential(paths, credential.appId);
  assert.equal(await readCredential(paths, credential.appId), undefined);
  await assert.rejects(readCredential(paths, "../../../operator"), TypeError);
});

test("a cloud runs when its status file is there and its process lives", async () => {
  const paths = makePaths();
  assert.equal(await findRunning(paths), undefined);
  writeStatus(paths, process.pid);
  assert.equal((await findRunning(paths))?.baseUrl, "baseUrl");
  writeStatus(paths, 2 ** 30);
  assert.equal(await findRunning(paths), undefined);
  await assert.rejects(
    requireRunning(paths),
    (error) => error instanceof CliFault && /No cloud is running on/.test(error.message),
  );
});

test("a process that has ended but was not asked about does not run", {
  skip: process.platform !== "linux",
}, async (context) => {
  // The shell starts `cat` and becomes `sleep`, which asks about nobody: once its input ends, `cat` stays a zombie.
  const shell = spawn("/bin/sh", ["-c", "exec 3<&0; cat <&3 & echo $!; exec sleep 60"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  context.after(() => shell.kill());
  const [told] = (await once(shell.stdout, "data")) as [Buffer];
  const pid = Number(told.toString());
  const waitFor = async (owner: number, pattern: RegExp) => {
    while (!pattern.test(readFileSync(`/proc/${owner}/status`, "utf8"))) await setImmediate();
  };
  await waitFor(shell.pid!, /^Name:\s+sleep$/m);
  assert.equal(isAlive(pid), true);
  shell.stdin.end();
  await waitFor(pid, /^State:\s+Z/m);
  assert.equal(isAlive(pid), false);
  assert.equal(isAlive(shell.pid!), true);
});

test("a status file that holds something else is damaged, not believed", async () => {
  const paths = makePaths();
  mkdirSync(dirname(paths.status), { recursive: true });
  for (const text of ["", "[]", '{"pid": "1"}', "null"]) {
    writeFileSync(paths.status, text);
    await assert.rejects(findRunning(paths), (error) => error instanceof CliFault && /is damaged/.test(error.message));
  }
});

test("a process is our server only by its command line, with this very folder", async (context) => {
  const { stateDir } = makePaths();
  const script = "process.stdout.write('x'); setInterval(() => {}, 1000)";
  const start = async (...words: string[]) => {
    const child = spawn(process.execPath, ["-e", script, "--", ...words], { stdio: ["ignore", "pipe", "ignore"] });
    context.after(() => child.kill());
    await new Promise((resolve) => child.stdout.once("data", resolve));
    return child.pid!;
  };
  assert.equal(await isServerOf(await start("up", "--state", stateDir, "--port", "0"), stateDir), true);
  assert.equal(await isServerOf(await start("up", "--state", `${stateDir}0`), stateDir), false);
  assert.equal(await isServerOf(await start("down", "--state", stateDir), stateDir), false);
  assert.equal(await isServerOf(process.pid, stateDir), false);
});
