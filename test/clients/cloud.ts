/**
 * A Postern of a suite's own: started and driven by the public command line only, in a temporary state folder.
 *
 * Owns: start, stop, and the ways to run a client under the launcher. May use: execution.ts and node's own modules; nothing of
 * packages/ is imported, because these tests see what a user sees.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertSucceeded, type ExecuteOptions, execute, type Outcome } from "./execution.ts";

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The command line from its sources: what is tested is what is in the tree, not an older build. */
const posternCommand = [
  process.execPath,
  "--conditions=postern-source",
  join(repository, "packages/cli/src/main.ts"),
] as const;

/** What `postern status --output json` answers. */
export interface Status {
  readonly baseUrl: string;
  readonly proxyUrl: string;
  readonly caBundle: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly stateDir: string;
  readonly pid: number;
}

/** The variables of `postern env NAME --format json`; the last two only for the operator. */
export interface Credentials {
  readonly AZURE_TENANT_ID: string;
  readonly AZURE_CLIENT_ID: string;
  readonly AZURE_CLIENT_SECRET: string;
  readonly username?: string;
  readonly password?: string;
}

export interface RunOptions extends ExecuteOptions {
  /** The app whose three variables the client gets. */
  readonly as?: string;
  /** The managed identity whose tokens the client may get, and where it finds them. */
  readonly identity?: string;
  readonly identityForm?: string;
}

/** One running Postern and the folders that go with it. */
export interface Cloud {
  readonly status: Status;
  /** A folder for the suite's own files; goes with the cloud. */
  readonly workDir: string;
  /** The command that runs `client` under the launcher, for `startProgram`. */
  launch(client: readonly string[], options?: RunOptions): readonly string[];
  /** Runs a client under the launcher, to its end. */
  run(client: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** The words of a postern command, for running it under the launcher. */
  words(...args: string[]): readonly string[];
  /** Runs a postern command to its end. */
  postern(...args: string[]): Promise<Outcome>;
  /** Runs a postern command that must succeed and print JSON. */
  posternJson<T>(...args: string[]): Promise<T>;
  credentials(name: string): Promise<Credentials>;
  stop(): Promise<void>;
}

/** The variables of the tests' own surroundings, without any that would sign a client in somewhere. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(AZURE_|POSTERN_(?!TEST_)|NODE_OPTIONS$|NODE_TEST)/.test(name),
  );
  return { ...Object.fromEntries(kept), ...extra };
}

/** Starts a Postern on a free port. The caller stops it when its suite ends. */
export async function startCloud(): Promise<Cloud> {
  const root = await mkdtemp(join(tmpdir(), "postern-clients-"));
  const stateDir = join(root, "state");
  const workDir = join(root, "work");
  await mkdir(workDir);
  const options = { cwd: workDir, env: cleanEnvironment() };
  const words = (...args: string[]) => {
    // What follows `--` is another program's.
    const end = args.indexOf("--") < 0 ? args.length : args.indexOf("--");
    return [...posternCommand, ...args.slice(0, end), "--state", stateDir, ...args.slice(end)];
  };
  const postern = (...args: string[]) => execute(words(...args), options);
  const posternJson = async <T>(...args: string[]): Promise<T> =>
    JSON.parse(assertSucceeded(await postern(...args)).stdout) as T;
  const stop = async () => {
    await postern("down");
    await rm(root, { recursive: true, force: true });
  };
  try {
    assertSucceeded(await postern("up", "--port", "0", "--detach"));
    const launch = (client: readonly string[], { as, identity, identityForm }: RunOptions = {}) => [
      ...posternCommand,
      "run",
      ...(as === undefined ? [] : ["--as", as]),
      ...(identity === undefined ? [] : ["--identity", identity]),
      ...(identityForm === undefined ? [] : ["--identity-form", identityForm]),
      ...["--state", stateDir, "--"],
      ...client,
    ];
    return {
      status: await posternJson<Status>("status", "--output", "json"),
      workDir,
      launch,
      run: (client, extra = {}) =>
        execute(launch(client, extra), { ...options, ...extra, env: cleanEnvironment(extra.env) }),
      words,
      postern,
      posternJson,
      credentials: (name) => posternJson<Credentials>("env", name, "--format", "json"),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
