/**
 * Sees to it that the real az is signed in, in a configuration folder of its own, before it is run. May use: state/, faults.ts.
 *
 * The secret goes to az by a pipe (`--password @-`): never in a command line, where every user of the machine could read it, and never in
 * a file of ours. What az then keeps of it is in its folder, 0700.
 * @see https://learn.microsoft.com/cli/azure/authenticate-azure-cli-service-principal
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { open, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describeError, failure } from "../faults.ts";
import { isObject } from "../output/ordered.ts";
import { makePrivateFolder, parseRecord, readTextIfAny, writePrivateFile } from "../state/private-file.ts";
import { isAlive } from "../state/status.ts";

/** az's first start on a slow disk, compiling all its modules, was seen to take 20 s. */
const LOCK_LIMIT_MS = 120_000;
const LOCK_POLL_MS = 50;

export interface AzIdentity {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface SignInRequest {
  /** The program as the user named it: `az`, or a path to one. */
  readonly program: string;
  readonly configDir: string;
  /** What az is run with; AZURE_CONFIG_DIR names the folder above. */
  readonly env: NodeJS.ProcessEnv;
  readonly identity: AzIdentity;
  readonly sayProgress: (text: string) => void;
}

/** Tells whether a program is az, by its file's name. */
export function isAz(program: string): boolean {
  return /^az(?:\.[a-z]+)?$/i.test(basename(program));
}

/** az's commands that sign in and out themselves, or need nobody signed in. */
const signInFree: ReadonlySet<string> = new Set([
  "login",
  "logout",
  "version",
  "--version",
  "--help",
  "-h",
  "config",
  "cloud",
]);

/** Tells whether a command line of az's means anything without an account. */
export function needsAccount(azArguments: readonly string[]): boolean {
  const [command] = azArguments;
  return command !== undefined && !signInFree.has(command);
}

/** Signs az in unless it is. Two at once take turns. @throws CliFault (failure) with what az said when it cannot. */
export async function ensureAzSignedIn(request: SignInRequest): Promise<void> {
  await makePrivateFolder(request.configDir);
  if (await isSignedIn(request)) return;
  const release = await lock(join(request.configDir, "postern-sign-in.lock"));
  try {
    if (await isSignedIn(request)) return;
    request.sayProgress(`Signing ${request.program} in as ${request.identity.clientId} ...`);
    await signIn(request);
    await writePrivateFile(markerPath(request), markerOf(request.identity));
  } finally {
    await release();
  }
}

/**
 * Signed in, in the folder, means: az has an account there, and it is not one we made with a secret that has been replaced since. An
 * account the user signed in with, through the launcher, is theirs and stays.
 */
async function isSignedIn(request: SignInRequest): Promise<boolean> {
  const user = await findDefaultUser(request.configDir);
  if (user === undefined) return false;
  const marker = await readTextIfAny(markerPath(request));
  return marker === undefined || user !== request.identity.clientId || marker === markerOf(request.identity);
}

/** The name of az's current account, or undefined when it has none. */
async function findDefaultUser(configDir: string): Promise<string | undefined> {
  const text = await readTextIfAny(join(configDir, "azureProfile.json"));
  // az writes the file with a byte order mark.
  const profile = text === undefined ? undefined : parseRecord(text.replace(/^\ufeff/, ""));
  const accounts = Array.isArray(profile?.subscriptions) ? profile.subscriptions.filter(isObject) : [];
  const account = accounts.find(({ isDefault }) => isDefault === true) ?? accounts[0];
  return isObject(account?.user) && typeof account.user.name === "string" ? account.user.name : undefined;
}

function markerPath({ configDir }: SignInRequest): string {
  return join(configDir, "postern-sign-in.json");
}

/** The secret itself is not in it, only what tells whether it is another. */
function markerOf({ tenantId, clientId, clientSecret }: AzIdentity): string {
  const secretDigest = createHash("sha256").update(clientSecret).digest("base64url");
  return `${JSON.stringify({ tenantId, clientId, secretDigest })}\n`;
}

function signIn({ program, env, identity }: SignInRequest): Promise<void> {
  const args = [
    "login",
    "--service-principal",
    ...["--username", identity.clientId, "--password", "@-", "--tenant", identity.tenantId],
    ...["--allow-no-subscriptions", "--output", "none", "--only-show-errors"],
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ["pipe", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    // az may end before it has read its input; how it ended says more.
    child.stdin.on("error", () => {});
    child.stdin.end(identity.clientSecret);
    child.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "ENOENT"
          ? failure(`${program}: no such program.`, "Debian and Ubuntu have it as: apt-get install azure-cli")
          : failure(`${program} cannot be run: ${describeError(error)}`),
      );
    });
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(failure(`${program} could not be signed in. It said:\n${said.trim()}`));
    });
  });
}

/** A lock is a file that holds its owner's process number; one whose owner is gone is void. */
async function lock(path: string): Promise<() => Promise<void>> {
  const started = performance.now();
  for (;;) {
    try {
      const file = await open(path, "wx", 0o600);
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw failure(`${path}: ${describeError(error)}`);
    }
    const owner = Number((await readTextIfAny(path)) ?? Number.NaN);
    if (owner > 0 && !isAlive(owner)) await rm(path, { force: true });
    else if (performance.now() - started > LOCK_LIMIT_MS) {
      throw failure(`Another postern has been signing az in for ${LOCK_LIMIT_MS / 1000} s.`, `If not, remove ${path}`);
    } else await wait(LOCK_POLL_MS);
  }
}
