/** A server process of a test's own, from the sources, that can be killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerStatus } from "./plane-client.ts";

const root = join(import.meta.dirname, "..", "..");

export type ServerProcess = {
  readonly status: ServerStatus;
  readonly child: ChildProcess;
  /** kill -9, and wait until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and wait. @returns the exit code. */
  stop(): Promise<number | null>;
};

/**
 * Starts a server on a free port and waits until it says it is ready.
 * @param within what the command is to be preceded by: another network, another clock.
 * @throws with its log when it ends before.
 */
export function startServer(
  stateDir: string,
  extra: readonly string[] = [],
  within: readonly string[] = [],
): Promise<ServerProcess> {
  const main = join(root, "packages", "server", "src", "main.ts");
  const args = ["--conditions=postern-source", main, "up", "--state", stateDir, "--port", "0", ...extra];
  const [file, ...rest] = [...within, process.execPath, ...args];
  const child = spawn(file!, rest, { stdio: ["ignore", "pipe", "pipe"] });
  const gone = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${log}`)));
    child.stdout.once("data", () => {
      const status = JSON.parse(readFileSync(join(stateDir, "run", "status.json"), "utf8")) as ServerStatus;
      resolve({
        status,
        child,
        kill: async () => {
          child.kill("SIGKILL");
          await gone;
        },
        stop: () => {
          child.kill("SIGTERM");
          return gone;
        },
      });
    });
  });
}
