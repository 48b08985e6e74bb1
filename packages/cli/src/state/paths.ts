/**
 * Where things are in a state folder: the one table of file names the command line shares with the server, and its own.
 * May use: node:path, the command's context.
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Context } from "../command/command.ts";

/** The files of one state folder. */
export interface StatePaths {
  readonly stateDir: string;
  /** Written by the server while it runs. */
  readonly status: string;
  /** What a detached server prints. */
  readonly serverLog: string;
  /** Written by the server at its first start: how the operator signs in. */
  readonly operator: string;
  /** Secrets of apps that this command line made, one file an app. */
  readonly credentials: string;
  /** Folders that clients get for themselves. */
  readonly clients: string;
  /** Access tokens of the operator, until they expire. */
  readonly tokenCache: string;
}

/** Picks the state folder: the option, else $POSTERN_STATE, else `postern` in the user's state folder. Always absolute. */
export function resolveStateDir(option: string | undefined, env: Readonly<NodeJS.ProcessEnv>): string {
  const chosen = option || env.POSTERN_STATE;
  if (chosen) return resolve(chosen);
  // The specification: a relative path in the variable is to be ignored.
  const home = env.XDG_STATE_HOME?.startsWith("/")
    ? env.XDG_STATE_HOME
    : join(env.HOME || homedir(), ".local", "state");
  return join(home, "postern");
}

/** The state folder a command works on. */
export function statePathsOf({ globals, env }: Context): StatePaths {
  return pathsOf(resolveStateDir(globals.state, env));
}

export function pathsOf(stateDir: string): StatePaths {
  return {
    stateDir,
    status: join(stateDir, "run", "status.json"),
    serverLog: join(stateDir, "run", "server.log"),
    operator: join(stateDir, "operator.json"),
    credentials: join(stateDir, "credentials"),
    clients: join(stateDir, "clients"),
    tokenCache: join(stateDir, "clients", "postern", "tokens.json"),
  };
}
