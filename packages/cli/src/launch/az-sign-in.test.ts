import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CliFault } from "../faults.ts";
import { ensureAzSignedIn, isAz, needsAccount, type SignInRequest } from "./az-sign-in.ts";

const identity = { tenantId: "tenant", clientId: "client", clientSecret: "the-secret" };

/** A stand-in for az that keeps what it was given and writes az's own profile file. */
function makeAz(behaviour = "") {
  const folder = mkdtempSync(join(tmpdir(), "postern-az-"));
  const program = join(folder, "az");
  const profile = `\\xef\\xbb\\xbf{"subscriptions": [{"isDefault": true, "user": {"name": "%s"}}]}`;
  writeFileSync(
    program,
    `#!/bin/sh\n${behaviour}\necho "$@" >> ${folder}/arguments\ncat >> ${folder}/input\n` +
      `printf '${profile.replaceAll("\\x", "\\x").replace("\\xef\\xbb\\xbf", "\\357\\273\\277")}' client > "$AZURE_CONFIG_DIR/azureProfile.json"\n`,
  );
  chmodSync(program, 0o700);
  const configDir = join(folder, "config");
  const request: SignInRequest = {
    program,
    configDir,
    env: { PATH: process.env.PATH, AZURE_CONFIG_DIR: configDir },
    identity,
    sayProgress: () => {},
  };
  const read = (name: string) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "");
  const countSignIns = () =>
    read("arguments")
      .split("\n")
      .filter((line) => line !== "").length;
  return { request, configDir, read, countSignIns };
}

test("az is signed in once, with the secret by a pipe and nowhere in its arguments", async () => {
  const az = makeAz();
  await ensureAzSignedIn(az.request);
  await ensureAzSignedIn(az.request);
  assert.equal(az.countSignIns(), 1);
  assert.equal(az.read("input"), "the-secret");
  assert.match(az.read("arguments"), /--username client --password @- --tenant tenant/);
  assert.equal(az.read("arguments").includes("the-secret"), false);
  assert.equal(readFileSync(join(az.configDir, "postern-sign-in.json"), "utf8").includes("the-secret"), false);
});

test("several at once sign in once", async () => {
  const az = makeAz();
  await Promise.all(Array.from({ length: 4 }, () => ensureAzSignedIn(az.request)));
  assert.equal(az.countSignIns(), 1);
});

test("a new secret, and a folder that was emptied, sign in again", async () => {
  const az = makeAz();
  await ensureAzSignedIn(az.request);
  const renewed = { ...az.request, identity: { ...identity, clientSecret: "another" } };
  await ensureAzSignedIn(renewed);
  assert.equal(az.countSignIns(), 2);
  rmSync(join(az.configDir, "azureProfile.json"));
  await ensureAzSignedIn(renewed);
  assert.equal(az.countSignIns(), 3);
});

test("an account the user signed in with stays", async () => {
  const az = makeAz();
  await ensureAzSignedIn(az.request);
  writeFileSync(join(az.configDir, "azureProfile.json"), '{"subscriptions": [{"user": {"name": "someone@else"}}]}');
  await ensureAzSignedIn({ ...az.request, identity: { ...identity, clientSecret: "another" } });
  assert.equal(az.countSignIns(), 1);
});

test("when az refuses, what it said is told, and the lock of a process that is gone does not bar the way", async () => {
  const az = makeAz("echo 'ERROR: AADSTS7000215: Invalid client secret' >&2; exit 1");
  const isTold = (error: unknown) => error instanceof CliFault && error.message.includes("AADSTS7000215");
  await assert.rejects(ensureAzSignedIn(az.request), isTold);
  writeFileSync(join(az.configDir, "postern-sign-in.lock"), "999999999");
  await assert.rejects(ensureAzSignedIn(az.request), isTold);
});

test("az is known by its file's name", () => {
  assert.deepEqual(["az", "/usr/bin/az", "az.cmd", "azcopy", "blaze", "python"].map(isAz), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("az's own sign-in is not preceded by ours", () => {
  assert.deepEqual([["login"], ["logout"], ["--version"], []].map(needsAccount), [false, false, false, false]);
  assert.deepEqual(
    [
      ["account", "show"],
      ["ad", "app", "list"],
    ].map(needsAccount),
    [true, true],
  );
});
