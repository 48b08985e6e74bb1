/** Reading a blob: content, properties, metadata. */
import { createHash } from "node:crypto";
import { keepHeaders } from "./answer.ts";
import { readMoment } from "./blob-moment.ts";
import { readConditions } from "./condition-headers.ts";
import { containerName, requireContainer } from "./container-handlers.ts";
import { encryptionOf, unlockView } from "./encryption.ts";
import type { Awaitable } from "./engine/blob-store.ts";
import { judgeRead } from "./engine/conditions.ts";
import { Crc64 } from "./engine/crc64.ts";
import type { BlobView } from "./engine/engine.ts";
import { judgeLease } from "./engine/leases.ts";
import type { BlobRecord } from "./engine/model.ts";
import { invalidHeader, StorageError } from "./errors.ts";
import { asFaultError } from "./fault-words.ts";
import { accessGranularityMs, maxSummedRangeBytes } from "./limits.ts";
import type { Answer, AnswerBody, BlobCall } from "./operation-row.ts";
import { type ByteRange, readRange } from "./range.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { blobHeaders, metadataHeaders, refuseUnimplemented, writtenHeaders } from "./resource-headers.ts";
import { whenThere } from "./when-there.ts";

/** Judges the conditions of a read; a blob that is not there is a condition not met, or else simply not there. */
export function judgePresence(call: BlobCall, record: BlobRecord | undefined): asserts record is BlobRecord {
  const conditions = readConditions(call.headers);
  const fault = judgeRead(conditions, record);
  if (fault !== undefined) {
    const error = asFaultError(fault);
    // 304 carries what the client needs to keep its copy.
    throw record === undefined || error.status !== 304
      ? error
      : new StorageError("ConditionNotMet", { status: 304, headers: writtenHeaders(record) });
  }
  if (record === undefined) throw new StorageError("BlobNotFound");
  const leaseFault = judgeLease(record.state.lease, conditions.leaseId, call.engine.nowMs, false);
  if (leaseFault !== undefined) throw asFaultError({ kind: "lease", of: "blob", fault: leaseFault });
}

/** An incremental copy is read by its snapshots. @throws StorageError `OperationNotAllowedOnIncrementalCopyBlob`. */
export function refuseIncremental({ state, standing }: BlobRecord): void {
  if (state.incremental !== undefined && standing.kind === "present") throw asFaultError({ kind: "incremental-only" });
}

function openBlob(call: BlobCall): Awaitable<BlobView> {
  refuseUnimplemented(call);
  const moment = readMoment(call.query);
  const opened = whenThere(requireContainer(call.engine, containerName(call)), (container) =>
    call.engine.openBlob(container, call.target.blob, moment),
  );
  return whenThere(opened, (view) => {
    judgePresence(call, view?.record);
    refuseIncremental(view!.record);
    return unlockView(call, view!);
  });
}

/** The state of the blob that a request is about, with its conditions met. */
export function findBlob(call: BlobCall): Awaitable<BlobRecord> {
  refuseUnimplemented(call);
  const moment = readMoment(call.query);
  const found = whenThere(requireContainer(call.engine, containerName(call)), (container) =>
    call.engine.findBlob(container, call.target.blob, moment),
  );
  return whenThere(found, (record) => {
    judgePresence(call, record);
    // Its key is asked for, to say no more of it than to whoever may read it.
    encryptionOf(call, record);
    return record;
  });
}

/** Whether a header asks for a sum of the range; only "true" does, and only of a range that is not too long. */
function asksForSum(headers: RequestHeaders, name: string, range: ByteRange | undefined): boolean {
  const value = headers.get(name);
  if (value === undefined || value.toLowerCase() === "false") return false;
  if (value.toLowerCase() !== "true" || range === undefined || range.lengthBytes > maxSummedRangeBytes) {
    throw invalidHeader(name, value);
  }
  return true;
}

/** Where the account wants it, the first read of a day is noted. @see https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-access-time-tracking */
function noteAccess({ account, engine, target }: BlobCall, { standing, state }: BlobRecord): void {
  if (account.blobService?.isLastAccessTracked !== true || standing.kind !== "present") return;
  const isRecent = state.lastAccessMs !== undefined && engine.nowMs - state.lastAccessMs < accessGranularityMs;
  if (!isRecent) engine.noteAccess({ account: account.name, container: target.container, blob: target.blob });
}

/** @see https://learn.microsoft.com/rest/api/storageservices/get-blob */
export function getBlob(call: BlobCall): Awaitable<Answer> {
  return whenThere(openBlob(call), (view) => answerContent(call, view));
}

function answerContent(call: BlobCall, view: BlobView): Awaitable<Answer> {
  const { record } = view;
  if (record.accessTier === "Archive") throw new StorageError("BlobArchived");
  noteAccess(call, record);
  const { contentMd5 } = record.settings;
  const range = readRange(call.headers, record.sizeBytes);
  const hasMd5 = asksForSum(call.headers, "x-ms-range-get-content-md5", range);
  const hasCrc64 = asksForSum(call.headers, "x-ms-range-get-content-crc64", range);
  if (hasMd5 && hasCrc64) throw invalidHeader("x-ms-range-get-content-crc64", "true");
  if (range === undefined) {
    const headers = wholeHeaders(call, view);
    return { status: 200, headers, body: readPart(call, view, { start: 0, lengthBytes: record.sizeBytes }) };
  }
  const headers = blobHeaders(record, call.engine.nowMs);
  const last = range.start + range.lengthBytes - 1;
  headers["Content-Range"] = `bytes ${range.start}-${last}/${record.sizeBytes}`;
  headers["Content-Length"] = String(range.lengthBytes);
  if (contentMd5 !== null) headers["x-ms-blob-content-md5"] = contentMd5;
  if (!hasMd5 && !hasCrc64) return { status: 206, headers, body: readPart(call, view, range) };
  return readWhole(call, view, range).then((bytes) => {
    if (hasMd5) headers["Content-MD5"] = createHash("md5").update(bytes).digest("base64");
    else headers["x-ms-content-crc64"] = new Crc64().update(bytes).digest().toString("base64");
    return { status: 206, headers, body: bytes };
  });
}

/**
 * The headers of a blob that is answered whole. Of one that is read again they are remembered beside its bytes; what a lease says of itself changes with the
 * time alone.
 */
function wholeHeaders({ engine }: BlobCall, view: BlobView): Answer["headers"] {
  if (view.made !== undefined) return view.made as Answer["headers"];
  const { record } = view;
  const { contentMd5 } = record.settings;
  const headers = blobHeaders(record, engine.nowMs);
  if (contentMd5 !== null) headers["Content-MD5"] = contentMd5;
  headers["Content-Length"] = String(record.sizeBytes);
  if (view.bytes !== undefined && record.state.lease === undefined) {
    view.made = headers;
    keepHeaders(headers);
  }
  return headers;
}

function readPart({ engine }: BlobCall, view: BlobView, { start, lengthBytes }: ByteRange): AnswerBody {
  return engine.readSmall(view, start, lengthBytes) ?? engine.read(view, start, lengthBytes);
}

/** Only for ranges of which a sum goes ahead of the bytes: at most 4 MiB. */
async function readWhole({ engine }: BlobCall, view: BlobView, { start, lengthBytes }: ByteRange): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of engine.read(view, start, lengthBytes)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** @see https://learn.microsoft.com/rest/api/storageservices/get-blob-properties */
export async function getBlobProperties(call: BlobCall): Promise<Answer> {
  const record = await findBlob(call);
  const headers = blobHeaders(record, call.engine.nowMs);
  if (record.settings.contentMd5 !== null) headers["Content-MD5"] = record.settings.contentMd5;
  headers["Content-Length"] = String(record.sizeBytes);
  return { status: 200, headers };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/get-blob-metadata */
export async function getBlobMetadata(call: BlobCall): Promise<Answer> {
  const record = await findBlob(call);
  refuseIncremental(record);
  return { status: 200, headers: { ...writtenHeaders(record), ...metadataHeaders(record.metadata) } };
}
