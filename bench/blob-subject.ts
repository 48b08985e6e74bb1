/** The servers that bench/blob.ts measures: Postern with and without TLS, Azurite on disk and in memory, and bare servers of Node. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  generateAccountSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import {
  assignRole,
  createAccount,
  createApp,
  PlaneClient,
  planeScopes,
  roleIds,
  type ServerStatus,
} from "../test/support/plane-client.ts";
import type { LoadOrder, LoadOutcome } from "./blob-load.ts";
import { launchedServer, launcherEnv, launcherFlags } from "./launched-server.ts";

export const root = join(import.meta.dirname, "..");
const node = process.execPath;
export const account = "benchdata";
/** The well-known development account of Azurite. @see https://learn.microsoft.com/azure/storage/common/storage-connect-azurite */
const azuriteAccount = "devstoreaccount1";
const azuriteKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const version = "2025-07-05";

/** How a running server is asked. */
export type Door = Pick<LoadOrder, "port" | "isTls" | "serverName" | "headers"> & {
  /** @param path from the container on, with its query. */
  readonly target: (path: string) => string;
};

export type Subject = {
  readonly name: string;
  readonly kind: "postern" | "azurite" | "bare";
  readonly command: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly door: (port: number) => Promise<Door>;
};

export type Running = {
  readonly door: Door;
  readonly pid: number;
  stop(): Promise<void>;
};

/** The app that asks, in the state folder that it was made in. */
export type Prepared = { readonly stateDir: string; readonly appId: string; readonly secret: string };

export const mainOf = (stateDir: string): string[] => launchedServer(stateDir);

function readStatus(stateDir: string): ServerStatus {
  return JSON.parse(readFileSync(join(stateDir, "run", "status.json"), "utf8")) as ServerStatus;
}

/** Makes a state folder with an account, and an app that may write its blobs. */
export async function preparePostern(stateDir: string): Promise<Prepared> {
  const { stop } = await launch({ name: "Postern", command: mainOf(stateDir) });
  const client = new PlaneClient(readStatus(stateDir));
  try {
    const accountId = await createAccount(client, "bench", account);
    const app = await createApp(client, "bench");
    const { status, text } = await assignRole(
      client,
      randomUUID(),
      accountId,
      roleIds.blobDataContributor,
      app.principalId,
    );
    if (status !== 201) throw new Error(text);
    return { stateDir, appId: app.appId, secret: app.secret };
  } finally {
    client.close();
    await stop();
  }
}

export async function tokenOf({ stateDir, appId, secret }: Prepared): Promise<string> {
  const client = new PlaneClient(readStatus(stateDir));
  const token = await client.token(appId, secret, planeScopes.blob);
  client.close();
  return token;
}

const headersOf = (host: string, token?: string) => [
  `Host: ${host}`,
  `x-ms-version: ${version}`,
  "x-ms-blob-type: BlockBlob",
  "Content-Type: application/octet-stream",
  ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
];

/** The server as users have it: TLS, the account by its own name, an app's token. */
export function postern(prepared: Prepared, env: NodeJS.ProcessEnv = {}, options: readonly string[] = []): Subject {
  const host = `${account}.blob.core.windows.net`;
  const [program = "", ...rest] = mainOf(prepared.stateDir);
  return {
    name: "Postern (TLS)",
    kind: "postern",
    command: [program, ...options, ...rest],
    env: { ...launcherEnv, ...env },
    door: async (port) => ({
      port,
      isTls: true,
      serverName: host,
      headers: headersOf(host, await tokenOf(prepared)),
      target: (path) => path,
    }),
  };
}

export function posternWithoutTls(prepared: Prepared): Subject {
  const script = join(import.meta.dirname, "blob-subjects/postern-without-tls.ts");
  return {
    name: "Postern, without TLS",
    kind: "postern",
    command: [node, ...launcherFlags, "--conditions=postern-source", script, prepared.stateDir, account],
    env: launcherEnv,
    door: async (port) => ({
      port,
      isTls: false,
      headers: headersOf(`${account}.blob.core.windows.net`, await tokenOf(prepared)),
      target: (path) => path,
    }),
  };
}

/** @param place a folder, or null for memory. @param bearer with TLS and a token of this form, else plain with a signature of the account. */
export function azurite(
  name: string,
  place: string | null,
  bearer?: { readonly token: string; readonly folder: string },
): Subject {
  const secure = bearer && [
    ...["--oauth", "basic", "--cert", join(bearer.folder, "cert.pem"), "--key", join(bearer.folder, "key.pem")],
  ];
  return {
    name,
    kind: "azurite",
    command: [
      node,
      join(root, "bench/node_modules/azurite/dist/src/blob/main.js"),
      ...(place === null ? ["--inMemoryPersistence"] : ["--location", place]),
      ...["--skipApiVersionCheck", "--disableTelemetry", "--silent", "--blobPort", "0", ...(secure ?? [])],
    ],
    door: async (port) => ({
      port,
      isTls: bearer !== undefined,
      headers: headersOf(`127.0.0.1:${port}`, bearer?.token),
      target: (path) =>
        `/${azuriteAccount}${path}${bearer === undefined ? `${path.includes("?") ? "&" : "?"}${signature()}` : ""}`,
    }),
  };
}

/** Of the whole development account; made once, for it costs the server the same each time. */
let madeSignature: string | undefined;
function signature(): string {
  madeSignature ??= generateAccountSASQueryParameters(
    {
      expiresOn: new Date(Date.now() + 24 * 3_600_000),
      permissions: AccountSASPermissions.parse("rwdlac"),
      resourceTypes: AccountSASResourceTypes.parse("sco").toString(),
      services: AccountSASServices.parse("b").toString(),
      version,
    },
    new StorageSharedKeyCredential(azuriteAccount, azuriteKey),
  ).toString();
  return madeSignature;
}

export function bare(folder: string, isTls: boolean): Subject {
  return {
    name: isTls ? "bare node:https" : "bare node:http",
    kind: "bare",
    command: [node, join(import.meta.dirname, "blob-subjects/bare.mjs"), folder, isTls ? "tls" : "plain"],
    door: async (port) => ({ port, isTls, headers: ["Host: localhost"], target: (path) => path }),
  };
}

export function makeCertificate(folder: string): void {
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost"],
      ...["-days", "2", "-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")],
    ],
    { stdio: "ignore" },
  );
}

type Launch = Pick<Subject, "name" | "command" | "env">;

async function launch({ name, command, env }: Launch) {
  const child: ChildProcess = spawn(command[0]!, command.slice(1), {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const port = await new Promise<number>((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer) => {
      output += chunk;
      const found = /^(?:ready .*?|.*successfully listens on .*:)(\d+)$/m.exec(output)?.[1];
      if (found !== undefined) resolve(Number(found));
    };
    child.stdout!.on("data", read);
    child.stderr!.on("data", read);
    child.once("exit", () => reject(new Error(`${name} ended before it was ready:\n${output}`)));
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await gone;
  };
  return { port, pid: child.pid!, stop };
}

export async function start(subject: Subject): Promise<Running> {
  const { port, pid, stop } = await launch(subject);
  try {
    return { door: await subject.door(port), pid, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

/** Runs the load in a process of its own. @throws for any answer that was a refusal: a figure of refusals would be no figure. */
export async function runLoad(
  door: Door,
  order: Partial<LoadOrder> & Pick<LoadOrder, "method" | "path">,
): Promise<LoadOutcome> {
  const whole: LoadOrder = {
    ...{ count: 1, first: 0, bodyBytes: 0, connections: 1, measureMs: 600_000, maxAnswers: 1_000_000_000 },
    ...door,
    ...order,
    path: door.target(order.path),
  };
  const child = spawn(node, [join(import.meta.dirname, "blob-load.ts")], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify(whole));
  const outcome = await new Promise<LoadOutcome>((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk;
    });
    child.once("exit", (code) => {
      if (code === 0) resolve(JSON.parse(output) as LoadOutcome);
      else reject(new Error(`the load ended with ${code}`));
    });
  });
  if (outcome.failures > 0) throw new Error(`${order.path}: ${outcome.failures} refused:\n${outcome.failure}`);
  return outcome;
}
