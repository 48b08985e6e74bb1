/**
 * Carries out changes on rows that other replicas change too. What waits goes together: one transaction locks and fetches the rows that the group looks at, the
 * changes run on them in memory, what came of it is written, and the seat's row is moved. A group that another outran begins again.
 *
 * Owns: the queue, the order of a group's steps, what is done when the database does not answer. Decision: docs/decisions/0031-blobs-on-every-replica.md
 */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { StoreUnavailable } from "../../store/backend.ts";
import { type Client, type PostgresConnection, sqlStates, stateOf } from "../../store/postgres-connection.ts";
import { Content, holeExtent } from "../engine/content.ts";
import { carryOut } from "../engine/metadata-writer.ts";
import { BlobRefusal, type Written } from "../engine/model.ts";
import type { Mutation, MutationResult } from "../engine/mutations.ts";
import { flushGroup } from "./group-flush.ts";
import { isCopied, needsOf } from "./group-needs.ts";
import { loadGroup } from "./group-rows.ts";
import { WorkingSet } from "./working-set.ts";
import { type Holding, moveSeat, type WriterSeat } from "./writer-seat.ts";

/** Changes in one transaction at most; bounds the time a commit takes. Our choice. */
const maxGroupSize = 256;
/** A group that is outrun so often is said to be put off. Our choice: each time another's group was committed. */
const maxAttempts = 60;
/** Attempts after which more is looked at than should be needed. */
const plainAttempts = 5;
/** The longest pause before an attempt, in milliseconds; our choice: two that outrun each other fall apart soon. */
const maxPauseMs = 40;
/** How long a commit whose answer was lost is asked after, in milliseconds. As for the change log. */
const resolveTimeoutMs = 8_000;
const resolveRetryMs = 200;

type Waiting = {
  readonly mutation: Mutation;
  readonly resolve: (written: Written) => void;
  readonly reject: (cause: unknown) => void;
};

export type WriterPorts = {
  readonly connection: PostgresConnection;
  readonly seat: WriterSeat;
  /** Whether an extent is this process's. */
  readonly ownsExtent: (id: number) => boolean;
  /** The time changes are made at, in milliseconds; the database's. */
  readonly nowMs: () => number;
};

/** What an attempt came to; undefined when it was outrun. */
type Attempt = MutationResult[] | undefined;

export class SharedWriter {
  readonly #ports: WriterPorts;
  readonly #set: WorkingSet;
  #holding: Holding;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;
  /** Nothing else uses the working set meanwhile. */
  #lane: Promise<unknown> = Promise.resolve();

  constructor(ports: WriterPorts) {
    this.#ports = ports;
    this.#holding = ports.seat.holding;
    this.#set = new WorkingSet(() => this.#holding.seat);
  }

  /**
   * Has one change made.
   * @returns when it is committed.
   * @throws BlobRefusal; StoreUnavailable, after which the change may still come to be where its outcome is unknown.
   */
  submit(mutation: Mutation): Promise<Written> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ mutation, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    // Changes of one turn of the event loop travel together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) await this.#settle(this.#queue.splice(0, maxGroupSize));
    // In the same turn as the last look at the queue: what comes next begins anew.
    this.#running = undefined;
  }

  async #settle(group: readonly Waiting[]): Promise<void> {
    try {
      const mutations = group.map(({ mutation }) => mutation);
      const results = await this.transact((client, isThorough) => this.#attempt(client, mutations, isThorough));
      group.forEach(({ resolve, reject }, index) => {
        const result = results[index]!;
        if (result.isOk) resolve(result.written);
        else reject(new BlobRefusal(result.fault));
      });
    } catch (cause) {
      // One by one, so that what fails by itself does not take its neighbours with it.
      if (group.length > 1 && !(cause instanceof StoreUnavailable)) for (const one of group) await this.#settle([one]);
      else for (const { reject } of group) reject(cause);
    }
  }

  async #attempt(client: Client, mutations: readonly Mutation[], isThorough: boolean): Promise<Attempt> {
    const needs = needsOf(mutations, { isOwn: (content) => this.#isOwn(content), isThorough });
    await loadGroup(client, this.#set, needs);
    this.#set.ready();
    const timeMs = this.#ports.nowMs();
    const results = mutations.map((mutation) => this.#carryOut(mutation, timeMs));
    return results;
  }

  #carryOut(mutation: Mutation, timeMs: number): MutationResult {
    const { context } = this.#set;
    // An upload whose extents were taken over while it was under way, and given back since.
    if ("content" in mutation && mutation.content !== null && !isCopied(mutation) && !this.#isOwn(mutation.content)) {
      if (!context.ledger.holds(mutation.content)) return { isOk: false, fault: { kind: "body-incomplete" } };
    }
    return carryOut(context, { mutation, timeMs });
  }

  #isOwn(content: Uint8Array): boolean {
    for (const { extentId } of new Content(content).spans()) {
      if (extentId !== holeExtent && !this.#ports.ownsExtent(extentId)) return false;
    }
    return true;
  }

  /**
   * Runs work on the working set and commits what it came to, again and again until no other group outran it.
   * @param work loads rows, then changes them; it is begun anew with nothing.
   */
  transact<Result>(
    work: (client: Client, isThorough: boolean, set: WorkingSet) => Promise<Result | undefined>,
  ): Promise<Result> {
    const done = this.#lane.then(() => this.#transact(work));
    this.#lane = done.catch(() => undefined);
    return done;
  }

  async #transact<Result>(
    work: (client: Client, isThorough: boolean, set: WorkingSet) => Promise<Result | undefined>,
  ): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      if (this.#ports.seat.holding !== this.#holding) this.#holding = this.#ports.seat.holding;
      const holding = this.#holding;
      const commitId = randomUUID();
      let result: Result | undefined;
      try {
        const isCommitted = await this.#ports.connection.transaction(
          async (client) => {
            this.#set.begin(holding.lastStamp);
            try {
              result = await work(client, attempt > plainAttempts, this.#set);
              return result !== undefined && (await this.#flush(client, holding, commitId));
            } finally {
              this.#set.end();
            }
          },
          "BEGIN",
          (isWritten) => isWritten,
        );
        if (isCommitted) return result!;
        // A seat that was lost is found out, and another taken.
        if (attempt % plainAttempts === 0) await this.#ports.seat.renew();
      } catch (cause) {
        if (cause instanceof StoreUnavailable) {
          if (!cause.isOutcomeUnknown) throw cause;
          if (await this.#findOut(holding, commitId, cause)) return result!;
        } else if (!isOutrun(cause)) throw cause;
      }
      if (attempt >= maxAttempts) throw new StoreUnavailable("too many change the same blobs at once");
      await delay(Math.random() * Math.min(maxPauseMs, attempt * 4));
    }
  }

  async #flush(client: Client, holding: Holding, commitId: string): Promise<boolean> {
    const changes = this.#set.changes();
    const ledger = this.#set.ledgerChanges();
    // A group of refusals, or of changes that came to nothing.
    if (changes.length === 0 && ledger.length === 0) return true;
    if (!(await flushGroup(client, changes, ledger, holding.seat))) return false;
    return moveSeat(client, holding, commitId, this.#set.context.floor);
  }

  /** Whether a group whose COMMIT was not answered came about. @throws StoreUnavailable when that cannot be found out in time. */
  async #findOut(holding: Holding, commitId: string, cause: StoreUnavailable): Promise<boolean> {
    const givenUpAtMs = performance.now() + resolveTimeoutMs;
    while (performance.now() < givenUpAtMs) {
      try {
        const found = await this.#ports.seat.hasCommitted(holding, commitId);
        if (found === undefined) break;
        return found;
      } catch (again) {
        if (!(again instanceof StoreUnavailable)) throw again;
        await delay(resolveRetryMs);
      }
    }
    throw cause;
  }

  /** Has everything submitted committed. */
  async close(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    await this.#lane;
    this.#set.close();
  }
}

/** Refused because another's changes came first. */
function isOutrun(cause: unknown): boolean {
  const state = stateOf(cause);
  return (
    state === sqlStates.uniqueViolation || state === sqlStates.serializationFailure || state === sqlStates.deadlock
  );
}
