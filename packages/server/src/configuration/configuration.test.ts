/** Where a setting comes from, which way stands over which, and what is refused. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { cloudOptionsOf } from "./cloud-options.ts";
import { ConfigurationFault, readConfiguration } from "./read-configuration.ts";
import { flagOf, type Setting, type SettingName, settings, variableOf } from "./settings.ts";

const names = Object.keys(settings) as SettingName[];

/** Reads with a file at /etc/postern/postern.json, if one is given. */
function read(argv: string[] = [], environment: Record<string, string> = {}, file?: unknown) {
  const all = file === undefined ? argv : [...argv, "--config", "/etc/postern/postern.json"];
  return readConfiguration(all, environment, (path) => {
    assert.equal(path, "/etc/postern/postern.json");
    return typeof file === "string" ? file : JSON.stringify(file);
  });
}

const refuse = (expected: RegExp, ...given: Parameters<typeof read>) =>
  assert.throws(
    () => read(...given),
    (cause: Error) => {
      assert.ok(cause instanceof ConfigurationFault, String(cause.stack));
      assert.match(cause.message, expected);
      return true;
    },
  );

/** A value of a setting's kind, another for each place. */
function sample(name: SettingName, place: 0 | 1 | 2): string | number | boolean {
  const setting = settings[name];
  switch (setting.kind) {
    case "integer":
      return setting.min + place;
    case "choice":
      return setting.choices[place % setting.choices.length]!;
    case "switch":
      return place !== 1;
    case "path":
      return `/place/${place}`;
    default:
      return `text ${place}`;
  }
}

test("the development account is for one machine alone", () => {
  const options = (...argv: string[]) => cloudOptionsOf(read(["--state", "/place", ...argv]));
  assert.equal(options().developmentPort, undefined);
  assert.equal(options("--development-account").developmentPort, 10_000);
  assert.equal(options("--development-account", "--development-port", "0").developmentPort, 0);
  assert.equal(options("--development-account", "--listen", "::1").developmentPort, 10_000);
  for (const [expected, ...argv] of [
    [/this machine alone/, "--development-account", "--listen", "0.0.0.0"],
    [/this machine alone/, "--development-account", "--listen", "10.0.0.1"],
    [/goes with --development-account/, "--development-port", "10000"],
  ] as const) {
    assert.throws(
      () => options(...argv),
      (cause: Error) => cause instanceof ConfigurationFault && expected.test(cause.message),
    );
  }
});

test("each setting: the file, over it the environment, over it the command line", () => {
  for (const name of names) {
    const file = { [name]: sample(name, 0) };
    const environment = { [variableOf(name)]: String(sample(name, 1)) };
    const isSwitch = settings[name].kind === "switch";
    const flags = isSwitch ? [flagOf(name)] : [flagOf(name), String(sample(name, 2))];
    assert.deepEqual(read([], {}, file), file, `${name} in the file`);
    assert.deepEqual(read([], environment, file), { [name]: sample(name, 1) }, `${name} in the environment`);
    assert.deepEqual(read(flags, environment, file), { [name]: sample(name, 2) }, `${name} on the command line`);
  }
});

test("the file is named by a flag or a variable; others of its settings stay", () => {
  const text = JSON.stringify({ port: 1, offline: true });
  const take = (argv: string[], environment: Record<string, string>) =>
    readConfiguration(argv, environment, () => text);
  assert.deepEqual(take(["--port=2"], { POSTERN_CONFIG: "a.json" }), { port: 2, offline: true });
  assert.deepEqual(take(["--config", "a.json"], { POSTERN_OFFLINE: "false" }), { port: 1, offline: false });
  assert.deepEqual(take([], {}), {});
});

test("a path in the file is meant from where the file is", () => {
  assert.deepEqual(read([], {}, { keyFile: "key", accessLog: "-", state: "/var/lib/postern" }), {
    keyFile: "/etc/postern/key",
    accessLog: "-",
    state: "/var/lib/postern",
  });
});

test("what is no setting is refused, with the one that was meant", () => {
  refuse(/'logLevle' in .*postern\.json is no setting; did you mean logLevel\?/, [], {}, { logLevle: "info" });
  refuse(/--tokn-rate is no setting; did you mean --token-rate\?/, ["--tokn-rate", "1"]);
  refuse(/POSTERN_LOG_LEVLE is no setting; did you mean POSTERN_LOG_LEVEL\?/, [], { POSTERN_LOG_LEVLE: "info" });
  refuse(/'zzz' in .* is no setting$/, [], {}, { zzz: 1 });
  refuse(/'__proto__' in|is no setting/, [], {}, '{"__proto__": 1}');
  refuse(/what is 'up' for/, ["up"]);
  // A cluster tells of a service with our name, and the command line has variables of its own.
  assert.deepEqual(read([], { POSTERN_SERVICE_HOST: "10.0.0.1", POSTERN_TENANT: "t", POSTERN_UPDATE_GOLDEN: "1" }), {});
});

test("what is no value of a setting is refused, without repeating it", () => {
  const wrong: [Parameters<typeof read>, RegExp][] = [
    [[["--port", "65536"]], /^--port takes 0 to 65535$/],
    [[["--port"]], /^--port needs a value$/],
    [[[], { POSTERN_PORT: "tcp://10.0.0.1:443" }], /^POSTERN_PORT takes 0 to 65535$/],
    [[[], { POSTERN_OFFLINE: "perhaps" }], /^POSTERN_OFFLINE takes true or false$/],
    [[[], {}, { port: "80" }], /^'port' in .* takes 0 to 65535$/],
    [[[], {}, { offline: "true" }], /^'offline' in .* takes true or false$/],
    [[[], {}, { state: "" }], /^'state' in .* takes a path$/],
    [[[], {}, { logFormat: "xml" }], /^'logFormat' in .* takes json, text$/],
    [[[], {}, "{not json"], /is not JSON$/],
    [[[], {}, "[]"], /is not a JSON object$/],
    [[["--config"]], /^--config needs a value$/],
  ];
  for (const [given, expected] of wrong) refuse(expected, ...given);
  assert.throws(
    () =>
      readConfiguration(["--config", "gone"], {}, () => {
        throw new Error("ENOENT: no such file");
      }),
    /the configuration .*gone cannot be read/,
  );
});

test("a variable that is set to nothing is not set", () => {
  assert.deepEqual(read([], { POSTERN_PORT: "", POSTERN_CONFIG: "" }), {});
});

function writeFile(t: TestContext, content: string, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), "postern-configuration-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "secret");
  writeFileSync(file, content);
  chmodSync(file, mode);
  return file;
}

test("secrets come from files that their owner alone may read, and from nowhere else", (t) => {
  const state = "/var/lib/postern";
  for (const database of ["postgres://u:pw@h/d", "postgres://u@h/d?password=pw", "postgres://u:p w@[bad/d"])
    assert.throws(() => cloudOptionsOf({ state, database, databaseKeyFile: "/k" }), /must not hold a password(?!.*pw)/);
  assert.throws(() => cloudOptionsOf({ state, database: "postgres://u@h/d" }), /needs --database-key-file/);
  const admin = (adminListen: string, adminTokenFile?: string) =>
    cloudOptionsOf({ state, adminListen, ...(adminTokenFile === undefined ? {} : { adminTokenFile }) }).admin;
  assert.deepEqual(admin("127.0.0.1:9464"), { host: "127.0.0.1", port: 9464, token: undefined });
  assert.deepEqual(admin("[::1]:0"), { host: "::1", port: 0, token: undefined });
  assert.throws(() => admin("0.0.0.0:9464"), /needs --admin-token-file/);
  assert.throws(() => admin("9464"), /takes HOST:PORT/);
  const token = "a-token-of-some-length";
  assert.deepEqual(admin("0.0.0.0:9464", writeFile(t, `${token}\n`)), { host: "0.0.0.0", port: 9464, token });
  assert.throws(() => admin("0.0.0.0:9464", writeFile(t, token, 0o644)), /may be read by others/);
  assert.throws(() => admin("0.0.0.0:9464", writeFile(t, "short")), /must hold a token of 16/);
  assert.throws(() => admin("0.0.0.0:9464", "/nonexistent/token"), /nonexistent\/token is not there/);
});

test("on loopback nobody is put off by rate; where others can reach it, generously", () => {
  const ratesOf = (listen?: string, planeRate?: number) =>
    cloudOptionsOf({ state: "/s", ...(listen && { listen }), ...(planeRate && { planeRate }) }).front.rates;
  assert.deepEqual(
    [ratesOf().tokens.perSecond, ratesOf("::1").planes.perSecond, ratesOf("[::1]").planes.perSecond],
    [0, 0, 0],
  );
  assert.deepEqual(ratesOf("0.0.0.0"), {
    tokens: { perSecond: 500, burst: 5000 },
    planes: { perSecond: 1000, burst: 10_000 },
  });
  assert.deepEqual(ratesOf(undefined, 7).planes, { perSecond: 7, burst: 70 });
  assert.throws(() => cloudOptionsOf({}), /--state is needed/);
});

test("the defaults that the page shows are those that are used", () => {
  const { port, listenHost, front, edgeLimits } = cloudOptionsOf({ state: "/s", accessLog: "-" });
  const mib = 1024 * 1024;
  const used: Partial<Record<SettingName, unknown>> = {
    port,
    listen: listenHost,
    maxRequests: front.load.maxRequests,
    maxBodyMib: front.load.maxBodyBytes / mib,
    maxLoopDelayMs: front.load.maxDelayMs,
    maxHeapPercent: front.load.maxHeapPercent,
    accessLogMaxMib: front.accessLog!.maxBytes / mib,
    accessLogKept: front.accessLog!.keptFiles,
    maxConnections: edgeLimits.maxConnections,
    headersTimeoutSeconds: edgeLimits.headersTimeoutMs / 1000,
    keepAliveSeconds: edgeLimits.keepAliveTimeoutMs / 1000,
    drainSeconds: edgeLimits.drainTimeoutMs / 1000,
  };
  for (const [name, value] of Object.entries(used)) {
    const setting: Setting = settings[name as SettingName];
    assert.equal(setting.shownDefault, String(value), name);
  }
});
