/**
 * How long a command takes, from its start to its end: the built command line beside the real az, each against the same cloud, taking turns.
 * Writes its part of docs/benchmarks.md. az is Debian 13's when it is there (test/debian/install.sh trixie), else the machine's own.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine, median } from "./measure.ts";
import { writeSection } from "./report.ts";

/** Runs of each; az takes a second or more. */
const rounds = Number(process.env.POSTERN_BENCH_ROUNDS ?? 7);
/** What was promised: a listing in so much of az's time, help in so many milliseconds. */
const MOST_OF_AZ = 0.15;
const MOST_HELP_MS = 60;

const root = join(import.meta.dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "postern-bench-"));
const state = join(scratch, "state");
const trixie = join(root, "test/debian/trixie-bin");
const hasTrixie = spawnSync(join(root, "test/debian/trixie-run.sh"), ["true"]).status === 0;
const bin = [process.execPath, join(root, "packages/cli/bin/postern.js")] as const;
const env = { ...process.env, POSTERN_STATE: state, ...(hasTrixie ? { PATH: `${trixie}:${process.env.PATH}` } : {}) };

function run(
  command: readonly string[],
  runEnv: NodeJS.ProcessEnv = env,
): { readonly ms: number; readonly stdout: string } {
  const started = process.hrtime.bigint();
  const result = spawnSync(command[0]!, command.slice(1), { env: runEnv, encoding: "utf8", maxBuffer: 1 << 28 });
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  if (result.status !== 0) throw new Error(`${command.join(" ")}: ${result.stderr}`);
  return { ms, stdout: result.stdout };
}

/** The variables the launcher gives az, so that az is measured and not the launcher. */
function azEnvironment(): NodeJS.ProcessEnv {
  run([...bin, "run", "--", "az", "account", "show"]);
  const { stdout } = run([...bin, "run", "--", "env", "-0"]);
  const pairs = stdout.split("\0").filter((line) => line !== "");
  return Object.fromEntries(pairs.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

if (!existsSync(join(root, "packages/cli/dist/main.js"))) throw new Error("not built: npm run build");
run([...bin, "up", "--detach", "--port", "0"]);
try {
  const azEnv = azEnvironment();
  const list = ["role", "definition", "list", "--output", "table"];
  const subjects: { readonly name: string; readonly once: () => number; readonly times: number[] }[] = [
    { name: "postern role definition list --output table", once: () => run([...bin, ...list]).ms, times: [] },
    {
      name: "the same when the roles changed since: the whole listing is sent",
      once: () => {
        rmSync(join(state, "clients/postern/kept-table.json"), { force: true });
        return run([...bin, ...list]).ms;
      },
      times: [],
    },
    { name: "az role definition list --output table", once: () => run(["az", ...list], azEnv).ms, times: [] },
    { name: "postern group list", once: () => run([...bin, "group", "list"]).ms, times: [] },
    { name: "az group list", once: () => run(["az", "group", "list"], azEnv).ms, times: [] },
    { name: "postern --help", once: () => run([...bin, "--help"]).ms, times: [] },
    {
      name: "node --eval '' (no command line can be quicker)",
      once: () => run([process.execPath, "--eval", ""]).ms,
      times: [],
    },
  ];
  // Once each to warm the disk's cache, Node's and Python's compiled code; not counted.
  for (const { once } of subjects) once();
  for (let round = 0; round < rounds; round += 1) for (const { once, times } of subjects) times.push(once());
  const results = subjects.map(({ name, times }) => ({ name, ms: median(times), leastMs: Math.min(...times) }));
  for (const { name, ms, leastMs } of results)
    console.log(`${name}: median ${ms.toFixed(0)} ms, least ${leastMs.toFixed(0)} ms`);
  const [ours, changed, theirs, , , help] = results;
  const share = ours!.ms / theirs!.ms;
  console.log(
    `listing roles: ${share.toFixed(3)} of az's time (at most ${MOST_OF_AZ}), ${(changed!.ms / theirs!.ms).toFixed(3)} when they changed; help: ${help!.ms.toFixed(0)} ms (under ${MOST_HELP_MS})`,
  );
  const rows = results.map(({ name, ms, leastMs }) => `| \`${name}\` | ${ms.toFixed(0)} | ${leastMs.toFixed(0)} |`);
  writeSection({
    id: "cli",
    title: "The command line",
    text: `Time from starting a command to its end, against the same cloud; medians of ${rounds} runs, taking turns. The built command line (\`npm run build\`), with what Node compiled kept between runs. az is ${hasTrixie ? "2.74 of Debian 13" : "the machine's own"}, with the launcher's environment, signed in. Listing the roles takes ${share.toFixed(2)} of az's time: the server is asked, decides, and says that nothing changed since the table was drawn; when something did, ${(changed!.ms / theirs!.ms).toFixed(2)}.\n\nMachine: ${describeMachine()}. Command: \`npm run bench -- cli\`.\n\n| | median, ms | least, ms |\n|---|---:|---:|\n${rows.join("\n")}`,
    charts: [{ title: "Command to its end, ms", bars: results.map(({ name, ms }) => ({ name, value: ms })) }],
  });
} finally {
  run([...bin, "down"]);
  rmSync(scratch, { recursive: true, force: true });
}
