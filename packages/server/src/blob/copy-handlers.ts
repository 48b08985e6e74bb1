/**
 * Copies. Source and copy share their bytes, so a copy is one row, done when it is answered: the asynchronous form answers `success` at once, and there is never one
 * to abort.
 */
import { createHash } from "node:crypto";
import { blobName, judgeEarly } from "./blob-write-handlers.ts";
import { readBlockId } from "./block-id.ts";
import { readLeaseId, refuseConditions, writeConditions } from "./condition-headers.ts";
import { copiesTags } from "./copy-rows.ts";
import { openSource, recordCopy, type Source } from "./copy-source.ts";
import { type Encryption, encryptionHeaders, encryptionOfNew } from "./encryption.ts";
import type { BlobAttributes, BlobView } from "./engine/engine.ts";
import {
  type BlobSettings,
  type BlobState,
  type CopyRecord,
  present,
  type Tags,
  type Written,
} from "./engine/model.ts";
import { invalidHeader, StorageError } from "./errors.ts";
import { readWrittenExpiry } from "./expiry-headers.ts";
import { maxBlockFromUrlBytes, maxPutBlobBytes, maxSyncCopyBytes } from "./limits.ts";
import type { Answer, BlobCall } from "./operation-row.ts";
import { readKept } from "./policy-headers.ts";
import { checkSums, isMd5Answered } from "./request-body.ts";
import type { RequestHeaders } from "./request-headers.ts";
import {
  readAccessTier,
  readMd5,
  readRehydratePriority,
  readSettings,
  refuseUnimplemented,
  writtenHeaders,
} from "./resource-headers.ts";
import { retentionOf } from "./retention.ts";
import { storeSourceRange } from "./source-range.ts";
import { readTagHeader } from "./tags.ts";

/** The copy's tags: none, those given, or the source's. @throws StorageError for both. */
function readCopyTags(headers: RequestHeaders, { view }: Source): Tags {
  const option = headers.text("x-ms-copy-source-tag-option")?.toLowerCase() ?? "replace";
  if (option !== "copy" && option !== "replace") throw invalidHeader("x-ms-copy-source-tag-option", option);
  if (!copiesTags(headers)) return readTagHeader(headers);
  if (headers.has("x-ms-tags")) throw invalidHeader("x-ms-copy-source-tag-option", option);
  return view.record.tags;
}

/** What of a source's state goes with its bytes. */
function copiedState({ record: { state } }: BlobView): BlobState {
  return {
    ...(state.sequenceNumber === undefined ? {} : { sequenceNumber: state.sequenceNumber }),
    ...(state.blockCount === undefined ? {} : { blockCount: state.blockCount }),
  };
}

/** The copy's attributes; metadata is the source's, unless the request gives some. */
function attributesOf(call: BlobCall, source: Source, settings: BlobSettings, state: BlobState): BlobAttributes {
  const { headers } = call;
  const metadata = headers.metadata();
  const { record } = source.view;
  return {
    settings,
    metadata: metadata.length === 0 ? record.metadata : metadata,
    accessTier: record.type === "BlockBlob" ? readAccessTier(call) : null,
    tags: readCopyTags(headers, source),
    state: { ...state, ...readKept(headers, call.engine.nowMs) },
    conditions: writeConditions(headers),
    retention: retentionOf(call),
    mustBeNew: call.mustBeNew,
  };
}

function copyHeaders(written: Written, copy: CopyRecord): Record<string, string> {
  return { ...writtenHeaders(written), "x-ms-copy-id": copy.id, "x-ms-copy-status": copy.status };
}

/** Shares the source's bytes where they are encrypted as the copy's are to be, and else writes them anew. */
async function copyContent(
  call: BlobCall,
  { view }: Source,
  attributes: BlobAttributes,
  encryption: Encryption,
): Promise<Written> {
  const { engine } = call;
  const { type, sizeBytes } = view.record;
  const encrypted = { ...attributes, state: { ...attributes.state, ...encryption.state } };
  if (view.content.keySha256 === (encryption.key?.sha256 ?? null)) {
    return engine.copyBlob(blobName(call), view, encrypted);
  }
  const form = { md5: false, crc64: false, key: encryption.key };
  const body = await engine.store(engine.read(view, 0, sizeBytes), sizeBytes, form);
  return engine.putBlob(blobName(call), body, encrypted, type);
}

type Copied = { readonly written: Written; readonly copy: CopyRecord; readonly encryption: Encryption };

async function copyWhole(call: BlobCall, isArchiveOpen = false): Promise<Copied> {
  const { headers, engine } = call;
  refuseUnimplemented(call);
  // Azure's copies take scopes, and no keys.
  if (headers.has("x-ms-encryption-key")) throw new StorageError("UnsupportedHeader");
  const encryption = await encryptionOfNew(call);
  const before = await judgeEarly(call, writeConditions(headers));
  const source = await openSource(call, "x-ms-copy-source", isArchiveOpen);
  // What is there is replaced by its like only.
  if (before !== undefined && before.type !== source.view.record.type) throw new StorageError("InvalidBlobType");
  if (readSealed(headers) && source.view.record.type !== "AppendBlob") throw invalidHeader("x-ms-seal-blob", "true");
  const copy = recordCopy(source, engine.nowMs);
  const state: BlobState = { ...copiedState(source.view), copy, ...(readSealed(headers) ? { isSealed: true } : {}) };
  const attributes = attributesOf(call, source, source.view.record.settings, state);
  return { written: await copyContent(call, source, attributes, encryption), copy, encryption };
}

function readSealed(headers: RequestHeaders): boolean {
  return headers.text("x-ms-seal-blob")?.toLowerCase() === "true";
}

/** What is in the archive can be copied to another tier, and is out of it in the copy. @see https://learn.microsoft.com/rest/api/storageservices/copy-blob */
export async function copyBlob(call: BlobCall): Promise<Answer> {
  const tier = readAccessTier(call);
  readRehydratePriority(call.headers);
  const { written, copy } = await copyWhole(call, tier !== null && tier !== "Archive");
  return { status: 202, headers: copyHeaders(written, copy) };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/copy-blob-from-url */
export async function copyBlobFromUrl(call: BlobCall): Promise<Answer> {
  const md5 = readMd5(call.headers, "x-ms-source-content-md5");
  const { view } = await openSource(call);
  if (view.record.sizeBytes > maxSyncCopyBytes) {
    throw new StorageError("RequestBodyTooLarge", { details: { MaxLimit: String(maxSyncCopyBytes) } });
  }
  if (view.record.type !== "BlockBlob") throw new StorageError("InvalidBlobType");
  await checkSource(call, view, md5);
  const { written, copy, encryption } = await copyWhole(call);
  return { status: 202, headers: { ...copyHeaders(written, copy), ...encryptionHeaders(encryption) } };
}

/** Reads the source through to compare its sum with the one that was said. @throws StorageError `Md5Mismatch`. */
async function checkSource({ engine }: BlobCall, view: BlobView, md5: string | null): Promise<Buffer | null> {
  if (md5 === null) return null;
  const hash = createHash("md5");
  for await (const piece of engine.read(view, 0, view.record.sizeBytes)) hash.update(piece);
  const made = hash.digest();
  checkSums({ md5, crc64: null }, { md5: made, crc64: null });
  return made;
}

/** @see https://learn.microsoft.com/rest/api/storageservices/put-blob-from-url */
export async function putBlobFromUrl(call: BlobCall): Promise<Answer> {
  const { headers } = call;
  refuseUnimplemented(call);
  const encryption = await encryptionOfNew(call);
  const before = await judgeEarly(call, writeConditions(headers));
  const ending = readWrittenExpiry(call, before?.createdMs);
  const source = await openSource(call);
  const { record } = source.view;
  const limitBytes = maxPutBlobBytes(call.version);
  if (record.sizeBytes > limitBytes) {
    throw new StorageError("RequestBodyTooLarge", { details: { MaxLimit: String(limitBytes) } });
  }
  if (record.type !== "BlockBlob") throw new StorageError("InvalidBlobType");
  await checkSource(call, source.view, readMd5(headers, "x-ms-source-content-md5"));
  const given = readSettings(headers);
  const isCopied = headers.text("x-ms-copy-source-blob-properties")?.toLowerCase() !== "false";
  const settings = isCopied
    ? mergeSettings(given, record.settings)
    : { ...given, contentMd5: record.settings.contentMd5 };
  const attributes = { ...attributesOf(call, source, settings, ending), metadata: headers.metadata() };
  const written = await copyContent(call, source, attributes, encryption);
  const md5: Record<string, string> =
    record.settings.contentMd5 === null ? {} : { "Content-MD5": record.settings.contentMd5 };
  return { status: 201, headers: { ...writtenHeaders(written), ...encryptionHeaders(encryption), ...md5 } };
}

function mergeSettings(given: BlobSettings, source: BlobSettings): BlobSettings {
  return {
    contentType: given.contentType ?? source.contentType,
    contentEncoding: given.contentEncoding ?? source.contentEncoding,
    contentLanguage: given.contentLanguage ?? source.contentLanguage,
    contentDisposition: given.contentDisposition ?? source.contentDisposition,
    cacheControl: given.cacheControl ?? source.cacheControl,
    contentMd5: source.contentMd5,
  };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/put-block-from-url */
export async function putBlockFromUrl(call: BlobCall): Promise<Answer> {
  const { headers, query, engine } = call;
  refuseUnimplemented(call);
  refuseConditions(headers);
  const blockId = readBlockId(query);
  const encryption = await encryptionOfNew(call);
  const body = await storeSourceRange(call, maxBlockFromUrlBytes(call.version), encryption);
  await engine.putBlock(blobName(call), blockId, body, readLeaseId(headers) ?? null);
  const sum: Record<string, string> = isMd5Answered(headers.has("x-ms-source-content-md5"), call.version)
    ? { "Content-MD5": body.md5!.toString("base64") }
    : { "x-ms-content-crc64": body.crc64!.toString("base64") };
  return { status: 201, headers: { ...encryptionHeaders(encryption), ...sum } };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/abort-copy-blob */
export async function abortCopy(call: BlobCall): Promise<Answer> {
  const { headers, query, engine } = call;
  const action = headers.require("x-ms-copy-action");
  if (action.toLowerCase() !== "abort") throw invalidHeader("x-ms-copy-action", action);
  const copyId = query.get("copyid") ?? "";
  if (copyId === "")
    throw new StorageError("MissingRequiredQueryParameter", { details: { QueryParameterName: "copyid" } });
  const change = { conditions: writeConditions(headers), retention: retentionOf(call) };
  await engine.changeState(blobName(call), { what: "copy-abort", copyId }, present, change);
  return { status: 204, headers: {} };
}
