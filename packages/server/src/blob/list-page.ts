/** Pages of listings: their size, their markers, and how they are made in slices, so that a long page does not hold up everybody else. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Awaitable } from "./engine/blob-store.ts";
import { maxSliceItems } from "./engine/metadata-reader.ts";
import { invalidQuery, StorageError } from "./errors.ts";
import { maxPageItems } from "./limits.ts";
import type { Answer, Call } from "./operation-row.ts";
import type { Query } from "./target.ts";
import { knownIncludes } from "./version-words.ts";
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

/** Echoes of the parameters that shaped the page, where they were given. */
export function echo({ query, version }: Call): string {
  const parts = [
    ["prefix", "Prefix"],
    ["marker", "Marker"],
    ["maxresults", "MaxResults"],
    ["delimiter", "Delimiter"],
  ] as const;
  const writeName = nameWriterOf(version);
  return parts.map(([name, tag]) => (query.get(name) ? writeName(tag, query.get(name)!) : "")).join("");
}

type SlicePort<Item> = (
  from: string,
  limit: number,
) => Awaitable<{ readonly items: readonly Item[]; readonly next: string | undefined }>;

/** Takes a page in slices, giving others their turn between. */
export async function takePage<Item>(
  slice: SlicePort<Item>,
  from: string,
  size: number,
  render: (item: Item) => string,
): Promise<{ readonly rendered: string; readonly next: string | undefined }> {
  let rendered = "";
  let count = 0;
  let next: string | undefined = from;
  while (next !== undefined && count < size) {
    if (count > 0) await nextTurn();
    const { items, next: following } = await slice(next, Math.min(maxSliceItems, size - count));
    for (const item of items) rendered += render(item);
    count += items.length;
    next = following;
  }
  return { rendered, next };
}

export function serviceEndpoint({ exchange }: Call): string {
  return escapeXml(`${exchange.origin}${exchange.prefix}/`);
}

export function answerPage(opening: string, items: string, closing: string, next: string | undefined): Answer {
  const marker = element("NextMarker", next === undefined ? "" : encodeMarker(next));
  const body = Buffer.from(`${xmlDeclaration}${opening}${items}${closing}${marker}</EnumerationResults>`);
  return { status: 200, headers: { "Content-Type": "application/xml" }, body };
}
