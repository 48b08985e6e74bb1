/** What is in deploy/: its metrics exist, its settings are settings, and the programs it is for read it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parse } from "yaml";
import { serverCommand, serverEnv } from "../../packages/cli/src/server-process.ts";
import { pathsOf } from "../../packages/cli/src/state/paths.ts";
import { readConfiguration } from "../../packages/server/src/configuration/read-configuration.ts";
import { settings, variableOf } from "../../packages/server/src/configuration/settings.ts";
import { startTestCloud } from "../support/cloud-in-process.ts";

const deploy = join(import.meta.dirname, "..", "..", "deploy");
const read = (name: string) => readFileSync(join(deploy, name), "utf8");

/** Where each program comes from that reads a file of deploy/. */
const origins = {
  haproxy: "test/debian/install.sh long installs it",
  promtool: "test/debian/install.sh base installs it (Debian's package prometheus)",
  "systemd-analyze": "Debian's package systemd has it",
};

/** A `skip` for node:test: false when the program is there, else what is left out and how to get it. */
function skipWithout(program: keyof typeof origins): false | string {
  return spawnSync("which", [program]).status === 0 ? false : `${program} is not installed here; ${origins[program]}`;
}

/** Names of metrics in an expression: what stands before a brace, a bracket, an operator or an end, and is no word of the language. */
function metricsIn(expression: string): string[] {
  const bare = expression.replace(/\{[^}]*\}/g, "").replace(/\b(?:by|without) \([^)]*\)/g, "");
  return [...bare.matchAll(/\b(?:postern|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name);
}

test("every metric that the dashboard and the alerts name is there, with the labels they ask for", async (t) => {
  const cloud = await startTestCloud({ admin: { host: "127.0.0.1", port: 0, token: undefined } });
  t.after(() => cloud.dispose());
  assert.equal((await cloud.client.askToken("a", "b", "c")).status, 400);
  const text = await (await fetch(`${cloud.adminOrigin}/metrics`)).text();
  const known = new Set<string>();
  for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    known.add(name!);
    if (type === "histogram") for (const end of ["bucket", "sum", "count"]) known.add(`${name}_${end}`);
  }
  const dashboard = JSON.parse(read("grafana-dashboard.json")) as {
    panels: { title: string; targets: { expr: string }[] }[];
    templating: { list: { query: string | { query: string } }[] };
  };
  const alerts = parse(read("alerts.yml")) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const expressions = [
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...alerts.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
  ];
  assert.ok(expressions.length > 30);
  const used = new Set(expressions.flatMap(metricsIn));
  assert.ok(used.size > 20);
  for (const name of used) assert.ok(known.has(name), `${name} is not there`);
  const own = [...known].filter((name) => name.startsWith("postern_") && !/_(?:bucket|sum|count)$/.test(name));
  const shown = (name: string) => [...used].some((one) => one.startsWith(name));
  assert.deepEqual(
    own.filter((name) => !shown(name)),
    ["postern_blob_extents"],
    "what is measured is shown somewhere",
  );
});

test("the configuration and the compose file name settings that there are", () => {
  const file = readConfiguration(["--config", join(deploy, "postern.json")], {}, (path) => readFileSync(path, "utf8"));
  assert.ok(Object.keys(file).length >= 8);
  const variables = new Set(Object.keys(settings).map(variableOf));
  const named = [...`${read("compose.yaml")}${read("Containerfile")}`.matchAll(/\b(POSTERN_[A-Z_]+)\b/g)].map(
    ([, name]) => name!,
  );
  assert.ok(named.length > 10);
  for (const name of named) assert.ok(variables.has(name), name);
  const compose = parse(read("compose.yaml"), { merge: true }) as { services: Record<string, Record<string, unknown>> };
  for (const name of ["server-a", "server-b"]) {
    const service = compose.services[name]!;
    assert.equal(service.read_only, true, name);
    assert.deepEqual([service.cap_drop, service.security_opt], [["ALL"], ["no-new-privileges:true"]], name);
    assert.equal(service.ports, undefined, "only the balancer is reached from outside");
  }
});

test("the image and the service start the server as the launcher does, as far as memory goes", () => {
  const launched = serverCommand(pathsOf("/state"), {});
  const flags = launched.filter((word) => word.startsWith("--") && !/^--(?:conditions|state)/.test(word));
  assert.ok(flags.length > 0);
  const variables = Object.entries(serverEnv({})).map(([name, value]) => `${name}=${value}`);
  assert.ok(variables.length > 0);
  const recipe = read("Containerfile");
  const entry = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(recipe)![1]!) as string[];
  assert.deepEqual(entry.slice(1, -2), flags);
  const unit = read("postern.service");
  assert.deepEqual(/^ExecStart=\S+ (.*) \S+ up /m.exec(unit)![1]!.split(" "), flags);
  for (const variable of variables) {
    assert.ok(new RegExp(`^(?:ENV )?.*\\b${variable}(?: |$)`, "m").test(recipe), variable);
    assert.ok(new RegExp(`^Environment=.*\\b${variable}(?: |$)`, "m").test(unit), variable);
  }
});

test("the service's flags are settings, and systemd reads its unit", { skip: skipWithout("systemd-analyze") }, (t) => {
  const unit = read("postern.service");
  const line = /^ExecStart=.* up (.*)$/m.exec(unit)![1]!.split(" ");
  assert.deepEqual(Object.keys(readConfiguration(line, {}, () => "{}")).sort(), ["accessLog", "keyFile", "state"]);
  // The program need not be where the unit says on the machine that tests it.
  const file = join(makeFolder(t), "postern.service");
  writeFileSync(file, unit.replace("/usr/bin/node", process.execPath));
  const verified = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
  assert.ok(!`${verified.stdout}${verified.stderr}`.includes(file), verified.stderr);
  const judged = spawnSync("systemd-analyze", ["security", "--offline=true", file], { encoding: "utf8" });
  const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(judged.stdout)?.[1]);
  assert.ok(exposure < 2, judged.stdout);
});

test("haproxy reads its configuration", { skip: skipWithout("haproxy") }, (t) => {
  const file = join(makeFolder(t), "haproxy.cfg");
  writeFileSync(file, read("haproxy.cfg"));
  const checked = spawnSync("haproxy", ["-c", "-f", file], { encoding: "utf8" });
  assert.equal(checked.status, 0, checked.stderr);
  assert.doesNotMatch(checked.stderr, /\[ALERT\]/);
});

test("Prometheus reads the alerts and finds nothing wrong with the metrics", {
  skip: skipWithout("promtool"),
}, async (t) => {
  const rules = spawnSync("promtool", ["check", "rules", join(deploy, "alerts.yml")], { encoding: "utf8" });
  assert.equal(rules.status, 0, rules.stdout + rules.stderr);
  const cloud = await startTestCloud({ admin: { host: "127.0.0.1", port: 0, token: undefined } });
  t.after(() => cloud.dispose());
  assert.equal((await cloud.client.askToken("a", "b", "c")).status, 400);
  const input = await (await fetch(`${cloud.adminOrigin}/metrics`)).text();
  const metrics = spawnSync("promtool", ["check", "metrics"], { encoding: "utf8", input });
  assert.equal(metrics.status, 0, metrics.stdout + metrics.stderr);
});

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "postern-deploy-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}
