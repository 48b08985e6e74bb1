/** The Entra surface over the sample directory behind a real HTTP server on a free loopback port, for tests. The edge's part is played here. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { FailedSignIns } from "../directory/failed-sign-ins.ts";
import { hashPassword } from "../directory/passwords.ts";
import { SecretKeeper } from "../directory/secrets.ts";
import { Recorder } from "../observe/records.ts";
import { type Change, put, systemActor } from "../state/change.ts";
import type { PasswordCredential } from "../state/entities.ts";
import type { Guid } from "../state/identifiers.ts";
import { MemoryBackend } from "../store/memory-backend.ts";
import { StateStore } from "../store/state-store.ts";
import type { KeyKeeper } from "../tokens/key-keeper.ts";
import {
  application,
  SamplePorts,
  sampleChanges,
  servicePrincipal,
  user,
  withStateFolder,
} from "../tokens/sample-directory.ts";
import { openTokens } from "../tokens/service.ts";
import { createEntraSurface } from "./surface.ts";
import type { EntraCloud } from "./visit.ts";

export const requestId = "eeeeeeee-0000-4000-8000-000000000001";
export const password = "correct horse battery";
/** Secrets of the sample application: on the application, and on its service principal. */
export const secrets = {
  ofApplication: "good-secret.1",
  ofPrincipal: "good-secret.2",
  expired: "old-secret",
  future: "next-secret",
};

export type SampleAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
};

export type SampleRequest = {
  readonly method?: string;
  /** As the client addressed us; the public name by default. */
  readonly origin?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

export type SampleServer = {
  readonly cloud: EntraCloud;
  /** Its file is gone: keys can be taken into use, not rotated. */
  readonly keys: KeyKeeper;
  readonly ports: SamplePorts;
  change(...changes: Change[]): Promise<void>;
  send(target: string, sent?: SampleRequest): Promise<SampleAnswer>;
  /** Posts a form. */
  post(target: string, form: Readonly<Record<string, string>>, sent?: SampleRequest): Promise<SampleAnswer>;
  close(): Promise<void>;
};

/** @param options.reuseSeconds the token reuse window; none unless said, so that tests compare fresh tokens. */
export async function startSampleServer(options: { readonly reuseSeconds?: number } = {}): Promise<SampleServer> {
  const ports = new SamplePorts();
  const store = await StateStore.open(new MemoryBackend(), [], ports);
  const change = (...changes: Change[]) => store.change(systemActor, "Prepare", () => ({ changes, result: undefined }));
  await change(...sampleChanges);
  const keeper = new SecretKeeper(Buffer.alloc(32, 7));
  await change(...(await makeCredentials(keeper, ports)));
  const { model } = store;
  const { service, verifier, keys } = await withStateFolder((stateDir) =>
    openTokens({ stateDir, model, ports, ...options }),
  );
  const recorder = new Recorder();
  const cloud: EntraCloud = { store, model, secrets: keeper, verifier, recorder, ports, tokens: service };
  const surface = createEntraSurface(cloud, {
    localOrigin: () => "https://localhost:8443",
    failedSignIns: new FailedSignIns(ports),
  });
  const server = createServer((request, response) => {
    const origin = String(request.headers["x-sample-origin"] ?? "https://login.microsoftonline.com");
    const [path, query = ""] = request.url!.split(/\?(.*)/s) as [string, string?];
    const exchange = {
      request,
      response,
      requestId,
      surface: "entra",
      origin,
      account: "",
      prefix: "",
      path,
      query,
    } as const;
    surface.handle(exchange).catch((cause: unknown) => {
      // A defect: the answer shows it to the test.
      response.writeHead(599).end(String((cause as Error).stack));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const send = (target: string, sent: SampleRequest = {}) => exchangeOnce(port, target, sent);
  return {
    cloud,
    keys,
    ports,
    change: async (...changes) => change(...changes),
    send,
    post: (target, form, sent = {}) =>
      send(target, {
        method: "POST",
        ...sent,
        headers: { "content-type": "application/x-www-form-urlencoded", ...sent.headers },
        body: new URLSearchParams(form).toString(),
      }),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
      await store.close();
    },
  };
}

/** Puts the sample secrets and the sample password into the directory. */
async function makeCredentials(keeper: SecretKeeper, ports: SamplePorts): Promise<Change[]> {
  const credential = (secret: string, startDateTime: string, endDateTime: string): PasswordCredential => ({
    keyId: ports.guid() as Guid,
    displayName: null,
    hint: secret.slice(0, 3),
    startDateTime,
    endDateTime,
    secretHash: keeper.hash(secret),
  });
  const ofApplication = [
    credential(secrets.ofApplication, "2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"),
    credential(secrets.expired, "2025-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"),
    credential(secrets.future, "2027-01-01T00:00:00.000Z", "2028-01-01T00:00:00.000Z"),
  ];
  const ofPrincipal = credential(secrets.ofPrincipal, "2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z");
  return [
    put("application", { ...application, passwordCredentials: ofApplication }),
    put("servicePrincipal", { ...servicePrincipal, passwordCredentials: [ofPrincipal] }),
    put("user", { ...user, passwordHash: await hashPassword(password, ports) }),
  ];
}

function exchangeOnce(port: number, target: string, sent: SampleRequest): Promise<SampleAnswer> {
  return new Promise((resolve, reject) => {
    const origin = sent.origin === undefined ? {} : { "x-sample-origin": sent.origin };
    const isMeasured = sent.body !== undefined && sent.headers?.["transfer-encoding"] === undefined;
    const length = isMeasured ? { "content-length": String(Buffer.byteLength(sent.body!)) } : {};
    const headers = { ...length, ...origin, ...sent.headers };
    const outgoing = request({
      host: "127.0.0.1",
      port,
      path: target,
      method: sent.method ?? "GET",
      headers,
      agent: false,
    });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("error", reject);
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const isJson = response.headers["content-type"]?.startsWith("application/json") && text !== "";
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          body: isJson ? JSON.parse(text) : undefined,
        });
      });
    });
    outgoing.end(sent.body);
  });
}
