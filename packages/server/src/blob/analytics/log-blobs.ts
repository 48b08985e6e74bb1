/** The blobs that lines of the logs become, numbered within their hour, and the end of old ones. */
import type { BlobStore } from "../engine/blob-store.ts";
import type { ListedItem, Slice } from "../engine/listing-walk.ts";
import type { ContainerKey } from "../engine/metadata-reader.ts";
import { BlobRefusal, type Metadata } from "../engine/model.ts";
import type { LogVersion } from "./log-line.ts";
import { type LogKind, logKinds } from "./logged-operation.ts";

/** Blobs looked at in one step. Our choice: about a millisecond. */
const sliceItems = 200;
/** Numbers tried before a blob is given up, where other servers write to the same hour. Our choice. */
const maxTries = 100;
/** Of the counter in a blob's name. @see https://learn.microsoft.com/azure/storage/common/storage-analytics-logging#log-naming-conventions */
const counterDigits = 6;
/** Hours whose next number is remembered, over all accounts. Our choice. */
const maxRememberedHours = 1_000;

export const logsContainer = "$logs";

/** Lines that become one blob: of one account, format and hour. */
export type LogBook = {
  readonly account: string;
  readonly version: LogVersion;
  /** `blob/YYYY/MM/DD/hh00/`, of the hour in which the requests ended. */
  readonly prefix: string;
  readonly lines: string[];
  readonly kinds: Set<LogKind>;
  startMs: number;
  endMs: number;
  chars: number;
};

/** Minutes are always 00. @see https://learn.microsoft.com/azure/storage/common/storage-analytics-logging#log-naming-conventions */
export function prefixOfHour(time: Date): string {
  const [day, clock] = time.toISOString().split("T") as [string, string];
  return `blob/${day.replaceAll("-", "/")}/${clock.slice(0, 2)}00/`;
}

export class LogBlobs {
  readonly #engine: BlobStore;
  /** The next number of an account's hour, of the hours last written to. */
  readonly #nextCounters = new Map<string, number>();

  constructor(engine: BlobStore) {
    this.#engine = engine;
  }

  /** @throws BlobRefusal, or the disk's or the database's error; then nothing was written. */
  async write(book: LogBook): Promise<void> {
    const { account, prefix } = book;
    const container = await this.#openContainer(account);
    const bytes = Buffer.from(book.lines.join(""));
    const body = await this.#engine.store([bytes], bytes.length, { md5: true, crc64: false });
    const key = `${account}/${prefix}`;
    let counter = this.#nextCounters.get(key) ?? (await this.#countBlobs(container, prefix));
    for (let tries = 0; ; tries++, counter++) {
      const blob = `${prefix}${String(counter).padStart(counterDigits, "0")}.log`;
      try {
        await this.#engine.putBlob({ account, container: logsContainer, blob }, body, {
          settings: { ...plainText, contentMd5: body.md5!.toString("base64") },
          metadata: describeBook(book),
          accessTier: null,
          mustBeNew: true,
        });
        break;
      } catch (cause) {
        if (!isRefusal(cause, "replace-not-permitted") || tries === maxTries) throw cause;
      }
    }
    this.#remember(key, counter + 1);
  }

  #remember(key: string, counter: number): void {
    // An hour is written to for an hour: what is not known any more is counted again.
    if (!this.#nextCounters.has(key) && this.#nextCounters.size >= maxRememberedHours) this.#nextCounters.clear();
    this.#nextCounters.set(key, counter);
  }

  async #openContainer(account: string): Promise<ContainerKey> {
    const name = { account, container: logsContainer };
    const found = await this.#engine.findContainer(name);
    if (found !== undefined) return found;
    await ensureContainer(this.#engine, account, logsContainer);
    return (await this.#engine.findContainer(name))!;
  }

  /** The number after the last one of an hour. */
  async #countBlobs(container: ContainerKey, prefix: string): Promise<number> {
    let last = "";
    for await (const { name } of this.#list(container, prefix)) last = name;
    return last === "" ? 0 : Number(last.slice(prefix.length, prefix.length + counterDigits)) + 1;
  }

  async *#list(container: ContainerKey, prefix: string, before?: string): AsyncGenerator<{ readonly name: string }> {
    const listing = { prefix, delimiter: "", before, limit: sliceItems, hasUncommitted: false };
    for (let from: string | undefined = ""; from !== undefined; ) {
      const slice: Slice<ListedItem> = await this.#engine.listBlobs(container, { ...listing, from });
      for (const item of slice.items) if (item.kind === "blob") yield item.record;
      from = slice.next;
    }
  }

  /** Deletes an account's logs of hours before one. @param prefix of that hour. */
  async deleteBefore(account: string, prefix: string): Promise<void> {
    const container = await this.#engine.findContainer({ account, container: logsContainer });
    if (container === undefined) return;
    for await (const { name } of this.#list(container, "blob/", prefix)) {
      try {
        await this.#engine.deleteBlob({ account, container: logsContainer, blob: name });
      } catch (cause) {
        // Somebody else deleted it, or holds on to it.
        if (!(cause instanceof BlobRefusal)) throw cause;
      }
    }
  }
}

const plainText = {
  contentType: "text/plain",
  contentEncoding: null,
  contentLanguage: null,
  contentDisposition: null,
  cacheControl: null,
};

/** @see https://learn.microsoft.com/azure/storage/common/storage-analytics-logging#log-metadata */
function describeBook({ kinds, startMs, endMs, version }: LogBook): Metadata {
  const second = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
  return [
    ["LogType", logKinds.filter((kind) => kinds.has(kind)).join(",")],
    ["StartTime", second(startMs)],
    ["EndTime", second(endMs)],
    ["LogVersion", version],
  ];
}

function isRefusal(cause: unknown, kind: BlobRefusal["fault"]["kind"]): boolean {
  return cause instanceof BlobRefusal && cause.fault.kind === kind;
}

/** Makes a container where there is none. */
export async function ensureContainer(engine: BlobStore, account: string, container: string): Promise<void> {
  try {
    await engine.createContainer({ account, container }, []);
  } catch (cause) {
    if (!isRefusal(cause, "container-exists")) throw cause;
  }
}
