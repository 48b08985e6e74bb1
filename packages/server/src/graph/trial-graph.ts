/**
 * A Graph of its own for tests: a new cloud's directory in memory, a clock that ticks when told, and a verifier whose tokens are the names of
 * callers. Answers are fetched over loopback HTTP, so that tests see what clients see.
 */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Cloud } from "../cloud.ts";
import { bootstrapDirectory, type DirectoryBootstrap } from "../directory/bootstrap.ts";
import { FailedSignIns } from "../directory/failed-sign-ins.ts";
import { SecretKeeper } from "../directory/secrets.ts";
import { Recorder } from "../observe/records.ts";
import { systemActor } from "../state/change.ts";
import type { AppId, PrincipalId } from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import { MemoryBackend } from "../store/memory-backend.ts";
import { StateStore } from "../store/state-store.ts";
import { TokenRefusal, type TokenVerifier, type VerifiedToken } from "../tokens/token.ts";
import { createGraphSurface } from "./surface.ts";

export const trialTime = new Date("2026-03-01T12:00:00.123Z");
const requestId = "eeeeeeee-0000-4000-8000-000000000001";

/** GUIDs that count up, bytes that count up, a clock that stands still. */
class TrialPorts implements Ports {
  #guids = 0;
  #bytes = 0;
  now(): Date {
    return trialTime;
  }
  guid(): string {
    return `99999999-0000-4000-8000-${String(++this.#guids).padStart(12, "0")}`;
  }
  randomBytes(sizeBytes: number): Buffer {
    return Buffer.from(Array.from({ length: sizeBytes }, () => (this.#bytes = (this.#bytes + 7) % 256)));
  }
}

export type TrialAnswer = {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
  readonly text: string;
};

export type TrialRequest = {
  readonly as?: string;
  readonly method?: string;
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export class TrialGraph {
  readonly cloud: Cloud;
  readonly directory: DirectoryBootstrap;
  readonly #server: Server;
  readonly #callers: Map<string, Partial<VerifiedToken>>;
  readonly defects: unknown[] = [];

  private constructor(cloud: Cloud, directory: DirectoryBootstrap, callers: Map<string, Partial<VerifiedToken>>) {
    this.cloud = cloud;
    this.directory = directory;
    this.#callers = callers;
    const surface = createGraphSurface(cloud, {
      isAudience: (audience) => audience === "https://graph.microsoft.com",
      failedSignIns: new FailedSignIns(cloud.ports),
    });
    this.#server = createServer((request, response) => {
      const [path = "", query = ""] = (request.url ?? "").split(/\?(.*)/s);
      surface
        .handle({
          request,
          response,
          requestId,
          surface: "graph",
          origin: "https://graph.microsoft.com",
          account: "",
          prefix: "",
          path,
          query,
        })
        .catch((cause: unknown) => {
          this.defects.push(cause);
          response.destroy();
        });
    });
  }

  /** Starts one; its callers are `operator` (a person, Global Administrator) and `operator-app`. */
  static async start(): Promise<TrialGraph> {
    const ports = new TrialPorts();
    const secrets = new SecretKeeper(Buffer.alloc(32, 7));
    const { hint, secretHash } = secrets.make(ports);
    const directory = bootstrapDirectory({
      guid: () => ports.guid(),
      now: trialTime,
      operatorPasswordHash: "scrypt$1$1$1$$",
      operatorSecret: { hint, secretHash },
    });
    const store = await StateStore.open(new MemoryBackend(), [], ports);
    await store.change(systemActor, "First start", () => ({ changes: directory.changes, result: undefined }));
    const callers = new Map<string, Partial<VerifiedToken>>();
    const verifier: TokenVerifier = {
      verify: (token, isAudience) => {
        const caller = callers.get(token);
        const audience = caller?.audience ?? "https://graph.microsoft.com";
        if (!isAudience(audience)) throw new TokenRefusal({ kind: "token-audience", audience });
        if (caller === undefined) throw new TokenRefusal({ kind: "token-malformed" });
        return {
          principalId: directory.operatorUser.id,
          appId: directory.operatorApplication.appId,
          tenantId: directory.tenant.tenantId,
          kind: "user",
          audience,
          scopes: caller.kind === "app" ? [] : ["Directory.AccessAsUser.All", "User.Read"],
          roles: [],
          expiresAt: 0,
          issuedAt: 0,
          claims: {},
          ...caller,
        };
      },
    };
    const cloud: Cloud = { store, model: store.model, secrets, verifier, recorder: new Recorder(), ports };
    const trial = new TrialGraph(cloud, directory, callers);
    trial.addCaller("operator", {});
    trial.addCaller("operator-app", { kind: "app", principalId: directory.operatorServicePrincipal.id });
    await new Promise<void>((resolve) => trial.#server.listen(0, "127.0.0.1", resolve));
    return trial;
  }

  addCaller(name: string, token: Partial<VerifiedToken>): void {
    this.#callers.set(name, token);
  }

  /** Sends a request below `/v1.0` (or to a whole path that names its version), by default as the operator. */
  async ask(path: string, { as = "operator", method, body, headers }: TrialRequest = {}): Promise<TrialAnswer> {
    const { port } = this.#server.address() as AddressInfo;
    const whole = /^\/(v1\.0|beta)\b/i.test(path) || path.startsWith("//") ? path : `/v1.0${path}`;
    const response = await fetch(`http://127.0.0.1:${port}${whole}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: { ...(as === "" ? {} : { authorization: `Bearer ${as}` }), connection: "close", ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text === "" ? undefined : JSON.parse(text),
    };
  }

  /** Sends bytes as they are; answers what came back until the server ended the connection. */
  async askRaw(bytes: string): Promise<string> {
    const { port } = this.#server.address() as AddressInfo;
    const socket = connect(port, "127.0.0.1");
    socket.end(bytes);
    let text = "";
    for await (const chunk of socket.setEncoding("latin1")) text += chunk;
    return text;
  }

  /** Registers an app with a service principal, as the operator; answers their ids, and adds a caller of the app's name. */
  async addApp(displayName: string): Promise<{ id: string; appId: AppId; servicePrincipalId: PrincipalId }> {
    const { body: application } = await this.ask("/applications", { as: "operator-app", body: { displayName } });
    const { body: principal } = await this.ask("/servicePrincipals", {
      as: "operator-app",
      body: { appId: application.appId },
    });
    this.addCaller(displayName, { kind: "app", principalId: principal.id, appId: application.appId });
    return { id: application.id, appId: application.appId, servicePrincipalId: principal.id };
  }

  /** Makes a member of the tenant without any role, and a caller of that name. */
  async addUser(name: string): Promise<PrincipalId> {
    const { body } = await this.ask("/users", {
      body: {
        accountEnabled: true,
        displayName: name,
        mailNickname: name,
        userPrincipalName: `${name}@${this.directory.tenant.domains[0]}`,
        passwordProfile: { password: "Correct-Horse-9", forceChangePasswordNextSignIn: false },
      },
    });
    this.addCaller(name, { kind: "user", principalId: body.id });
    return body.id;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.cloud.store.close();
  }
}

/** Asserts that an answer is one of Graph's errors, whole: code, message, and the ids that it is found by. */
export function assertError(answer: TrialAnswer, status: number, code: string, message?: RegExp | string): void {
  assert.deepEqual([answer.status, answer.body?.error?.code], [status, code], answer.text);
  if (typeof message === "string") assert.equal(answer.body.error.message, message);
  else if (message !== undefined) assert.match(answer.body.error.message, message);
  const { date, ...ids } = answer.body.error.innerError;
  assert.match(date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  assert.deepEqual(Object.keys(ids), ["request-id", "client-request-id"]);
  assert.equal(answer.headers.get("request-id"), ids["request-id"]);
}

/** Asserts that an ask is refused with Azure's error, without insides in it, and that nothing was written. */
export async function assertRefused(
  { cloud }: TrialGraph,
  ask: () => Promise<TrialAnswer>,
  status: number,
  code: string,
  message?: RegExp,
): Promise<void> {
  const { revision } = cloud.model;
  const answer = await ask();
  assertError(answer, status, code, message);
  assert.doesNotMatch(answer.text, /node:|\.ts\b|at async|Error:/);
  assert.equal(cloud.model.revision, revision, "something was written");
}
