/** Changing a blob as a whole: put, set properties and metadata, delete. */
import { writeConditions } from "./condition-headers.ts";
import { containerName, requireContainer } from "./container-handlers.ts";
import { type Encryption, encryptionHeaders, encryptionOfNew, encryptionOfPresent } from "./encryption.ts";
import type { StoredBody } from "./engine/body-writer.ts";
import { type Conditions, judgeWrite } from "./engine/conditions.ts";
import type { BlobAttributes } from "./engine/engine.ts";
import { judgeLease } from "./engine/leases.ts";
import { type BlobName, type BlobRecord, maxPageBlobSizeBytes, pageBytes, type Written } from "./engine/model.ts";
import type { SequenceChange } from "./engine/mutations.ts";
import { invalidHeader, notImplemented, StorageError } from "./errors.ts";
import { readWrittenExpiry } from "./expiry-headers.ts";
import { asFaultError } from "./fault-words.ts";
import { maxPutBlobBytes } from "./limits.ts";
import type { Answer, BlobCall } from "./operation-row.ts";
import { readKept } from "./policy-headers.ts";
import { checkSums, maxWholeBytes, readContentLength, readExpectedSums, storeBody } from "./request-body.ts";
import type { RequestHeaders } from "./request-headers.ts";
import {
  defaultContentType,
  readAccessTier,
  readPutSettings,
  readSettings,
  refuseUnimplemented,
  writtenHeaders,
} from "./resource-headers.ts";
import { retentionOf } from "./retention.ts";
import { readTagHeader } from "./tags.ts";

export function blobName(call: BlobCall): BlobName {
  return { ...containerName(call), blob: call.target.blob };
}

/**
 * Refuses a write to a new or present blob that would be refused in the end, before its body is taken in; the writer judges again.
 * @returns the blob as it stands.
 */
export async function judgeEarly(call: BlobCall, conditions: Conditions): Promise<BlobRecord | undefined> {
  const container = await requireContainer(call.engine, containerName(call));
  const record = await call.engine.findBlob(container, call.target.blob);
  if (call.mustBeNew && record !== undefined) throw new StorageError("AuthorizationPermissionMismatch");
  const fault = judgeWrite(conditions, record, true);
  if (fault !== undefined) throw asFaultError(fault);
  const leaseFault = judgeLease(record?.state.lease, conditions.leaseId, call.engine.nowMs, true);
  if (leaseFault !== undefined) throw asFaultError({ kind: "lease", of: "blob", fault: leaseFault });
  return record;
}

/** @see https://learn.microsoft.com/rest/api/storageservices/put-blob */
export async function putBlob(call: BlobCall): Promise<Answer> {
  const { headers } = call;
  const type = headers.require("x-ms-blob-type");
  refuseUnimplemented(call);
  switch (type) {
    case "BlockBlob":
      return putBlockBlob(call);
    case "AppendBlob":
      return putEmpty(call, (attributes) => {
        const { keySha256 = null } = attributes.state ?? {};
        return call.engine.putBlob(blobName(call), { ...emptyBody, keySha256 }, attributes, type);
      });
    case "PageBlob": {
      const sizeBytes = readPageBlobSize(headers);
      const sequenceNumber = readSequenceNumber(headers) ?? 0;
      return putEmpty(call, (attributes) =>
        call.engine.createPages(blobName(call), sizeBytes, {
          ...attributes,
          state: { ...attributes.state, sequenceNumber },
        }),
      );
    }
    default:
      throw invalidHeader("x-ms-blob-type", type);
  }
}

/** What a new blob gets besides its bytes, by the request's headers. */
function readAttributes(call: BlobCall): BlobAttributes {
  const { headers } = call;
  const settings = readPutSettings(headers);
  return {
    settings: { ...settings, contentType: settings.contentType ?? defaultContentType },
    accessTier: readAccessTier(call),
    metadata: headers.metadata(),
    tags: readTagHeader(headers),
    state: readKept(headers, call.engine.nowMs),
    conditions: writeConditions(headers),
    retention: retentionOf(call),
    mustBeNew: call.mustBeNew,
  };
}

/** Whether a write asks nothing of the blob that is there, and no long body would come for nothing: then the writer's judgement is soon enough. */
function isJudgedLate({ headers, mustBeNew }: BlobCall, { conditions = {} }: BlobAttributes, sizeBytes: number) {
  const isPlain = !mustBeNew && !headers.has("x-ms-expiry-option") && Object.keys(conditions).length === 0;
  return isPlain && sizeBytes <= maxWholeBytes;
}

/** Judges a write early, and adds to what it says what depends on the blob that is there. */
async function judgeAttributes(
  call: BlobCall,
  attributes: BlobAttributes,
  encryption: Encryption,
  sizeBytes: number,
): Promise<BlobAttributes> {
  const isLate = isJudgedLate(call, attributes, sizeBytes);
  const before = isLate ? undefined : await judgeEarly(call, attributes.conditions!);
  const ending = readWrittenExpiry(call, before?.createdMs);
  return { ...attributes, state: { ...attributes.state, ...ending, ...encryption.state } };
}

async function putBlockBlob(call: BlobCall): Promise<Answer> {
  const { headers, engine } = call;
  const sizeBytes = readContentLength(headers, maxPutBlobBytes(call.version));
  const expected = readExpectedSums(headers);
  const encryption = await encryptionOfNew(call);
  const attributes = await judgeAttributes(call, readAttributes(call), encryption, sizeBytes);
  const form = { md5: true, crc64: true, key: encryption.key };
  const body = await storeBody(call, sizeBytes, form);
  checkSums(expected, body);
  checkSums({ md5: attributes.settings.contentMd5, crc64: null }, body);
  const contentMd5 = body.md5!.toString("base64");
  const settings = { ...attributes.settings, contentMd5 };
  const written = await engine.putBlob(blobName(call), body, { ...attributes, settings });
  return {
    status: 201,
    headers: {
      ...writtenHeaders(written),
      ...encryptionHeaders(encryption),
      "Content-MD5": contentMd5,
      "x-ms-content-crc64": body.crc64!.toString("base64"),
    },
  };
}

const emptyBody: StoredBody = { sizeBytes: 0, spans: [], md5: null, crc64: null, keySha256: null, extents: new Set() };

/** Append and page blobs begin without content. */
async function putEmpty(call: BlobCall, put: (attributes: BlobAttributes) => Promise<Written>): Promise<Answer> {
  const { headers } = call;
  if (readContentLength(headers, maxPutBlobBytes(call.version)) !== 0)
    throw invalidHeader("Content-Length", headers.get("content-length")!);
  const read = readAttributes(call);
  if (read.accessTier !== null) throw notImplemented("tiers of premium page blobs");
  const encryption = await encryptionOfNew(call);
  const attributes = await judgeAttributes(call, read, encryption, 0);
  const written = await put(attributes);
  return { status: 201, headers: { ...writtenHeaders(written), ...encryptionHeaders(encryption) } };
}

/** @throws StorageError `MissingRequiredHeader`, `InvalidHeaderValue` for what is no number of whole pages. */
function readPageBlobSize(headers: RequestHeaders): number {
  const value = headers.require("x-ms-blob-content-length");
  const sizeBytes = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (sizeBytes % pageBytes !== 0 || sizeBytes > maxPageBlobSizeBytes) {
    throw invalidHeader("x-ms-blob-content-length", value);
  }
  return sizeBytes;
}

/** Azure's numbers have 63 bits; ours as many as are exact. */
function readSequenceNumber(headers: RequestHeaders): number | undefined {
  const value = headers.text("x-ms-blob-sequence-number");
  if (value === null) return undefined;
  const number = /^\d{1,19}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw invalidHeader("x-ms-blob-sequence-number", value);
  return number;
}

function readSequenceChange(headers: RequestHeaders): SequenceChange | null {
  const value = headers.text("x-ms-sequence-number-action");
  if (value === null) return null;
  const action = value.toLowerCase();
  const number = readSequenceNumber(headers);
  if (action === "increment" && number === undefined) return { action };
  if ((action === "max" || action === "update") && number !== undefined) return { action, number };
  throw invalidHeader("x-ms-sequence-number-action", value);
}

/** @see https://learn.microsoft.com/rest/api/storageservices/set-blob-properties */
export async function setBlobProperties(call: BlobCall): Promise<Answer> {
  const { headers, engine } = call;
  refuseUnimplemented(call);
  const settings = readSettings(headers);
  const conditions = writeConditions(headers);
  const sequence = readSequenceChange(headers);
  const sizeBytes = headers.has("x-ms-blob-content-length") ? readPageBlobSize(headers) : null;
  if (sizeBytes !== null || sequence !== null) {
    await encryptionOfPresent(call);
    const change = { conditions, retention: retentionOf(call) };
    const written = await engine.setPagesProperties(blobName(call), settings, { sizeBytes, sequence }, change);
    const number = { "x-ms-blob-sequence-number": String(written.sequenceNumber) };
    return { status: 200, headers: { ...writtenHeaders(written), ...number } };
  }
  const written = await engine.setBlobProperties(blobName(call), settings, {
    conditions,
    retention: retentionOf(call),
  });
  return { status: 200, headers: writtenHeaders(written) };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/set-blob-metadata */
export async function setBlobMetadata(call: BlobCall): Promise<Answer> {
  const { headers, engine } = call;
  refuseUnimplemented(call);
  const metadata = headers.metadata();
  const conditions = writeConditions(headers);
  const encryption = await encryptionOfPresent(call);
  const written = await engine.setBlobMetadata(blobName(call), metadata, { conditions, retention: retentionOf(call) });
  return { status: 200, headers: { ...writtenHeaders(written), ...encryptionHeaders(encryption) } };
}
