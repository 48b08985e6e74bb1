/**
 * The one way to change directory and access: a rule looks at the read model and answers with changes or a refusal; the changes go to the
 * log and the rows in one synced transaction; then, and only then, the read model takes them over and the caller is answered.
 *
 * Owns: the order of changes, group commit. May use: state, a backend, the ports.
 */
import type { RoleDefinition } from "@postern/access";
import type { Actor, Change, LogEntry } from "../state/change.ts";
import type { Ports } from "../state/ports.ts";
import { ReadModel } from "../state/read-model.ts";
import { completeRow } from "../state/row-completion.ts";
import { RowSharing } from "../state/row-sharing.ts";
import { LogMoved, type StateBackend, StoreUnavailable } from "./backend.ts";

/** A rule: pure; reads the model and refuses by throwing `Refusal`. */
export type Rule<Result> = (model: ReadModel) => { readonly changes: readonly Change[]; readonly result: Result };

type Waiting = {
  readonly actor: Actor;
  readonly operation: string;
  readonly rule: Rule<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (cause: unknown) => void;
};

/** Changes committed together at most; bounds the time one commit takes. Our choice. */
const maxGroupSize = 512;
/** Entries of other processes taken over at once; our choice: a few milliseconds of work. */
const entriesPerPage = 256;
/** How often a group runs its rules again because another process wrote first. Our choice: each time somebody got on, so only a crowd comes to it. */
const maxRuns = 50;

/** Bounds of the counts of commits by size. */
const commitSizeBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, maxGroupSize] as const;

type Prepared = { readonly entries: readonly LogEntry[]; readonly settle: readonly (() => void)[] };

export class StateStore {
  readonly model: ReadModel;
  /** Commits by the number of log entries they shared, for metrics: within each bound, then past the last; and all entries together. */
  readonly commitSizes = { bounds: commitSizeBounds, buckets: [...commitSizeBounds, 0].map(() => 0), total: 0 };
  readonly #backend: StateBackend;
  readonly #ports: Pick<Ports, "now">;
  readonly #waiting: Waiting[] = [];
  #committing: Promise<void> | undefined;
  #isClosed = false;
  /** Ends when nobody changes the model: a commit and the log's entries of others take turns. */
  #turn: Promise<unknown> = Promise.resolve();
  /** When the model was last known to hold the whole log, by the process's steady clock. */
  #currentAtMs = performance.now();

  private constructor(model: ReadModel, backend: StateBackend, ports: Pick<Ports, "now">) {
    this.model = model;
    this.#backend = backend;
    this.#ports = ports;
  }

  /** Reads the rows into a fresh model. */
  static async open(
    backend: StateBackend,
    builtInRoles: readonly RoleDefinition[],
    ports: Pick<Ports, "now">,
  ): Promise<StateStore> {
    const model = new ReadModel(builtInRoles);
    const sharing = new RowSharing();
    model.revision = await backend.load((change) => model.load(sharing.share(completeRow(change))));
    return new StateStore(model, backend, ports);
  }

  /**
   * How long ago, in milliseconds, the model last was known to hold everything that was written; 0 when no other process writes. What another process
   * has written since then may be missing.
   */
  get ageMs(): number {
    return this.#backend.shared === undefined ? 0 : performance.now() - this.#currentAtMs;
  }

  /**
   * Takes over what other processes have written.
   * @throws StoreUnavailable, or HistoryDiverged when the model is of no use any more.
   */
  follow(): Promise<void> {
    return this.#inTurn(() => this.#follow());
  }

  /**
   * Carries out one change.
   * @returns the rule's result, once its changes are on disk and in the model. A rule that answers no changes writes nothing.
   * @throws Refusal as the rule threw it, or the backend's error; in both cases nothing was changed.
   */
  change<Result>(actor: Actor, operation: string, rule: Rule<Result>): Promise<Result> {
    if (this.#isClosed) return Promise.reject(new Error("the store is closed"));
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ actor, operation, rule, resolve: resolve as (result: unknown) => void, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  readLog(afterRevision: number, limit: number): Promise<LogEntry[]> {
    return this.#backend.readLog(afterRevision, limit);
  }

  /** Copies all that was committed into a new file, while others go on. @throws for a backend that keeps no file. */
  async copyTo(file: string): Promise<void> {
    if (this.#backend.copyTo === undefined) throw new Error("this store keeps no file to copy");
    await this.#backend.copyTo(file);
  }

  /** Waits for what is under way, then closes the backend. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#committing;
    await this.#turn;
    await this.#backend.close();
  }

  async #commitAll(): Promise<void> {
    // One turn of the event loop lets requests that arrived together share a commit.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.#waiting.length > 0) {
        const group = this.#waiting.splice(0, maxGroupSize);
        await this.#inTurn(() => this.#commitGroup(group));
      }
    } finally {
      // In the same step as the last look at the queue: a change that came between the two would wait for ever.
      this.#committing = undefined;
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #follow(): Promise<void> {
    const { shared } = this.#backend;
    if (shared === undefined) return;
    for (;;) {
      const askedAtMs = performance.now();
      const entries = await shared.follow(this.model.revision, entriesPerPage);
      this.#takeOver(entries);
      if (entries.length < entriesPerPage) {
        this.#currentAtMs = askedAtMs;
        return;
      }
    }
  }

  #takeOver(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      applyAll(this.model, entry.changes.map(completeRow));
      this.model.revision = entry.revision;
    }
  }

  /** Commits a group, on the log as it is: when another process was first, what it wrote is taken over and every rule judges anew. */
  async #commitGroup(group: readonly Waiting[]): Promise<void> {
    try {
      for (let run = 1; run <= maxRuns; run++) {
        // A rule refuses by what is there, not by what was there when this process last looked.
        await this.#follow();
        const prepared = this.#prepare(group);
        if (await this.#append(prepared)) {
          for (const answer of prepared.settle) answer();
          return;
        }
      }
      throw new StoreUnavailable("other processes write all the time");
    } catch (cause) {
      for (const { reject } of group) reject(cause);
    }
  }

  /** @returns whether the entries are in the log and in the model; false when another process was first. */
  async #append({ entries }: Prepared): Promise<boolean> {
    const askedAtMs = performance.now();
    try {
      if (entries.length > 0) await this.#backend.append(entries);
    } catch (cause) {
      if (cause instanceof LogMoved) return false;
      throw cause;
    }
    for (const entry of entries) {
      applyAll(this.model, entry.changes);
      this.model.revision = entry.revision;
    }
    if (entries.length > 0) {
      this.#currentAtMs = askedAtMs;
      const place = commitSizeBounds.findIndex((bound) => entries.length <= bound);
      this.commitSizes.buckets[place]! += 1;
      this.commitSizes.total += entries.length;
    }
    return true;
  }

  /**
   * Runs the group's rules one after another, each on the model as the ones before leave it, then takes everything back: so a rule sees its
   * predecessors, and a reader never sees what is not on disk yet.
   */
  #prepare(group: readonly Waiting[]): Prepared {
    const { model } = this;
    const entries: LogEntry[] = [];
    const undo: Change[] = [];
    const settle: (() => void)[] = [];
    const time = this.#ports.now().toISOString();
    for (const { actor, operation, rule, resolve, reject } of group) {
      try {
        const { changes, result } = rule(model);
        if (changes.length > 0) {
          entries.push({ revision: model.revision + entries.length + 1, time, actor, operation, changes });
          applyAll(model, changes, undo);
        }
        settle.push(() => resolve(result));
      } catch (cause) {
        settle.push(() => reject(cause));
      }
    }
    for (const change of undo.reverse()) model.apply(change);
    return { entries, settle };
  }
}

function applyAll(model: ReadModel, changes: readonly Change[], undo?: Change[]): void {
  for (const change of changes) {
    const inverse = model.apply(change);
    if (inverse !== undefined) undo?.push(inverse);
  }
}
