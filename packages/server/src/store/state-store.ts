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
import type { StateBackend } from "./backend.ts";
import { SharedTexts } from "./shared-texts.ts";

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

export class StateStore {
  readonly model: ReadModel;
  readonly #backend: StateBackend;
  readonly #ports: Pick<Ports, "now">;
  readonly #waiting: Waiting[] = [];
  #committing: Promise<void> | undefined;
  #isClosed = false;

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
    const texts = new SharedTexts();
    model.revision = await backend.load((change) => model.apply(completeRow(texts.share(change))));
    return new StateStore(model, backend, ports);
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

  /** Waits for what is under way, then closes the backend. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#committing;
    await this.#backend.close();
  }

  async #commitAll(): Promise<void> {
    // One turn of the event loop lets requests that arrived together share a commit.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.#waiting.length > 0) await this.#commitGroup(this.#waiting.splice(0, maxGroupSize));
    } finally {
      // In the same step as the last look at the queue: a change that came between the two would wait for ever.
      this.#committing = undefined;
    }
  }

  /**
   * Runs the group's rules one after another, each on the model as the ones before leave it, then takes everything back, commits, and
   * applies for good: so a rule sees its predecessors, and a reader never sees what is not on disk yet.
   */
  async #commitGroup(group: readonly Waiting[]): Promise<void> {
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
    try {
      if (entries.length > 0) await this.#backend.append(entries);
    } catch (cause) {
      for (const { reject } of group) reject(cause);
      return;
    }
    for (const entry of entries) {
      applyAll(model, entry.changes);
      model.revision = entry.revision;
    }
    for (const answer of settle) answer();
  }
}

function applyAll(model: ReadModel, changes: readonly Change[], undo?: Change[]): void {
  for (const change of changes) {
    const inverse = model.apply(change);
    if (inverse !== undefined) undo?.push(inverse);
  }
}
