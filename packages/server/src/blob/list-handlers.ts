/** List Containers and List Blobs: pages made in slices, so that a long page does not hold up everybody else. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { refuseConditions } from "./condition-headers.ts";
import { containerName, requireContainer } from "./container-handlers.ts";
import { type ListedItem, maxSliceItems } from "./engine/metadata-reader.ts";
import type { BlobRecord, ContainerRecord, Metadata } from "./engine/model.ts";
import { invalidQuery, notImplemented, StorageError } from "./errors.ts";
import { maxPageItems } from "./limits.ts";
import type { AccountCall, Answer, Call, ContainerCall } from "./operation-row.ts";
import { defaultContentType, formatHttpDate } from "./resource-headers.ts";
import type { Query } from "./target.ts";
import { element, escapeXml, nameElement, xmlDeclaration } from "./xml.ts";

/** A marker says its version and the name the next page starts with; opaque to clients. */
const markerVersion = "1!";

function encodeMarker(next: string): string {
  return markerVersion + Buffer.from(next).toString("base64url");
}

/** @throws StorageError for a marker that this server did not make. */
function decodeMarker(query: Query): string {
  const marker = query.get("marker") ?? "";
  if (marker === "") return "";
  const bytes = Buffer.from(marker.slice(markerVersion.length), "base64url");
  const name = bytes.toString();
  if (encodeMarker(name) !== marker) throw invalidQuery("marker", marker, "The marker is not one of a listing's.");
  return name;
}

/** @throws StorageError for what is no number of items; more than a page holds is a full page. */
function readPageSize(query: Query): number {
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

function readInclude(query: Query, known: readonly string[]): ReadonlySet<string> {
  const text = query.get("include") ?? "";
  const parts = text.split(",").map((part) => part.trim().toLowerCase());
  const wanted = new Set(parts.filter((part) => part !== ""));
  for (const part of wanted) {
    if (!known.includes(part)) throw invalidQuery("include", text, `Invalid include: ${part}`);
  }
  return wanted;
}

/** Echoes of the parameters that shaped the page, where they were given. */
function echo(query: Query): string {
  const parts = [
    ["prefix", "Prefix"],
    ["marker", "Marker"],
    ["maxresults", "MaxResults"],
    ["delimiter", "Delimiter"],
  ] as const;
  return parts.map(([name, tag]) => (query.get(name) ? nameElement(tag, query.get(name)!) : "")).join("");
}

type SlicePort<Item> = (
  from: string,
  limit: number,
) => { readonly items: readonly Item[]; readonly next: string | undefined };

/** Takes a page in slices, giving others their turn between. */
async function takePage<Item>(
  slice: SlicePort<Item>,
  from: string,
  size: number,
  render: (item: Item) => string,
): Promise<{ readonly rendered: string[]; readonly next: string | undefined }> {
  const rendered: string[] = [];
  let count = 0;
  let next: string | undefined = from;
  while (next !== undefined && count < size) {
    if (count > 0) await nextTurn();
    const { items, next: following } = slice(next, Math.min(maxSliceItems, size - count));
    rendered.push(items.map(render).join(""));
    count += items.length;
    next = following;
  }
  return { rendered, next };
}

function serviceEndpoint({ exchange }: Call): string {
  return escapeXml(`${exchange.origin}${exchange.prefix}/`);
}

function answerPage(opening: string, items: readonly string[], closing: string, next: string | undefined): Answer {
  const marker = element("NextMarker", next === undefined ? "" : encodeMarker(next));
  const body = Buffer.from(`${xmlDeclaration}${opening}${items.join("")}${closing}${marker}</EnumerationResults>`);
  return { status: 200, headers: { "Content-Type": "application/xml" }, body };
}

function metadataElement(metadata: Metadata): string {
  if (metadata.length === 0) return "<Metadata />";
  return `<Metadata>${metadata.map(([name, value]) => element(name, value)).join("")}</Metadata>`;
}

/** Containers that Azure itself makes; shown when asked for. */
const systemContainer = "$logs";

/** @see https://learn.microsoft.com/rest/api/storageservices/list-containers2 */
export async function listContainers(call: AccountCall): Promise<Answer> {
  const { query, engine, account } = call;
  refuseConditions(call.headers);
  const include = readInclude(query, ["metadata", "deleted", "system"]);
  const size = readPageSize(query);
  const prefix = query.get("prefix") ?? "";
  const { rendered, next } = await takePage(
    (from, limit) => engine.listContainers(account.name, prefix, from, limit),
    decodeMarker(query),
    size,
    (record) => (record.name === systemContainer && !include.has("system") ? "" : renderContainer(record, include)),
  );
  const opening = `<EnumerationResults ServiceEndpoint="${serviceEndpoint(call)}">${echo(query)}<Containers>`;
  return answerPage(opening, rendered, "</Containers>", next);
}

function renderContainer(record: ContainerRecord, include: ReadonlySet<string>): string {
  const properties = [
    element("Last-Modified", formatHttpDate(record.modifiedMs)),
    element("Etag", record.etag),
    "<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState>",
    "<DefaultEncryptionScope>$account-encryption-key</DefaultEncryptionScope>",
    "<DenyEncryptionScopeOverride>false</DenyEncryptionScopeOverride>",
    "<HasImmutabilityPolicy>false</HasImmutabilityPolicy><HasLegalHold>false</HasLegalHold>",
    "<ImmutableStorageWithVersioningEnabled>false</ImmutableStorageWithVersioningEnabled>",
  ].join("");
  const metadata = include.has("metadata") ? metadataElement(record.metadata) : "";
  return `<Container>${element("Name", record.name)}<Properties>${properties}</Properties>${metadata}</Container>`;
}

/** What may be asked for. Of snapshots, versions, deleted blobs, copies, tags, holds and policies there are none, so listing none is the truth. */
const blobIncludes = [
  "copy",
  "deleted",
  "deletedwithversions",
  "immutabilitypolicy",
  "legalhold",
  "metadata",
  "snapshots",
  "tags",
  "uncommittedblobs",
  "versions",
] as const;

/** @see https://learn.microsoft.com/rest/api/storageservices/list-blobs */
export async function listBlobs(call: ContainerCall): Promise<Answer> {
  const { query, engine } = call;
  refuseConditions(call.headers);
  for (const name of ["showonly", "endbefore"]) if (query.get(name)) throw notImplemented(`listing with ${name}`);
  const include = readInclude(query, blobIncludes);
  const size = readPageSize(query);
  const marker = decodeMarker(query);
  const name = containerName(call);
  requireContainer(engine, name);
  const listing = {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    hasUncommitted: include.has("uncommittedblobs"),
  };
  const { rendered, next } = await takePage(
    // Looked up for each slice: it may be deleted and made again between two.
    (from, limit) => engine.listBlobs(requireContainer(engine, name), { ...listing, from, limit }),
    marker === "" ? (query.get("startfrom") ?? "") : marker,
    size,
    (item) => renderItem(item, include.has("metadata")),
  );
  const container = escapeXml(name.container);
  const opening = `<EnumerationResults ServiceEndpoint="${serviceEndpoint(call)}" ContainerName="${container}">${echo(query)}<Blobs>`;
  return answerPage(opening, rendered, "</Blobs>", next);
}

function renderItem(item: ListedItem, hasMetadata: boolean): string {
  switch (item.kind) {
    case "prefix":
      return `<BlobPrefix>${nameElement("Name", item.name)}</BlobPrefix>`;
    case "uncommitted":
      return `<Blob>${nameElement("Name", item.name)}<Properties><Content-Length>0</Content-Length><BlobType>BlockBlob</BlobType></Properties>${hasMetadata ? "<Metadata />" : ""}<OrMetadata /></Blob>`;
    case "blob":
      return `<Blob>${nameElement("Name", item.record.name)}<Properties>${renderProperties(item.record)}</Properties>${hasMetadata ? metadataElement(item.record.metadata) : ""}<OrMetadata /></Blob>`;
  }
}

function renderProperties({ createdMs, modifiedMs, etag, sizeBytes, settings, accessTier }: BlobRecord): string {
  return [
    element("Creation-Time", formatHttpDate(createdMs)),
    element("Last-Modified", formatHttpDate(modifiedMs)),
    element("Etag", etag),
    element("Content-Length", sizeBytes),
    element("Content-Type", settings.contentType ?? defaultContentType),
    element("Content-Encoding", settings.contentEncoding),
    element("Content-Language", settings.contentLanguage),
    "<Content-CRC64 />",
    element("Content-MD5", settings.contentMd5),
    element("Cache-Control", settings.cacheControl),
    element("Content-Disposition", settings.contentDisposition),
    "<BlobType>BlockBlob</BlobType>",
    element("AccessTier", accessTier ?? "Hot"),
    accessTier === null ? "<AccessTierInferred>true</AccessTierInferred>" : "",
    "<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState><ServerEncrypted>false</ServerEncrypted>",
  ].join("");
}
