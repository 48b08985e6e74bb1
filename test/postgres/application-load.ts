/**
 * A load of creations on replicas, and the book of what its clients were told: held, in the end, against what the database and each replica show.
 *
 * Owns: what counts as acknowledged, lost, duplicated and put off.
 */
import assert from "node:assert/strict";
import type { LossRecord } from "../faults/record.ts";
import type { PlaneClient } from "../support/plane-client.ts";
import type { PostgresServer } from "../support/postgres-server.ts";
import { until } from "./replica-pair.ts";

export type Tally = {
  /** Names whose creation was answered 201. */
  readonly made: string[];
  /** Names put off with 503, or whose connection broke: they may be there or not, but once. */
  readonly open: string[];
  /** When each of `made` was answered, by `performance.now()`. */
  readonly madeAtMs: number[];
};

export type LoadOptions = {
  readonly client: () => PlaneClient;
  readonly prefix: string;
  /** At most; without end when absent. */
  readonly count?: number;
  readonly isOver?: () => boolean;
};

/** Requests under way at once. */
const workers = 16;

/** Creates applications, some at a time, until told to stop or `count` are done. */
export async function createMany({
  client,
  prefix,
  count = Infinity,
  isOver = () => false,
}: LoadOptions): Promise<Tally> {
  const tally: Tally = { made: [], open: [], madeAtMs: [] };
  let next = 0;
  const worker = async () => {
    while (next < count && !isOver()) {
      const displayName = `${prefix} ${next++}`;
      const answer = await client()
        .call("graph", "POST", "/v1.0/applications", { displayName })
        .catch(() => undefined);
      if (answer?.status === 201) {
        tally.made.push(displayName);
        tally.madeAtMs.push(performance.now());
      } else {
        assert.ok(answer === undefined || answer.status === 503, `${answer?.status} ${answer?.text}`);
        tally.open.push(displayName);
        // As a client does that was told when to come again, only sooner.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  return tally;
}

/** Every application's name, over all pages. */
async function namesOn(client: PlaneClient): Promise<string[]> {
  const names: string[] = [];
  let target: string | undefined = "/v1.0/applications?$select=displayName&$top=999";
  while (target !== undefined) {
    const page = (await client.must("graph", "GET", target)) as {
      value: { displayName: string }[];
      "@odata.nextLink"?: string;
    };
    names.push(...page.value.map(({ displayName }) => displayName));
    const next: string | undefined = page["@odata.nextLink"];
    target = next === undefined ? undefined : new URL(next).pathname.replace(/^\/graph/, "") + new URL(next).search;
  }
  return names;
}

export type Books = {
  readonly tallies: readonly Tally[];
  /** Of all names of these tallies. */
  readonly prefix: string;
  readonly clients: readonly PlaneClient[];
  readonly database: Pick<PostgresServer, "query">;
  readonly url: string;
};

export type Account = Pick<
  LossRecord,
  "acknowledged" | "lost" | "duplicated" | "putOff" | "putOffButThere" | "perSecond"
>;

/** Holds tallies against what every replica and the database show. @throws AssertionError when anything was lost, is there twice, or was not asked for. */
export async function balance({ tallies, prefix, clients, database, url }: Books): Promise<Account> {
  const made = tallies.flatMap((tally) => tally.made);
  const open = new Set(tallies.flatMap((tally) => tally.open));
  const rows = await database.query(url, "SELECT value FROM postern_rows WHERE kind = 'application'");
  const kept = rows
    .map(({ value }) => (JSON.parse(String(value)) as { displayName: string }).displayName)
    .filter((name) => name.startsWith(prefix));
  const there = new Set(kept);
  for (const client of clients) {
    await until(async () => {
      const names = (await namesOn(client)).filter((name) => name.startsWith(prefix));
      return names.length === kept.length && names.every((name) => there.has(name));
    }, "the replica shows what the database holds");
  }
  const [duplicated, lost] = [kept.length - there.size, made.filter((name) => !there.has(name)).length];
  const asked = new Set(made);
  const extra = kept.filter((name) => !asked.has(name));
  assert.deepEqual({ duplicated, lost }, { duplicated: 0, lost: 0 });
  assert.deepEqual(
    extra.filter((name) => !open.has(name)),
    [],
    "nothing is there that nobody asked for",
  );
  const times = tallies.flatMap(({ madeAtMs }) => madeAtMs).sort((one, other) => one - other);
  const seconds = times.length < 2 ? 1 : (times.at(-1)! - times[0]!) / 1000;
  return {
    ...{ acknowledged: made.length, lost, duplicated, perSecond: Math.round(made.length / seconds) },
    ...{ putOff: open.size, putOffButThere: extra.length },
  };
}

/** The log has every revision once, and the head is its end. */
export async function checkLog(database: Pick<PostgresServer, "query">, url: string): Promise<void> {
  const [row] = await database.query(
    url,
    "SELECT count(*)::int AS entries, max(revision)::int AS last, (SELECT revision::int FROM postern_head) AS head FROM postern_log",
  );
  assert.equal(row!.entries, row!.last);
  assert.equal(row!.head, row!.last);
}

/** The longest wait, after each of these moments, until one of these clients was told of a change again; milliseconds. */
export function recoveryMs(tallies: readonly Tally[], momentsMs: readonly number[]): number {
  const times = tallies.flatMap(({ madeAtMs }) => madeAtMs);
  const waits = momentsMs.map((moment) => Math.min(...times.filter((time) => time > moment)) - moment);
  return Math.round(Math.max(...waits));
}

export function describe({ acknowledged, lost, duplicated, putOff, putOffButThere, perSecond }: Account): string {
  return `acknowledged ${acknowledged} (${perSecond} a second), lost ${lost}, duplicated ${duplicated}, put off ${putOff} (${putOffButThere} of them are there)`;
}
