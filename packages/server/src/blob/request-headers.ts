/**
 * A request's headers, read once from what came over the wire: Node would join or drop repeated ones and lower the case of metadata names.
 */

import type { Metadata } from "./engine/model.ts";
import { invalidHeader, notImplemented, StorageError } from "./errors.ts";
import { maxMetadataBytes } from "./limits.ts";

const metadataPrefix = "x-ms-meta-";
/** Headers beside `x-ms-*` that decide something here: a second one would be read by one party and not by the other. */
const decisive: ReadonlySet<string> = new Set([
  "authorization",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-length",
  "content-md5",
  "content-type",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-unmodified-since",
  "range",
  "transfer-encoding",
]);
/** They would make one operation out of another after the decision. */
const overrides: readonly string[] = ["x-http-method", "x-http-method-override", "x-method-override"];

/** C# identifiers, of which a header can only carry the ASCII ones. */
const metadataNamePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What a header's name is, as it came. */
type KnownName = {
  readonly name: string;
  /** A second one would be read by one party and not by the other. */
  readonly isSingle: boolean;
  /** As it came, without the prefix; undefined for what is no metadata. */
  readonly metadata: string | undefined;
};

/** Names as they came, in the case that clients write them in, remembered; our choice: clients write some dozens. */
const maxKnownNames = 512;
/** Longest name that is remembered, in characters; our choice. */
const maxKnownNameLength = 64;
const knownNames = new Map<string, KnownName>();

function readName(raw: string): KnownName {
  const known = knownNames.get(raw);
  if (known !== undefined) return known;
  const name = raw.toLowerCase();
  const isSingle = decisive.has(name) || name.startsWith("x-ms-");
  const metadata = name.startsWith(metadataPrefix) ? raw.slice(metadataPrefix.length) : undefined;
  const made = { name, isSingle, metadata };
  if (raw.length > maxKnownNameLength) return made;
  if (knownNames.size >= maxKnownNames) knownNames.clear();
  knownNames.set(raw, made);
  return made;
}

export class RequestHeaders {
  readonly #values = new Map<string, string>();
  readonly #metadata: (readonly [name: string, value: string])[] = [];

  /**
   * @param raw names and values in turn, as `IncomingMessage.rawHeaders` has them.
   * @throws StorageError for a decisive header that comes twice, and for method overrides.
   */
  constructor(raw: readonly string[]) {
    for (let index = 0; index < raw.length; index += 2) {
      const { name, isSingle, metadata } = readName(raw[index]!);
      const value = raw[index + 1]!;
      if (isSingle && this.#values.has(name)) {
        throw metadata !== undefined ? new StorageError("InvalidMetadata") : invalidHeader(name, value);
      }
      if (metadata !== undefined) this.#metadata.push([metadata, value]);
      this.#values.set(name, value);
    }
    for (const name of overrides) {
      const value = this.#values.get(name);
      if (value !== undefined) throw invalidHeader(name, value);
    }
  }

  /** A header's value; undefined when it is absent. @param name in lower case. */
  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The same with one more. @param name in lower case. */
  with(name: string, value: string): RequestHeaders {
    const more = this.without(new Set());
    more.#values.set(name, value);
    return more;
  }

  /** The same without some. @param names in lower case. */
  without(names: ReadonlySet<string>): RequestHeaders {
    const rest = new RequestHeaders([]);
    for (const [name, value] of this.#values) if (!names.has(name)) rest.#values.set(name, value);
    rest.#metadata.push(...this.#metadata);
    return rest;
  }

  /** The headers whose names, in lower case, start so. */
  startingWith(prefix: string): (readonly [name: string, value: string])[] {
    return [...this.#values].filter(([name]) => name.startsWith(prefix));
  }

  /** A header's value, where an empty one is as good as none; null then. */
  text(name: string): string | null {
    return this.#values.get(name) || null;
  }

  /** @throws StorageError `MissingRequiredHeader`. */
  require(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new StorageError("MissingRequiredHeader", { details: { HeaderName: name } });
    return value;
  }

  /**
   * The metadata the request sets.
   * @throws StorageError `EmptyMetadataKey`, `InvalidMetadata`, `MetadataTooLarge`.
   * @see https://learn.microsoft.com/rest/api/storageservices/setting-and-retrieving-properties-and-metadata-for-blob-resources
   */
  metadata(): Metadata {
    let sizeBytes = 0;
    for (const [name, value] of this.#metadata) {
      if (name === "") throw new StorageError("EmptyMetadataKey");
      if (!metadataNamePattern.test(name) || !/^[\x20-\x7e]*$/.test(value)) throw new StorageError("InvalidMetadata");
      sizeBytes += name.length + value.length;
    }
    if (sizeBytes > maxMetadataBytes) throw new StorageError("MetadataTooLarge");
    return this.#metadata;
  }

  /** Refuses a request that asks by a header for what is not there. @param wanted header names and what they ask for. */
  refuseUnimplemented(wanted: Readonly<Record<string, string>>): void {
    for (const name in wanted) if (this.#values.has(name)) throw notImplemented(wanted[name]!);
  }
}
