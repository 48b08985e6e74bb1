/** Pages of listings: their size, their markers, and how they are made in slices, so that a long page does not hold up everybody else. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Awaitable } from "./engine/blob-store.ts";
import { maxSliceItems } from "./engine/metadata-reader.ts";
import { invalidQuery, StorageError } from "./errors.ts";
import { maxPageItems } from "./limits.ts";
import type { Answer, Call } from "./operation-row.ts";
import type { Query } from "./target.ts";
import { knownIncludes } from "./version-words.ts";
import { whenThere } from "./when-there.ts";
import { element, escapeXml, nameWriterOf, xmlDeclaration } from "./xml.ts";

/** A marker says its version and the name the next page starts with; opaque to clients. */
const markerVersion = "1!";

function encodeMarker(next: string): string {
  return markerVersion + Buffer.from(next).toString("base64url");
}

/** @throws StorageError for a marker that this server did not make. */
export function decodeMarker(query: Query): string {
  const marker = query.get("marker") ?? "";
  if (marker === "") return "";
  const bytes = Buffer.from(marker.slice(markerVersion.length), "base64url");
  const name = bytes.toString();
  if (encodeMarker(name) !== marker) throw invalidQuery("marker", marker, "The marker is not one of a listing's.");
  return name;
}

/** @throws StorageError for what is no number of items; more than a page holds is a full page. */
export function readPageSize(query: Query): number {
  const text = query.get("maxresults") ?? "";
  if (text === "") return maxPageItems;
  if (!/^-?\d{1,10}$/.test(text)) throw invalidQuery("maxresults", text, "The value is not a number.");
  const size = Number(text);
  if (size < 1) {
    throw new StorageError("OutOfRangeQueryParameterValue", {
      details: {
        QueryParameterName: "maxresults",
        QueryParameterValue: text,
        MinimumAllowed: "1",
        MaximumAllowed: String(maxPageItems),
      },
    });
  }
  return Math.min(size, maxPageItems);
}

/** What a listing is to show besides, of what the version knows. */
export function readInclude({ query, version }: Call, includes: readonly string[]): ReadonlySet<string> {
  const known = knownIncludes(includes, version);
  const text = query.get("include") ?? "";
  const parts = text.split(",").map((part) => part.trim().toLowerCase());
  const wanted = new Set(parts.filter((part) => part !== ""));
  for (const part of wanted) {
    if (!known.includes(part)) throw invalidQuery("include", text, `Invalid include: ${part}`);
  }
  return wanted;
}

/** Echoes of the parameters that shaped the page, where they were given. @param marker instead of the query's. */
export function echo({ query, version }: Call, marker = query.get("marker")): string {
  const parts = [
    ["prefix", "Prefix"],
    ["marker", "Marker"],
    ["maxresults", "MaxResults"],
    ["delimiter", "Delimiter"],
  ] as const;
  const writeName = nameWriterOf(version);
  const write = (tag: string, text: string | undefined) => (text ? writeName(tag, text) : "");
  return parts.map(([name, tag]) => write(tag, name === "marker" ? marker : query.get(name))).join("");
}

type SlicePort<Item> = (
  from: string,
  limit: number,
) => Awaitable<{ readonly items: readonly Item[]; readonly next: string | undefined }>;

/**
 * Characters of a page that are written as one piece. Our choice, by measurement: the client reads a piece while the next is encrypted, and what V8 has to look
 * after is the text of one.
 */
const pieceCharacters = 128 * 1024;

/** A page that grows by slices: its items as they are written, and where the listing goes on. */
export class GrowingPage<Item> {
  readonly #slice: SlicePort<Item>;
  readonly #size: number;
  #count = 0;
  #text: string;
  readonly #pieces: Buffer[] = [];
  #sizeBytes = 0;
  #next: string | undefined;

  /** @param opening what stands before the items. */
  constructor(opening: string, slice: SlicePort<Item>, from: string, size: number) {
    this.#text = xmlDeclaration + opening;
    this.#slice = slice;
    this.#next = from;
    this.#size = size;
  }

  get isWhole(): boolean {
    return this.#next === undefined || this.#count >= this.#size;
  }

  /** Of what is written so far, in bytes. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Where the listing goes on; undefined when there is nothing more. */
  get next(): string | undefined {
    return this.#next;
  }

  /** Takes a slice more. */
  grow(render: (item: Item) => string): Awaitable<void> {
    const slice = this.#slice(this.#next!, Math.min(maxSliceItems, this.#size - this.#count));
    return whenThere(slice, ({ items, next }) => {
      for (const item of items) {
        this.#text += render(item);
        if (this.#text.length >= pieceCharacters) this.#write();
      }
      this.#count += items.length;
      this.#next = next;
    });
  }

  #write(): void {
    const piece = Buffer.from(this.#text);
    this.#text = "";
    this.#pieces.push(piece);
    this.#sizeBytes += piece.length;
  }

  /** @param closing what stands between the items and the marker of the next page. */
  answer(closing: string): Answer {
    this.#text += `${closing}${element("NextMarker", markerOf(this.#next))}</EnumerationResults>`;
    this.#write();
    const headers = { "Content-Type": "application/xml" };
    const pieces = this.#pieces;
    if (pieces.length === 1) return { status: 200, headers, body: pieces[0]! };
    return { status: 200, headers: { ...headers, "Content-Length": String(this.#sizeBytes) }, body: inTurn(pieces) };
  }
}

async function* inTurn(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}

/** Takes what a page lacks, giving others their turn between slices. */
export async function finishPage(page: { readonly isWhole: boolean }, grow: () => Awaitable<void>): Promise<void> {
  for (let isFirst = true; !page.isWhole; isFirst = false) {
    if (!isFirst) await nextTurn();
    await grow();
  }
}

export function serviceEndpoint({ exchange }: Call): string {
  return escapeXml(`${exchange.origin}${exchange.prefix}/`);
}

/** A marker of the page that goes on there. */
export function markerOf(next: string | undefined): string {
  return next === undefined ? "" : encodeMarker(next);
}
