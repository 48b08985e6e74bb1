/** What `postern up` passes on is what the server takes, by the same names. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { command } from "../../packages/cli/src/commands/up.ts";
import { pickOwn, serverCommand } from "../../packages/cli/src/server-process.ts";
import { readConfiguration } from "../../packages/server/src/configuration/read-configuration.ts";
import { flagOf, type Setting, settings } from "../../packages/server/src/configuration/settings.ts";

/** Of the command alone. */
const ownOptions = new Set(["detach", "config"]);

test("each option of postern up is a setting of the server", () => {
  const passed = Object.entries(command.options ?? {}).filter(([name]) => !ownOptions.has(name));
  assert.ok(passed.length >= 10);
  for (const [name, option] of passed) {
    const setting = (settings as Readonly<Record<string, Setting>>)[name];
    assert.ok(setting !== undefined, `${name} is no setting`);
    assert.ok(option.flags.includes(flagOf(name)), `${name} has another flag`);
    if (setting.kind === "choice") assert.deepEqual(option.kind === "text" && option.choices, setting.choices);
    assert.equal(setting.kind === "switch", option.kind === "flag", name);
    assert.equal(setting.kind === "integer", option.kind === "integer", name);
  }
});

test("what is given is passed on as it is, what is not is left to the file and the environment", () => {
  const paths = { stateDir: "/var/lib/postern" } as Parameters<typeof serverCommand>[0];
  const words = serverCommand(paths, {
    port: 0,
    offline: true,
    tunnelForOthers: false,
    logLevel: "warn",
    keyFile: undefined,
  });
  const given = words.slice(words.indexOf("up") + 1);
  assert.deepEqual(readConfiguration(given, { POSTERN_LISTEN: "::1" }, String), {
    state: "/var/lib/postern",
    port: 0,
    offline: true,
    logLevel: "warn",
    listen: "::1",
  });
});

test("what every command has is not passed on", () => {
  const args = {
    ...Object.fromEntries(Object.keys(command.options).map((name) => [name, undefined])),
    output: "json",
    debug: true,
  };
  assert.deepEqual(
    Object.entries(pickOwn(command.options, args)).filter(([, value]) => value !== undefined),
    [],
  );
});
