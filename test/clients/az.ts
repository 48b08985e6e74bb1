/**
 * Drives one installed `az` under the launcher. May use: cloud.ts, execution.ts, installed.ts.
 */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { type Cloud, cleanEnvironment } from "./cloud.ts";
import { assertRefused, assertSucceeded, execute, type Outcome } from "./execution.ts";
import type { AzInstallation } from "./installed.ts";

export interface Az {
  run(...args: string[]): Promise<Outcome>;
  /** Must succeed; gives what it printed as JSON. */
  json<T = unknown>(...args: string[]): Promise<T>;
  /** Must succeed; gives what it printed, trimmed. */
  text(...args: string[]): Promise<string>;
  /** Must fail and say something that matches. */
  refused(expected: RegExp, ...args: string[]): Promise<Outcome>;
}

/** What an az with a configuration folder of its own needs to stay quiet and offline. */
const azSettings = {
  AZURE_CORE_COLLECT_TELEMETRY: "0",
  AZURE_EXTENSION_USE_DYNAMIC_INSTALL: "no",
  AZURE_CORE_LOGIN_EXPERIENCE_V2: "off",
};

function drive(run: (args: string[]) => Promise<Outcome>): Az {
  return {
    run: (...args) => run(args),
    json: async <T>(...args: string[]) =>
      JSON.parse(assertSucceeded(await run([...args, "--output", "json"])).stdout || "null") as T,
    text: async (...args) => assertSucceeded(await run(args)).stdout.trim(),
    refused: async (expected, ...args) => assertRefused(await run(args), expected),
  };
}

function pathWith(installation: AzInstallation): string {
  return `${installation.path}:${process.env.PATH}`;
}

/** az as `postern run -- az` gives it: signed in as the operator. */
export function operatorAz(cloud: Cloud, installation: AzInstallation, env: NodeJS.ProcessEnv = {}): Az {
  return drive((args) => cloud.run(["az", ...args], { env: { ...env, PATH: pathWith(installation) } }));
}

/** az under the launcher with a fresh configuration folder: signed in as nobody. */
export async function freshAz(cloud: Cloud, installation: AzInstallation): Promise<Az> {
  const folder = await mkdtemp(join(cloud.workDir, "az-"));
  const settings = Object.entries({ ...azSettings, AZURE_CONFIG_DIR: folder }).map(
    ([name, value]) => `${name}=${value}`,
  );
  return drive((args) => cloud.run(["env", ...settings, "az", ...args], { env: { PATH: pathWith(installation) } }));
}

/** az by itself, with no launcher: only the variables given. */
export async function bareAz(cloud: Cloud, installation: AzInstallation, env: NodeJS.ProcessEnv): Promise<Az> {
  const folder = await mkdtemp(join(cloud.workDir, "az-"));
  const full = { PATH: pathWith(installation), ...azSettings, AZURE_CONFIG_DIR: folder, ...env };
  return drive((args) => execute(["az", ...args], { cwd: cloud.workDir, env: cleanEnvironment(full) }));
}

/** The arguments of a service principal's sign-in. */
export function loginArguments(appId: string, secret: string, tenant: string): string[] {
  return ["login", "--service-principal", "-u", appId, "-p", secret, "--tenant", tenant, "--allow-no-subscriptions"];
}
