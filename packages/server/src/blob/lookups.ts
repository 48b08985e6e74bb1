/**
 * Lets a question that is decided at once ask for what may have to be fetched: it is decided again when that is there. So the ways in and the decision stay free
 * of waiting, and a store that answers at once costs nothing.
 */
import { readMoment } from "./blob-moment.ts";
import type { Awaitable, BlobStore } from "./engine/blob-store.ts";
import type { ContainerKey } from "./engine/metadata-reader.ts";
import type { BlobRecord, Tags } from "./engine/model.ts";
import type { Target } from "./target.ts";
import { whenThere } from "./when-there.ts";

/** Thrown through the question; nobody outside sees it. */
class NotYet extends Error {
  readonly key: string;
  readonly value: Promise<unknown>;
  constructor(key: string, value: Promise<unknown>) {
    super("not looked up yet");
    this.key = key;
    this.value = value;
  }
}

export class Lookups {
  #known: Map<string, unknown> | undefined;

  /** What an answer holds, if it is there; else ends the question for now. @param key tells this from the request's other lookups. */
  take<Value>(key: string, ask: () => Awaitable<Value>): Value {
    if (this.#known?.has(key)) return this.#known.get(key) as Value;
    const value = ask();
    if (!(value instanceof Promise)) return value;
    // The question may end otherwise; whoever asks again awaits this one.
    value.catch(() => undefined);
    throw new NotYet(key, value);
  }

  /** Decides a question, again and again until it has all it looks up. @param question leaves no trace before its last lookup. */
  settle<Result>(question: () => Result): Awaitable<Result> {
    try {
      return question();
    } catch (cause) {
      if (!(cause instanceof NotYet)) throw cause;
      return this.#settleLater(question, cause);
    }
  }

  async #settleLater<Result>(question: () => Result, missing: NotYet): Promise<Result> {
    this.#known ??= new Map();
    this.#known.set(missing.key, await missing.value);
    return this.settle(question);
  }
}

/** The tags of the blob that a request names, of the state that it names. */
export function tagsOf(engine: BlobStore, account: string, target: Target): Awaitable<Tags | undefined> {
  return lookAt(engine, account, target, (record) => record?.tags);
}

/**
 * The encryption scope that a request is about: of the blob that is there, of a new one the scope that it asks for or its container's.
 * @returns undefined for none; also where a request names another scope than the blob's, so that neither is taken for the other.
 */
export function scopeOf(
  engine: BlobStore,
  account: string,
  target: Target,
  asked: string | null,
): Awaitable<string | undefined> {
  return lookAt(engine, account, target, (record, container) => {
    if (record === undefined) return asked ?? container?.record.state.defaultScope;
    const { encryptionScope } = record.state;
    return asked === null || asked === encryptionScope ? encryptionScope : undefined;
  });
}

type Looked<Found> = (record: BlobRecord | undefined, container: ContainerKey | undefined) => Found;

function lookAt<Found>(
  engine: BlobStore,
  account: string,
  target: Target,
  look: Looked<Found>,
): Awaitable<Found | undefined> {
  if (target.level !== "blob") return undefined;
  const { blob, query } = target;
  const container = engine.findContainer({ account, container: target.container });
  return whenThere(container, (found) => {
    const record = found && engine.findBlob(found, blob, readMoment(query));
    return whenThere(record, (read) => look(read, found));
  });
}
