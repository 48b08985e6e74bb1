/** `postern up`: starts the cloud, in this terminal or behind it. May use: server-process.ts, state/. */
import { defineCommand } from "../command/command.ts";
import { failure, usageFault } from "../faults.ts";
import { pickOwn, serverCommand, serverEnv, startDetached } from "../server-process.ts";
import { statePathsOf } from "../state/paths.ts";
import { findRunning } from "../state/status.ts";
import { describeStatus } from "./status.ts";

const MAX_PORT = 65_535;
/** The server's bound: half a token's life. */
const MAX_REUSE_SECONDS = 1800;

const options = {
  port: {
    kind: "integer",
    flags: ["--port", "-p"],
    summary: "Port to listen on; 0 for any. Default: 10443, so that addresses stay good over restarts.",
  },
  detach: {
    kind: "flag",
    flags: ["--detach", "-d"],
    summary: "Start it in the background, and return when it is ready.",
  },
  listen: {
    kind: "text",
    flags: ["--listen"],
    valueName: "HOST",
    summary: "Address to listen on. Default: this machine only.",
  },
  developmentAccount: {
    kind: "flag",
    flags: ["--development-account"],
    summary: "Serve devstoreaccount1 by plain HTTP on this machine, for programs that were set up for Azurite.",
  },
  developmentPort: {
    kind: "integer",
    flags: ["--development-port"],
    summary: "With --development-account: its port; 0 for any. Default: 10000.",
  },
  offline: {
    kind: "flag",
    flags: ["--offline"],
    summary: "Refuse, through the proxy, every host that is not Azure's.",
  },
  tunnelForOthers: {
    kind: "flag",
    flags: ["--tunnel-for-others"],
    summary: "With --listen: let clients on other machines use the proxy for hosts that are not Azure's, too.",
  },
  tokenReuseSeconds: {
    kind: "integer",
    flags: ["--token-reuse-seconds"],
    summary:
      "Give an app that asks again within so many seconds the token it was given; 0: a new one each time. Default: 300.",
  },
  database: {
    kind: "text",
    flags: ["--database"],
    valueName: "URL",
    summary: "Keep directory and access in this PostgreSQL, which other servers may use too; without the password.",
  },
  databaseKeyFile: {
    kind: "text",
    flags: ["--database-key-file"],
    valueName: "FILE",
    summary: "With --database: the key that opens the secrets all its servers share.",
  },
  databasePasswordFile: {
    kind: "text",
    flags: ["--database-password-file"],
    valueName: "FILE",
    summary: "With --database: the password for it.",
  },
  blobFolder: {
    kind: "text",
    flags: ["--blob-folder"],
    valueName: "DIR",
    summary: "With --database: keep blobs in this folder, which all its servers reach; every one serves them then.",
  },
  config: {
    kind: "text",
    flags: ["--config"],
    valueName: "FILE",
    summary: "Settings as JSON; flags and POSTERN_ variables stand over it. docs/configuration.md lists all of them.",
  },
  keyFile: {
    kind: "text",
    flags: ["--key-file"],
    valueName: "FILE",
    summary: "Seal the secrets in the state folder with this key: 32 random bytes as base64.",
  },
  previousKeyFile: {
    kind: "text",
    flags: ["--previous-key-file"],
    valueName: "FILE",
    summary: "The key they were sealed with before: they are sealed anew, or left open without --key-file.",
  },
  logFormat: {
    kind: "text",
    flags: ["--log-format"],
    choices: ["json", "text"],
    summary: "How the log is written. Default: text in a terminal, else JSON.",
  },
  logLevel: {
    kind: "text",
    flags: ["--log-level"],
    choices: ["debug", "info", "warn", "error", "silent"],
    summary: "The least level that is logged. Default: info.",
  },
  accessLog: {
    kind: "text",
    flags: ["--access-log"],
    valueName: "FILE",
    summary: "Write a line for each request: who, what, outcome, duration, bytes.",
  },
  adminListen: {
    kind: "text",
    flags: ["--admin-listen"],
    valueName: "HOST:PORT",
    summary: "Serve /metrics and health there, in plain HTTP.",
  },
  adminTokenFile: {
    kind: "text",
    flags: ["--admin-token-file"],
    valueName: "FILE",
    summary: "The token that readers of /metrics must show; needed where --admin-listen is not this machine alone.",
  },
} as const;

export const command = defineCommand({
  options,
  examples: [
    { summary: "Start the cloud in the background", line: "postern up --detach" },
    { summary: "A second one, beside it", line: "postern up --detach --state ./other --port 0" },
  ],
  run: async (context, args) => {
    const { detach, port, tokenReuseSeconds = 0 } = args;
    if (port !== undefined && (port < 0 || port > MAX_PORT)) {
      throw usageFault(`argument --port/-p: a port is 0 to ${MAX_PORT}`);
    }
    if (tokenReuseSeconds < 0 || tokenReuseSeconds > MAX_REUSE_SECONDS) {
      throw usageFault(`argument --token-reuse-seconds: 0 to ${MAX_REUSE_SECONDS} seconds`);
    }
    const paths = statePathsOf(context);
    const running = await findRunning(paths);
    if (running !== undefined) {
      throw failure(
        `A cloud already runs on ${paths.stateDir}: process ${running.pid}, ${running.baseUrl}`,
        "Stop it with: postern down",
      );
    }
    const server = serverCommand(paths, { ...pickOwn(options, args), detach: undefined });
    const env = serverEnv(context.env);
    if (!detach) return becomeServer(server, env);
    const status = await startDetached(paths, server, env);
    return { data: status, text: describeStatus(status) };
  },
});

/** In the foreground this process becomes the server: one process, one number, nothing between it and its signals. */
function becomeServer(server: readonly string[], env: Readonly<NodeJS.ProcessEnv>): never {
  if (process.execve === undefined) throw failure("This system needs: postern up --detach");
  return process.execve(server[0]!, server, { ...env });
}
