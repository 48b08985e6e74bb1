/**
 * A server that is killed under load, and the book of what its clients were told. Each worker writes names of its own, one after the other, so that of
 * every name it is known what was acknowledged last and what, if anything, was under way at the kill: one of the two must be there, whole.
 */
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { assignRole, createAccount, createApp, PlaneClient, planeScopes, roleIds } from "../support/plane-client.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";

export const account = "crashmix";
const host = `${account}.blob.core.windows.net`;
const version = { "x-ms-version": "2025-07-05" };
const workers = 24;
/** Names of one worker in one round: few, so that they are overwritten and deleted, too. */
const namesPerWorker = 6;

/** Text that follows from a blob's name and the number of the write: a reader knows what must be there. */
export function contentOf(name: string, write: number, leastBytes: number): string {
  const digest = createHash("sha256").update(`${name} ${write}`).digest();
  const sizes = [leastBytes, 1024, 1500, 65_536, 65_537, 180_000];
  const size = sizes[digest[0]! % sizes.length]!;
  const seed = digest.toString("hex");
  return seed.repeat(Math.ceil(size / seed.length)).slice(0, size);
}

/** What a blob may hold; null for no blob. */
type State = { settled: string | null; pending: string | null | undefined };

export type Verdict = {
  readonly read: number;
  readonly lost: number;
  readonly half: number;
  readonly refused: string[];
};

export class CrashWorld {
  readonly #stateDir: string;
  readonly #leastBytes: number;
  readonly #states = new Map<string, State>();
  server: ServerProcess;
  #client: PlaneClient;
  #app = { appId: "", secret: "" };
  #token = "";
  acknowledged = 0;

  private constructor(stateDir: string, leastBytes: number, server: ServerProcess) {
    this.#stateDir = stateDir;
    this.#leastBytes = leastBytes;
    this.server = server;
    this.#client = new PlaneClient(server.status, workers * 2);
  }

  /** @param leastBytes of a body. */
  static async start(stateDir: string, leastBytes: number): Promise<CrashWorld> {
    const world = new CrashWorld(stateDir, leastBytes, await startServer(stateDir));
    const accountId = await createAccount(world.#client, "crash", account);
    const app = await createApp(world.#client, "crash-writer");
    const assigned = await assignRole(
      world.#client,
      randomUUID(),
      accountId,
      roleIds.blobDataContributor,
      app.principalId,
    );
    assert.equal(assigned.status, 201, assigned.text);
    world.#app = app;
    await world.#signIn();
    assert.equal((await world.send("PUT", "/mix?restype=container")).status, 201);
    return world;
  }

  async #signIn(): Promise<void> {
    this.#token = await this.#client.token(this.#app.appId, this.#app.secret, planeScopes.blob);
  }

  send(method: string, target: string, headers: Record<string, string> = {}, body?: string) {
    const all = { ...version, authorization: `Bearer ${this.#token}`, ...headers };
    return this.#client.send(host, method, target, { headers: all, ...(body === undefined ? {} : { body }) });
  }

  /** Carries one change out and keeps book of it. */
  async #change(
    name: string,
    after: string | null,
    act: () => Promise<{ status: number; text: string }>,
  ): Promise<void> {
    const state = this.#states.get(name) ?? { settled: null, pending: undefined };
    this.#states.set(name, state);
    state.pending = after;
    const { status, text } = await act();
    assert.ok(status < 300, `${name}: ${status} ${text}`);
    state.settled = after;
    state.pending = undefined;
    this.acknowledged += 1;
  }

  /** Writes a blob in one piece. */
  put(name: string, write: number): Promise<void> {
    const body = contentOf(name, write, this.#leastBytes);
    const headers = { "x-ms-blob-type": "BlockBlob", "x-ms-meta-write": String(write) };
    return this.#change(name, body, () => this.send("PUT", `/mix/${name}`, headers, body));
  }

  async #putBlocks(name: string, write: number): Promise<void> {
    // An empty block is none.
    const body = contentOf(name, write, Math.max(2, this.#leastBytes));
    const cut = Math.ceil(body.length / 2);
    const ids = ["QUFB", "QkJC"];
    for (const [index, part] of [body.slice(0, cut), body.slice(cut)].entries()) {
      await this.send("PUT", `/mix/${name}?comp=block&blockid=${ids[index]}`, {}, part);
    }
    const list = `<?xml version="1.0"?><BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join("")}</BlockList>`;
    await this.#change(name, body, () => this.send("PUT", `/mix/${name}?comp=blocklist`, {}, list));
  }

  async #append(name: string, write: number): Promise<void> {
    const known = this.#states.get(name);
    if (known === undefined || known.settled === null) {
      const create = { "x-ms-blob-type": "AppendBlob" };
      await this.#change(name, "", () => this.send("PUT", `/mix/${name}`, create));
    }
    const added = contentOf(name, write, Math.max(1, this.#leastBytes));
    const after = `${this.#states.get(name)!.settled ?? ""}${added}`;
    await this.#change(name, after, () => this.send("PUT", `/mix/${name}?comp=appendblock`, {}, added));
  }

  async #work(round: number, worker: number): Promise<void> {
    for (let write = 0; ; write++) {
      const name = `r${round}/w${worker}/b${write % namesPerWorker}`;
      const isThere = (this.#states.get(name)?.settled ?? null) !== null;
      if (write % namesPerWorker === 0) await this.#append(name, write);
      else if (write % 5 === 4) await this.#putBlocks(name, write);
      else if (write % 7 === 6 && isThere) {
        await this.#change(name, null, () => this.send("DELETE", `/mix/${name}`));
      } else await this.put(name, write);
    }
  }

  /** Mixed load until so much was acknowledged; then kill -9 at whatever is under way. */
  async loadAndKill(round: number, acknowledgements: number): Promise<void> {
    const enough = this.acknowledged + acknowledgements;
    let isKilled = false;
    const watch = setInterval(() => {
      if (this.acknowledged < enough || isKilled) return;
      isKilled = true;
      this.server.child.kill("SIGKILL");
    }, 1);
    const ends = await Promise.allSettled(Array.from({ length: workers }, (_, worker) => this.#work(round, worker)));
    clearInterval(watch);
    for (const end of ends) {
      // A connection that breaks is the kill's; an answer that refuses would be a fault.
      if (end.status === "rejected") assert.ok(!(end.reason instanceof assert.AssertionError), end.reason as Error);
    }
    await this.kill();
  }

  async kill(): Promise<void> {
    await this.server.kill();
    this.#client.close();
  }

  async restart(): Promise<void> {
    this.server = await startServer(this.#stateDir);
    this.#client = new PlaneClient(this.server.status, workers * 2);
    await this.#signIn();
  }

  /** Reads every name that was ever written. What was under way counts as settled from now on, as it turned out. */
  async check(isNamed: (name: string) => boolean = () => true): Promise<Verdict> {
    let [read, lost, half] = [0, 0, 0];
    const refused: string[] = [];
    const names = [...this.#states.keys()].filter(isNamed);
    const checkOne = async (name: string): Promise<void> => {
      const state = this.#states.get(name)!;
      // A body that turns out to be damaged on its way is cut off with its connection.
      const answer = await this.send("GET", `/mix/${name}`).catch(() => undefined);
      read += 1;
      if (answer === undefined || answer.status >= 500) {
        refused.push(name);
        return;
      }
      const { status, text } = answer;
      const found = status === 200 ? text : null;
      assert.ok(status === 200 || status === 404, `${name}: ${status} ${text.slice(0, 300)}`);
      if (found === state.settled || found === state.pending) {
        state.settled = found;
        state.pending = undefined;
      } else if (found === null) lost += 1;
      else half += 1;
    };
    const next = names.values();
    await Promise.all(
      Array.from({ length: workers }, async () => {
        for (const name of next) await checkOne(name);
      }),
    );
    return { read, lost, half, refused };
  }

  async stop(): Promise<void> {
    this.#client.close();
    assert.equal(await this.server.stop(), 0);
  }
}
