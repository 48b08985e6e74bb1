/** Page blobs: pages put and cleared, and which of them are written. */
import { readByteCount } from "./append-handlers.ts";
import { readMoment } from "./blob-moment.ts";
import { judgePresence, refuseIncremental } from "./blob-read-handlers.ts";
import { blobName } from "./blob-write-handlers.ts";
import { writeConditions } from "./condition-headers.ts";
import { containerName, requireContainer } from "./container-handlers.ts";
import { openSource } from "./copy-source.ts";
import { type Encryption, encryptionHeaders, encryptionOfPresent } from "./encryption.ts";
import type { StoredBody } from "./engine/body-writer.ts";
import type { BlobView } from "./engine/engine.ts";
import { pageBytes, type Written } from "./engine/model.ts";
import { diffPages, listPages, type PageRange } from "./engine/page-ranges.ts";
import { parseStampTime } from "./engine/stamps.ts";
import { invalidHeader, invalidQuery, StorageError } from "./errors.ts";
import { maxPageItems, maxPageWriteBytes } from "./limits.ts";
import type { Answer, BlobCall } from "./operation-row.ts";
import { checkSums, isMd5Answered, readContentLength, readExpectedSums, storeBody } from "./request-body.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { refuseUnimplemented, writtenHeaders } from "./resource-headers.ts";
import { retentionOf } from "./retention.ts";
import { featuresOf } from "./service-versions.ts";
import { storeSourceRange } from "./source-range.ts";
import { element, xmlDeclaration } from "./xml.ts";

/** The range of a write: whole pages, from the first byte to the last. @throws StorageError `MissingRequiredHeader`, `InvalidHeaderValue`. */
function readPageRange(headers: RequestHeaders): { readonly start: number; readonly lengthBytes: number } {
  const name = headers.has("x-ms-range") ? "x-ms-range" : "range";
  const value = headers.get(name) ?? headers.require("x-ms-range");
  const match = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(value.trim());
  if (match === null) throw invalidHeader(name, value);
  const start = Number(match[1]);
  const lengthBytes = Number(match[2]) + 1 - start;
  if (lengthBytes <= 0 || start % pageBytes !== 0 || lengthBytes % pageBytes !== 0)
    throw new StorageError("InvalidPageRange");
  return { start, lengthBytes };
}

function readSequence(headers: RequestHeaders) {
  return {
    atMost: readByteCount(headers, "x-ms-if-sequence-number-le"),
    below: readByteCount(headers, "x-ms-if-sequence-number-lt"),
    equal: readByteCount(headers, "x-ms-if-sequence-number-eq"),
  };
}

/** @throws StorageError `MissingRequiredHeader`, `InvalidHeaderValue`. */
function readPageWrite(headers: RequestHeaders): "update" | "clear" {
  const action = headers.require("x-ms-page-write").toLowerCase();
  if (action !== "update" && action !== "clear") throw invalidHeader("x-ms-page-write", action);
  return action;
}

type PagesAnswer = { readonly encryption: Encryption; readonly body: StoredBody | null; readonly hasMd5: boolean };

function answerPages(written: Written, { encryption, body, hasMd5 }: PagesAnswer): Answer {
  const headers: Record<string, string> = {
    ...writtenHeaders(written),
    "x-ms-blob-sequence-number": String(written.sequenceNumber),
  };
  if (body === null) return { status: 201, headers };
  if (hasMd5) headers["Content-MD5"] = body.md5!.toString("base64");
  else headers["x-ms-content-crc64"] = body.crc64!.toString("base64");
  return { status: 201, headers: { ...headers, ...encryptionHeaders(encryption) } };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/put-page */
export async function putPage(call: BlobCall): Promise<Answer> {
  const { headers, engine } = call;
  refuseUnimplemented(call);
  const action = readPageWrite(headers);
  const range = readPageRange(headers);
  const sizeBytes = readContentLength(headers, maxPageWriteBytes);
  if (sizeBytes !== (action === "clear" ? 0 : range.lengthBytes))
    throw invalidHeader("Content-Length", String(sizeBytes));
  const expected = readExpectedSums(headers);
  const write = { ...range, sequence: readSequence(headers) };
  const change = { conditions: writeConditions(headers), retention: retentionOf(call) };
  const encryption = await encryptionOfPresent(call);
  if (action === "clear") {
    const cleared = await engine.putPages(blobName(call), { ...write, body: null }, change);
    return answerPages(cleared, { encryption, body: null, hasMd5: false });
  }
  const form = { md5: true, crc64: true, key: encryption.key };
  const body = await storeBody(call, sizeBytes, form);
  checkSums(expected, body);
  const hasMd5 = isMd5Answered(expected.md5 !== null, call.version);
  return answerPages(await engine.putPages(blobName(call), { ...write, body }, change), { encryption, body, hasMd5 });
}

/** @see https://learn.microsoft.com/rest/api/storageservices/put-page-from-url */
export async function putPageFromUrl(call: BlobCall): Promise<Answer> {
  const { headers, engine } = call;
  refuseUnimplemented(call);
  // To clear pages needs no source: who says both means one of them only.
  if (readPageWrite(headers) !== "update") throw invalidHeader("x-ms-page-write", "clear");
  const range = readPageRange(headers);
  headers.require("x-ms-source-range");
  const change = { conditions: writeConditions(headers), retention: retentionOf(call) };
  const encryption = await encryptionOfPresent(call);
  const body = await storeSourceRange(call, maxPageWriteBytes, encryption);
  if (body.sizeBytes !== range.lengthBytes) throw new StorageError("InvalidPageRange");
  const write = { ...range, sequence: readSequence(headers), body };
  const hasMd5 = isMd5Answered(headers.has("x-ms-source-content-md5"), call.version);
  return answerPages(await engine.putPages(blobName(call), write, change), { encryption, body, hasMd5 });
}

/** The part of the blob that is asked about. */
function readListedRange(headers: RequestHeaders, sizeBytes: number): { from: number; to: number } {
  const name = headers.has("x-ms-range") ? "x-ms-range" : "range";
  const value = headers.get(name);
  if (value === undefined) return { from: 0, to: sizeBytes };
  const match = /^bytes=(\d{1,15})-(\d{1,15})?$/.exec(value.trim());
  if (match === null) throw invalidHeader(name, value);
  const from = Math.floor(Number(match[1]) / pageBytes) * pageBytes;
  const last = match[2] === undefined ? sizeBytes : Number(match[2]) + 1;
  return { from, to: Math.min(sizeBytes, Math.ceil(last / pageBytes) * pageBytes) };
}

async function openPages(call: BlobCall): Promise<BlobView> {
  const container = await requireContainer(call.engine, containerName(call));
  const view = await call.engine.openBlob(container, call.target.blob, readMoment(call.query));
  judgePresence(call, view?.record);
  refuseIncremental(view!.record);
  if (view!.record.type !== "PageBlob") throw new StorageError("InvalidBlobType");
  return view!;
}

const snapshotUrlHeader = "x-ms-previous-snapshot-url";

/** The snapshot that differences are asked to: of the blob itself, or by its URL, which is a read of its own. */
async function readEarlier(call: BlobCall): Promise<BlobView | undefined> {
  const text = call.query.get("prevsnapshot") ?? "";
  const isByUrl = call.headers.has(snapshotUrlHeader);
  if (text !== "" && isByUrl) throw invalidHeader(snapshotUrlHeader, "");
  if (isByUrl) return requireEarlier(call, (await openSource(call, snapshotUrlHeader)).view);
  if (text === "") return undefined;
  if (Number.isNaN(Date.parse(text))) throw invalidQuery("prevsnapshot", text, "The value is not a time.");
  const container = await requireContainer(call.engine, containerName(call));
  const moment = { kind: "snapshot", stamp: parseStampTime(text) ?? -1 } as const;
  return requireEarlier(call, await call.engine.openBlob(container, call.target.blob, moment));
}

/** Snapshots' times are of one form, so their order is that of their texts. */
function requireEarlier({ query }: BlobCall, view: BlobView | undefined): BlobView {
  const standing = view?.record.standing;
  if (view === undefined || standing?.kind !== "snapshot") throw new StorageError("PreviousSnapshotNotFound");
  if (view.record.type !== "PageBlob") throw new StorageError("InvalidBlobType");
  const asked = query.get("snapshot") ?? "";
  if (asked !== "" && standing.snapshot > asked) throw new StorageError("PreviousSnapshotCannotBeNewer");
  return view;
}

function readLimit(call: BlobCall): number {
  const text = call.query.get("maxresults") ?? "";
  if (text === "") return Number.POSITIVE_INFINITY;
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1)
    throw invalidQuery("maxresults", text, "The value is not a number of items.");
  return Math.min(Number(text), maxPageItems);
}

function renderRange({ start, end, isClear }: PageRange): string {
  const tag = isClear ? "ClearRange" : "PageRange";
  return `<${tag}>${element("Start", start)}${element("End", end - 1)}</${tag}>`;
}

/** A page's marker is where it goes on. @see https://learn.microsoft.com/rest/api/storageservices/get-page-ranges */
export async function getPageRanges(call: BlobCall): Promise<Answer> {
  refuseUnimplemented(call);
  const { record, content } = await openPages(call);
  const earlier = await readEarlier(call);
  const asked = readListedRange(call.headers, record.sizeBytes);
  const isPaged = featuresOf(call.version).pagedRanges;
  const marker = isPaged ? (call.query.get("marker") ?? "") : "";
  if (!/^\d{0,15}$/.test(marker)) throw invalidQuery("marker", marker, "The marker is not one of a listing's.");
  const from = Math.max(asked.from, Number(marker));
  const all =
    earlier === undefined ? listPages(content, from, asked.to) : diffPages(content, earlier.content, from, asked.to);
  const limit = isPaged ? readLimit(call) : Number.POSITIVE_INFINITY;
  const following = all[limit];
  const ranges = following === undefined ? all : all.slice(0, limit);
  // Azure puts the written ranges first, and those that were cleared after them.
  const sorted = [...ranges.filter(({ isClear }) => !isClear), ...ranges.filter(({ isClear }) => isClear)];
  const next =
    isPaged && call.query.has("maxresults")
      ? element("NextMarker", following === undefined ? "" : String(following.start))
      : "";
  return {
    status: 200,
    headers: {
      ...writtenHeaders(record),
      "Content-Type": "application/xml",
      "x-ms-blob-content-length": String(record.sizeBytes),
    },
    body: `${xmlDeclaration}<PageList>${sorted.map(renderRange).join("")}${next}</PageList>`,
  };
}
