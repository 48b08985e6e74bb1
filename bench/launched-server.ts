/** The built server, started as `postern up` starts it: with the same flags and environment, which say how much memory it may take. */
import { join } from "node:path";
import { MEMORY_FLAGS, serverEnv } from "../packages/cli/src/server-process.ts";

/** @returns program and arguments; `options` go to the server. */
export function launchedServer(stateDir: string, options: readonly string[] = []): string[] {
  const main = join(import.meta.dirname, "..", "packages/server/dist/main.js");
  return [process.execPath, ...MEMORY_FLAGS, main, "up", "--state", stateDir, "--port", "0", ...options];
}

/** What the launcher adds to the environment. */
export const launcherEnv = serverEnv({});
/** What it gives to Node. */
export { MEMORY_FLAGS as launcherFlags };
