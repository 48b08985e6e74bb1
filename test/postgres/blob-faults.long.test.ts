/**
 * Mixed load on blobs that two replicas share, through a load balancer, while one of them is killed again and again. Each worker writes names of its own, so
 * that of every name it is known what was acknowledged last and what, if anything, was under way when a connection broke: one of the two must be there, whole.
 */
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { test } from "node:test";
import { type Balancer, openBalancer } from "../support/balancer.ts";
import {
  type Answer,
  assignRole,
  createAccount,
  createApp,
  PlaneClient,
  planeScopes,
  roleIds,
} from "../support/plane-client.ts";
import { postgresMissing, startPostgres } from "../support/postgres-server.ts";
import { prepareReplicas, type ReplicaGround, type TestReplica, until } from "./replica-pair.ts";
import { checkSharedBlobs } from "./shared-blobs-check.ts";

const account = "faultyblobs";
const host = `${account}.blob.core.windows.net`;
const workers = 16;
const kills = 4;
/** Acknowledged changes between two kills. */
const changesPerKill = 400;
const namesPerWorker = 5;

function contentOf(name: string, write: number): string {
  const digest = createHash("sha256").update(`${name} ${write}`).digest();
  const size = [1, 700, 1024, 65_537, 180_000][digest[0]! % 5]!;
  const seed = digest.toString("hex");
  return seed.repeat(Math.ceil(size / seed.length)).slice(0, size);
}

type State = { settled: string | null; pending: string | null | undefined };
type Counts = {
  acknowledged: number;
  broken: number;
  cameToBe: number;
  lost: number;
  half: number;
  duplicated: number;
};

class Load {
  readonly counts: Counts = { acknowledged: 0, broken: 0, cameToBe: 0, lost: 0, half: 0, duplicated: 0 };
  readonly #client: PlaneClient;
  readonly #token: string;
  readonly #states = new Map<string, State>();
  isOver = false;

  constructor(client: PlaneClient, token: string) {
    this.#client = client;
    this.#token = token;
  }

  #send(method: string, target: string, headers: Record<string, string> = {}, body?: string) {
    const all = { authorization: `Bearer ${this.#token}`, "x-ms-version": "2025-07-05", ...headers };
    return this.#client.send(host, method, target, { headers: all, ...(body === undefined ? {} : { body }) });
  }

  /** Carries one change out and keeps book of it; one that was broken off, or put off, is looked after at once. */
  async #change(name: string, after: string | null, act: () => Promise<Answer>): Promise<void> {
    const state = this.#states.get(name) ?? { settled: null, pending: undefined };
    this.#states.set(name, state);
    state.pending = after;
    const answer = await act().catch(() => undefined);
    if (answer === undefined || answer.status === 503) {
      this.counts.broken += 1;
      return this.#settle(name);
    }
    assert.ok(answer.status < 300, `${name}: ${answer.status} ${answer.text}`);
    state.settled = after;
    state.pending = undefined;
    this.counts.acknowledged += 1;
  }

  /** Reads a name until it is answered, and says what it finds. */
  async #settle(name: string): Promise<void> {
    const state = this.#states.get(name)!;
    for (;;) {
      const answer = await this.#send("GET", `/mix/${name}`).catch(() => undefined);
      if (answer === undefined || answer.status === 503) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      assert.ok(
        answer.status === 200 || answer.status === 404,
        `${name}: ${answer.status} ${answer.text.slice(0, 300)}`,
      );
      const found = answer.status === 200 ? answer.text : null;
      if (found === state.settled) return;
      if (state.pending !== undefined && found === state.pending) this.counts.cameToBe += 1;
      else if (found === null) this.counts.lost += 1;
      else if (state.settled !== null && found.length > (state.pending ?? state.settled).length)
        this.counts.duplicated += 1;
      else this.counts.half += 1;
      state.settled = found;
      state.pending = undefined;
      return;
    }
  }

  async #append(name: string, write: number): Promise<void> {
    if ((this.#states.get(name)?.settled ?? null) === null)
      await this.#change(name, "", () => this.#send("PUT", `/mix/${name}`, { "x-ms-blob-type": "AppendBlob" }));
    const before = this.#states.get(name)!.settled;
    if (before === null) return;
    const added = `${write} ${contentOf(name, write).slice(0, 900)}\n`;
    await this.#change(name, before + added, () => this.#send("PUT", `/mix/${name}?comp=appendblock`, {}, added));
  }

  async #putBlocks(name: string, write: number): Promise<void> {
    const body = `${contentOf(name, write)}..`;
    const ids = ["QUFB", "QkJC"];
    const cut = Math.ceil(body.length / 2);
    for (const [index, part] of [body.slice(0, cut), body.slice(cut)].entries()) {
      const answer = await this.#send("PUT", `/mix/${name}?comp=block&blockid=${ids[index]}`, {}, part).catch(
        () => undefined,
      );
      if (answer?.status !== 201) return;
    }
    const list = `<BlockList>${ids.map((id) => `<Latest>${id}</Latest>`).join("")}</BlockList>`;
    await this.#change(name, body, () => this.#send("PUT", `/mix/${name}?comp=blocklist`, {}, list));
  }

  async work(worker: number): Promise<void> {
    for (let write = 0; !this.isOver; write++) {
      const name = `w${worker}/b${write % namesPerWorker}`;
      const isThere = (this.#states.get(name)?.settled ?? null) !== null;
      if (write % namesPerWorker === 0) await this.#append(name, write);
      else if (write % 4 === 3) await this.#putBlocks(name, write);
      else if (write % 7 === 6 && isThere) await this.#change(name, null, () => this.#send("DELETE", `/mix/${name}`));
      else {
        const body = contentOf(name, write);
        await this.#change(name, body, () =>
          this.#send("PUT", `/mix/${name}`, { "x-ms-blob-type": "BlockBlob" }, body),
        );
      }
      // What the other replica says of it, more often than not.
      if (write % 3 === 0 && this.#states.has(name)) await this.#settle(name);
    }
  }

  async checkAll(): Promise<number> {
    for (const name of this.#states.keys()) await this.#settle(name);
    return this.#states.size;
  }
}

const portOf = ({ server }: TestReplica): number => Number(new URL(server.status.baseUrl).port);

async function killInTurn(ground: ReplicaGround, balancer: Balancer, pair: [TestReplica, TestReplica], load: Load) {
  for (let kill = 0; kill < kills; kill++) {
    const enough = load.counts.acknowledged + changesPerKill;
    await until(async () => load.counts.acknowledged >= enough, "changes");
    const index = kill % 2;
    await pair[index]!.server.kill();
    // The balancer finds out by and by; meanwhile every other connection breaks.
    await until(async () => load.counts.acknowledged >= enough + 20, "changes beside the dead one");
    balancer.aim([portOf(pair[1 - index]!)]);
    pair[index] = await ground.start(index === 0 ? "a" : "b");
    balancer.aim(pair.map(portOf));
  }
}

test("kill -9 of a replica under mixed load on both: nothing acknowledged is lost, nothing comes twice, nothing half is seen", {
  skip: postgresMissing,
  timeout: 300_000,
}, async (t) => {
  const postgres = await startPostgres(true);
  const ground = await prepareReplicas(postgres, true);
  t.after(async () => {
    await ground.dispose();
    postgres.dispose();
  });
  const pair = await ground.startTogether("a", "b");
  const { client } = pair[0];
  const accountId = await createAccount(client, "faulty", account);
  const app = await createApp(client, "of both");
  await assignRole(client, randomUUID(), accountId, roleIds.blobDataOwner, app.principalId);
  const token = await client.token(app.appId, app.secret, planeScopes.blob);
  const balancer = await openBalancer(pair.map(portOf));
  t.after(() => balancer.close());
  const status = { ...pair[0].server.status, baseUrl: `https://localhost:${balancer.port}` };
  const through = new PlaneClient(status, workers * 2);
  t.after(() => through.close());
  const load = new Load(through, token);
  const make = () =>
    through.send(host, "PUT", "/mix?restype=container", {
      headers: { authorization: `Bearer ${token}`, "x-ms-version": "2025-07-05" },
    });
  await until(async () => [201, 409].includes((await make()).status), "the container");
  const working = Promise.all(Array.from({ length: workers }, (_, worker) => load.work(worker)));
  working.catch(() => undefined);
  await Promise.race([killInTurn(ground, balancer, pair, load), working]);
  load.isOver = true;
  await working;
  const names = await load.checkAll();
  const { acknowledged, broken, cameToBe, lost, half, duplicated } = load.counts;
  t.diagnostic(
    `kills ${kills}, names ${names}, acknowledged ${acknowledged}, broken off or put off ${broken} (of these there ${cameToBe}), lost ${lost}, half ${half}, duplicated ${duplicated}`,
  );
  t.diagnostic(`connections by server: ${[...balancer.given.values()].join(", ")}`);
  assert.deepEqual({ lost, half, duplicated }, { lost: 0, half: 0, duplicated: 0 });
  assert.ok(acknowledged >= kills * changesPerKill);
  const report = await checkSharedBlobs(ground);
  assert.deepEqual(report.findings, []);
  t.diagnostic(`checked: ${report.blobCount} blobs, ${report.extentCount} extents, ${report.checkedBytes} bytes`);
});
