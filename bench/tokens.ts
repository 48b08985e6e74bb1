/**
 * Access tokens a second: Postern's token endpoint, fresh tokens and with the reuse window, beside what the machine can sign at most (openssl) and
 * two peers, in one run, taking turns. Client credentials with a secret, RS256 with RSA 2048 throughout. Writes its part of docs/benchmarks.md.
 *
 * Two ratios to OpenSSL: of tokens a second, where the client takes its share of the same cores and OpenSSL has none; and of what one token costs
 * the server in CPU beside what one signature does, which hangs neither on the client nor on how the cores were shared out. OpenSSL is measured
 * just before each subject and a ratio is taken within that turn, so that a machine that is slower for a while is so for both.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { launchedServer, launcherEnv } from "./launched-server.ts";
import { cpuUsOf, describeMachine, mainThreadCpuUsOf, median } from "./measure.ts";
import { writeSection } from "./report.ts";
import { type TokenPlace, tokensOf } from "./token-sample.ts";
import { runWrk } from "./wrk.ts";

const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const measureSeconds = Number(process.env.BENCH_SECONDS ?? 6);
/** V8 goes on compiling for some seconds under load. */
const warmUpSeconds = 6;
const connections = 16;
/** Tokens that are looked at in each measure, while the load runs. */
const sampleSize = 20;
const subjectsFolder = join(import.meta.dirname, "token-subjects");
const scratch = mkdtempSync(join(tmpdir(), "postern-bench-"));
const node = process.execPath;
const cores = availableParallelism();
const reuseSeconds = 300;

type Target = TokenPlace & { readonly hasRequestIds?: boolean };
type Subject = {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** @param port what the program said. */
  readonly target: (port: number) => Target;
  /** How the tokens looked at must differ. `signed`: two of one second may be alike, each signed anew, for lack of an id of their own. */
  readonly tokens: "all-different" | "signed" | "one" | "none";
};
type Figures = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the server with all its threads, and of the client, for one token. */
  readonly cpuUs: number;
  readonly clientCpuUs: number;
  /** Of `cpuUs`, what the thread that answers takes. */
  readonly mainCpuUs: number;
  /** To signatures a second of all cores, and of CPU time: what a signature costs to what a token does. */
  readonly toRate: number;
  readonly toCpu: number;
};

/** The operator of a state folder asks for a token for Resource Manager, as an app's SDK does. */
function posternTarget(stateDir: string, hasRequestIds: boolean) {
  return (port: number): Target => {
    const operator = JSON.parse(readFileSync(join(stateDir, "operator.json"), "utf8"));
    const body = new URLSearchParams({
      client_id: operator.clientId,
      client_secret: operator.clientSecret,
      grant_type: "client_credentials",
      scope: "https://management.azure.com/.default",
    });
    return { port, isTls: true, path: `/${operator.tenantId}/oauth2/v2.0/token`, body: body.toString(), hasRequestIds };
  };
}

function postern(name: string, folder: string, seconds: number, hasRequestIds = false): Subject {
  const stateDir = join(scratch, folder);
  return {
    name,
    command: launchedServer(stateDir, ["--token-reuse-seconds", String(seconds)]),
    env: launcherEnv,
    target: posternTarget(stateDir, hasRequestIds),
    tokens: seconds === 0 ? "all-different" : "one",
  };
}

const fresh = "Postern, fresh tokens";
const reused = "Postern, reuse window of 5 minutes";
const freshOfLibrary = "Postern, fresh tokens, an id in each request";
const reusedOfLibrary = "Postern, reuse window, an id in each request";
const bare = "bare node:https, no token at all";
const peerForm = "grant_type=client_credentials&client_id=app&client_secret=secret-secret-secret-secret-secret-40ch";

const subjects: readonly Subject[] = [
  postern(fresh, "fresh", 0),
  postern(reused, "reused", reuseSeconds),
  postern(freshOfLibrary, "fresh-ids", 0, true),
  postern(reusedOfLibrary, "reused-ids", reuseSeconds, true),
  {
    name: "oidc-provider 9.13.3, plain HTTP",
    command: [node, join(subjectsFolder, "oidc-provider.mjs")],
    target: (port) => ({ port, isTls: false, path: "/token", body: peerForm }),
    tokens: "all-different",
  },
  {
    name: "oauth2-mock-server 9.3.0, plain HTTP",
    command: [node, join(subjectsFolder, "oauth2-mock-server.mjs")],
    target: (port) => ({ port, isTls: false, path: "/token", body: `${peerForm}&scope=read` }),
    tokens: "signed",
  },
  {
    name: bare,
    command: [node, join(subjectsFolder, "bare-https.mjs"), scratch],
    target: (port) => ({ port, isTls: true, path: "/token", body: peerForm }),
    tokens: "none",
  },
];

type SigningLimit = { readonly perSecond: number; readonly cpuUs: number };

/**
 * RSA 2048 signatures by OpenSSL itself: how many in a second on all cores, and what one takes of CPU time. Of one process OpenSSL counts the CPU
 * time, of several the time that passes.
 */
function measureSigning(): SigningLimit {
  return { perSecond: runOpenssl(["-multi", String(cores)]), cpuUs: 1_000_000 / runOpenssl([]) };
}

function runOpenssl(options: readonly string[]): number {
  const output = execFileSync("openssl", ["speed", "-seconds", "1", ...options, "rsa2048"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const rate = /^rsa +2048 bits +[\d.]+s +[\d.]+s +([\d.]+)/m.exec(output)?.[1];
  if (rate === undefined) throw new Error(`openssl speed said something else:\n${output}`);
  return Number(rate);
}

async function start({
  name,
  command,
  env,
}: Subject): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(command[0]!, command.slice(1), {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const port = await new Promise<number>((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer) => {
      output += chunk;
      const found = /^ready .*?(\d+)$/m.exec(output)?.[1];
      if (found !== undefined && output.includes("\n", output.indexOf("ready"))) resolve(Number(found));
    };
    child.stdout!.on("data", read);
    child.stderr!.on("data", read);
    child.once("exit", () => reject(new Error(`${name} ended before it was ready:\n${output}`)));
  });
  return { child, port };
}

/** As msal-node names each request: an id of its own. */
const requestId = "client-request-id=00000000-0000-4000-8000-{n}";

function runLoad({ port, isTls, path, body, hasRequestIds = false }: Target, seconds: number) {
  const headers = [
    `Host: localhost:${port}`,
    "Content-Type: application/x-www-form-urlencoded",
    "Accept: application/json",
  ];
  const target = hasRequestIds ? `${path}?${requestId}` : path;
  return runWrk({
    method: "POST",
    port,
    isTls,
    path: target,
    headers,
    body,
    connections,
    seconds,
    numbers: { first: 0 },
  });
}

async function measure(subject: Subject, limit: SigningLimit): Promise<Figures> {
  const { child, port } = await start(subject);
  const gone = new Promise((resolve) => child.once("exit", resolve));
  try {
    const target = subject.target(port);
    await runLoad(target, warmUpSeconds);
    const before = cpuUsOf(child.pid!);
    const mainBefore = mainThreadCpuUsOf(child.pid!);
    const [outcome, sample] = await Promise.all([
      runLoad(target, measureSeconds),
      subject.tokens === "none" ? [] : tokensOf(target, sampleSize, (measureSeconds * 1000) / (2 * sampleSize)),
    ]);
    const used = cpuUsOf(child.pid!) - before;
    const mainUsed = mainThreadCpuUsOf(child.pid!) - mainBefore;
    check(subject, sample);
    const { answers, elapsedMs, p50Ms, p99Ms, clientCpuUs } = outcome;
    const perSecond = (answers * 1000) / elapsedMs;
    const cpuUs = used / answers;
    const mainCpuUs = mainUsed / answers;
    const ratios = { toRate: perSecond / limit.perSecond, toCpu: limit.cpuUs / cpuUs };
    return { perSecond, p50Ms, p99Ms, cpuUs, mainCpuUs, clientCpuUs, ...ratios };
  } finally {
    child.kill("SIGTERM");
    await gone;
  }
}

/** A figure of a weaker signature or of tokens given twice would be no figure. */
function check({ name, tokens }: Subject, sample: readonly string[]): void {
  for (const token of sample) {
    const [header = "", , signature = ""] = token.split(".");
    const { alg } = JSON.parse(Buffer.from(header, "base64url").toString());
    if (alg !== "RS256" || Buffer.from(signature, "base64url").length !== 256) {
      throw new Error(`${name}: tokens are not RS256 of 2048 bits`);
    }
  }
  const different = new Set(sample).size;
  const isAsExpected = tokens === "all-different" ? different === sample.length : tokens !== "one" || different === 1;
  if (!isAsExpected) throw new Error(`${name}: ${different} different tokens among ${sample.length}`);
}

execFileSync("openssl", [
  ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost"],
  ...["-days", "2", "-keyout", join(scratch, "key.pem"), "-out", join(scratch, "cert.pem")],
]);
const limits: SigningLimit[] = [];
const measured = new Map<string, Figures[]>(subjects.map(({ name }) => [name, []]));
const loads: number[] = [];
for (let round = 1; round <= rounds; round++) {
  loads.push(loadavg()[0]!);
  for (const subject of subjects) {
    const limit = measureSigning();
    limits.push(limit);
    const figures = await measure(subject, limit);
    measured.get(subject.name)!.push(figures);
    const { perSecond, p50Ms, p99Ms, cpuUs, clientCpuUs, toRate, toCpu } = figures;
    const times = `p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms, ${cpuUs.toFixed(0)} us CPU each (client ${clientCpuUs.toFixed(0)})`;
    console.log(
      `${round}/${rounds} ${subject.name}: ${perSecond.toFixed(0)} /s of RSA ${limit.perSecond.toFixed(0)} /s, ${times}; to RSA ${toRate.toFixed(2)}, by CPU ${toCpu.toFixed(2)}`,
    );
  }
}
rmSync(scratch, { recursive: true, force: true });

const rsaRate = median(limits.map(({ perSecond }) => perSecond));
const rsaCpuUs = median(limits.map(({ cpuUs }) => cpuUs));
const results = subjects.map(({ name }) => {
  const figures = measured.get(name)!;
  const of = (member: keyof Figures) => median(figures.map((one) => one[member]));
  return {
    name,
    perSecond: of("perSecond"),
    toRate: of("toRate"),
    p50Ms: of("p50Ms"),
    p99Ms: of("p99Ms"),
    cpuUs: of("cpuUs"),
    mainCpuUs: of("mainCpuUs"),
    toCpu: of("toCpu"),
    clientCpuUs: of("clientCpuUs"),
  };
});
const figure = (name: string) => results.find((result) => result.name === name)!;
const opensslName = `openssl speed -multi ${cores} rsa2048, no server`;
const table = [
  `| ${opensslName} | ${rsaRate.toFixed(0)} | 1.00 | – | – | ${rsaCpuUs.toFixed(0)} | – | 1.00 | – |`,
  ...results.map(
    ({ name, perSecond, toRate, p50Ms, p99Ms, cpuUs, mainCpuUs, toCpu, clientCpuUs }) =>
      `| ${name} | ${perSecond.toFixed(0)} | ${toRate.toFixed(2)} | ${p50Ms.toFixed(2)} | ${p99Ms.toFixed(2)} | ${cpuUs.toFixed(0)} | ${mainCpuUs.toFixed(0)} | ${toCpu.toFixed(2)} | ${clientCpuUs.toFixed(0)} |`,
  ),
].join("\n");
const text = [
  `Client credentials with a secret, ${connections} connections that are kept, one request at a time on each; RS256 with RSA 2048 everywhere. The load comes from wrk, a second process on the same ${cores} cores: tokens a second are of server and client together, while OpenSSL has the cores to itself. CPU is the server's alone, with all its threads; "by CPU" is what a signature costs OpenSSL over what a token costs the server, whoever else uses the machine. Medians of ${rounds} rounds of ${measureSeconds} s, the subjects taking turns in one run, OpenSSL measured just before each; load average at the start of a round: ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}. Every answer was a 200; the tokens looked at meanwhile, ${sampleSize} a measure, were all different, or with the reuse window all the same.`,
  `Machine: ${describeMachine()}. Command: \`npm run bench -- tokens\`.`,
  `| | tokens/s | to RSA on ${cores} cores | p50, ms | p99, ms | CPU each, µs | of it the main thread's | to RSA, by CPU | client's CPU each, µs |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n${table}`,
  `Postern has TLS, the peers have none, and is started as \`postern up\` starts it. A connection on which one head follows the other, the same but for the ids that Microsoft's libraries put into each, has it read once. The bare HTTPS server, which makes and checks nothing, shows what Node's own HTTP and TLS leave room for on this machine: ${figure(bare).toRate.toFixed(2)} times the RSA limit with the client beside it. Postern with the reuse window, which judges every request and records it, answers at ${(figure(reused).perSecond / figure(bare).perSecond).toFixed(2)} of its rate.`,
].join("\n\n");
writeSection({
  id: "tokens",
  title: "Access tokens",
  text,
  charts: [
    {
      title: "Tokens a second",
      bars: [
        { name: opensslName, value: rsaRate },
        ...results.map(({ name, perSecond }) => ({ name, value: perSecond })),
      ],
    },
    { title: "CPU each, µs", bars: results.map(({ name, cpuUs }) => ({ name, value: cpuUs })) },
    { title: "p99, ms", bars: results.map(({ name, p99Ms }) => ({ name, value: p99Ms })) },
  ],
});
