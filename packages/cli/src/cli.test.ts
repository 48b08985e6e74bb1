import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runCommandLine } from "./cli.ts";
import { describeCommand, describeGroup } from "./command/help.ts";
import { entries, groups, listBelow } from "./command/registry.ts";
import { findClosest } from "./command/suggestions.ts";

async function run(...line: string[]) {
  const written = { out: "", error: "" };
  const code = await runCommandLine(line, {
    env: { POSTERN_STATE: mkdtempSync(join(tmpdir(), "postern-cli-")) },
    packageRoot: new URL("../", import.meta.url),
    preload: new URL("preload.cjs", import.meta.url),
    isStdinTerminal: false,
    isStdoutTerminal: false,
    isStderrTerminal: false,
    writeOut: (text) => {
      written.out += text;
    },
    writeError: (text) => {
      written.error += text;
    },
  });
  return { code, ...written };
}

test("--help and no words at all show every command there is, --version the version", async () => {
  for (const line of [["--help"], [], ["help"]]) {
    const { code, out, error } = await run(...line);
    assert.deepEqual([code, error], [0, ""]);
    for (const word of listBelow("").keys()) assert.match(out, new RegExp(`^ +${word} +: `, "m"));
  }
  assert.match((await run("--version")).out, /^postern \d+\.\d+\.\d+\n$/);
});

test("every command loads, has examples that begin with its own words, and explains itself", async () => {
  for (const entry of entries) {
    const { command } = await entry.load();
    assert.ok(command.examples.length > 0, entry.path);
    for (const { line } of command.examples) assert.ok(line.includes(`postern ${entry.path}`), line);
    const help = await run(...entry.path.split(" "), "--help");
    assert.deepEqual([help.code, help.error], [0, ""], entry.path);
    assert.equal(help.out, describeCommand(entry, command));
    const flags = Object.values(command.options).flatMap((option) => option.flags);
    assert.equal(new Set(flags).size, flags.length, `${entry.path}: a flag stands for two things`);
  }
});

test("every group of words is explained", () => {
  const used = entries.flatMap(({ path }) =>
    path
      .split(" ")
      .slice(0, -1)
      .map((_, index, words) => words.slice(0, index + 1).join(" ")),
  );
  assert.deepEqual([...new Set(used)].sort(), Object.keys(groups).sort());
  for (const path of Object.keys(groups)) assert.match(describeGroup(path), new RegExp(`postern ${path} : \\S`));
});

test("a mistyped word gets a suggestion, a command of az's the way to az's own; both are exit code 2", async () => {
  const mistyped = await run("role", "assignmnet", "list");
  assert.equal(mistyped.code, 2);
  assert.match(
    mistyped.error,
    /'assignmnet' is misspelled or not recognized by the system\.\nDid you mean 'assignment' \?/,
  );
  const foreign = await run("vm", "list", "--admin-password", "hidden");
  assert.equal(foreign.code, 2);
  assert.match(foreign.error, /postern run -- az vm list \.\.\./);
  assert.equal(foreign.error.includes("hidden"), false);
  const own = await run("secrets", "expiring");
  assert.equal(own.code, 2);
  assert.doesNotMatch(own.error, /-- az/, "az has no such group");
});

test("a command line that cannot be understood is exit code 2, and shows how the command is written", async () => {
  const { code, error } = await run("group", "create", "--name", "x");
  assert.equal(code, 2);
  assert.match(error, /^ERROR: the following arguments are required: --location\/-l\nUsage: postern group create/);
  assert.equal((await run("group", "list", "--query", "[")).code, 2);
  assert.equal((await run("group")).code, 2);
});

test("without a cloud every command that needs one says so, with exit code 1", async () => {
  for (const line of [["status"], ["group", "list"], ["env", "my-app"], ["run", "--", "true"], ["ad", "app", "list"]]) {
    const { code, out, error } = await run(...line);
    assert.deepEqual([code, out], [1, ""], line.join(" "));
    assert.match(error, /^ERROR: No cloud is running on .*\nStart one with: postern up --detach\n/);
  }
  assert.equal((await run("down")).code, 0);
});

test("a tenant that cannot be one is refused in Entra's words", async () => {
  const { code, error } = await run("login", "--service-principal", "-u", "x", "-p", "hidden", "--tenant", "contoso");
  assert.deepEqual(
    [code, error],
    [
      1,
      "ERROR: AADSTS900023: Specified tenant identifier 'contoso' is neither a valid DNS name, nor a valid external domain.\n",
    ],
  );
});

test("what az refuses before it asks anyone, we do too", async () => {
  const refused: readonly (readonly [RegExp, ...string[]])[] = [
    [/specify both --role and --scopes/, "ad", "sp", "create-for-rbac", "-n", "x", "--role", "Reader"],
    [
      /--cert STRING \| --cert NAME --keyvault VAULT/,
      "ad",
      "sp",
      "create-for-rbac",
      "-n",
      "x",
      "--cert",
      "no certificate",
    ],
    [/--assignee STRING \| --assignee-object-id GUID/, "role", "assignment", "create", "--role", "x", "--scope", "/x"],
    [/--assignee can't be an empty string/, "role", "assignment", "delete", "--assignee", ""],
    [/at least one of these arguments: --ids/, "role", "assignment", "delete"],
    [/Use --yes\.\nERROR: Operation cancelled\./, "group", "delete", "-n", "x"],
  ];
  for (const [message, ...line] of refused) {
    const { code, error } = await run(...line);
    assert.equal(code, 1, line.join(" "));
    assert.match(error, message);
  }
});

test("likeness: a swap is one slip, and short words are not alike by chance", () => {
  assert.equal(findClosest("gruop", ["group", "role"]), "group");
  assert.equal(findClosest("vm", ["ad", "up", "env"]), undefined);
});
