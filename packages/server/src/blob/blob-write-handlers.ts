/** Changing a blob as a whole: put, set properties and metadata, delete. */
import { writeConditions } from "./condition-headers.ts";
import { containerName, requireContainer } from "./container-handlers.ts";
import { type Conditions, judgeWrite } from "./engine/conditions.ts";
import { judgeLease } from "./engine/leases.ts";
import type { BlobName, BlobRecord } from "./engine/model.ts";
import { invalidHeader, notImplemented, StorageError } from "./errors.ts";
import { asFaultError } from "./fault-words.ts";
import { maxPutBlobBytes } from "./limits.ts";
import type { Answer, BlobCall } from "./operation-row.ts";
import { bodyOf, checkSums, readContentLength, readExpectedSums } from "./request-body.ts";
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

/** What a write answers beside its ETag: nothing is encrypted by us, and we do not say that it is. */
export const unencrypted = { "x-ms-request-server-encrypted": "false" } as const;

/**
 * Refuses a write to a new or present blob that would be refused in the end, before its body is taken in; the writer judges again.
 * @returns the blob as it stands.
 */
export function judgeEarly(call: BlobCall, conditions: Conditions): BlobRecord | undefined {
  const container = requireContainer(call.engine, containerName(call));
  const record = call.engine.findBlob(container, call.target.blob);
  if (call.mustBeNew && record !== undefined) throw new StorageError("AuthorizationPermissionMismatch");
  const fault = judgeWrite(conditions, record, true);
  if (fault !== undefined) throw asFaultError(fault);
  const leaseFault = judgeLease(record?.state.lease, conditions.leaseId, call.engine.nowMs, true);
  if (leaseFault !== undefined) throw asFaultError({ kind: "lease", of: "blob", fault: leaseFault });
  return record;
}

function requireBlockBlob(type: string): void {
  if (type === "BlockBlob") return;
  if (type === "AppendBlob") throw notImplemented("append blobs");
  if (type === "PageBlob") throw notImplemented("page blobs");
  throw invalidHeader("x-ms-blob-type", type);
}

/** @see https://learn.microsoft.com/rest/api/storageservices/put-blob */
export async function putBlob(call: BlobCall): Promise<Answer> {
  const { headers, engine } = call;
  requireBlockBlob(headers.require("x-ms-blob-type"));
  refuseUnimplemented(call);
  const sizeBytes = readContentLength(headers, maxPutBlobBytes);
  const expected = readExpectedSums(headers);
  const settings = readPutSettings(headers);
  const accessTier = readAccessTier(headers);
  const metadata = headers.metadata();
  const tags = readTagHeader(headers);
  const conditions = writeConditions(headers);
  judgeEarly(call, conditions);
  const body = await engine.store(bodyOf(call.exchange.request), sizeBytes, { md5: true, crc64: true });
  checkSums(expected, body);
  checkSums({ md5: settings.contentMd5, crc64: null }, body);
  const contentMd5 = body.md5!.toString("base64");
  const written = await engine.putBlob(blobName(call), body, {
    settings: { ...settings, contentType: settings.contentType ?? defaultContentType, contentMd5 },
    metadata,
    accessTier,
    tags,
    conditions,
    retention: retentionOf(call),
    mustBeNew: call.mustBeNew,
  });
  return {
    status: 201,
    headers: {
      ...writtenHeaders(written),
      ...unencrypted,
      "Content-MD5": contentMd5,
      "x-ms-content-crc64": body.crc64!.toString("base64"),
    },
  };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/set-blob-properties */
export async function setBlobProperties(call: BlobCall): Promise<Answer> {
  const { headers, engine } = call;
  refuseUnimplemented(call);
  for (const name of ["x-ms-blob-content-length", "x-ms-sequence-number-action", "x-ms-blob-sequence-number"]) {
    if (headers.has(name)) throw new StorageError("InvalidBlobType");
  }
  const settings = readSettings(headers);
  const conditions = writeConditions(headers);
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
  const written = await engine.setBlobMetadata(blobName(call), metadata, { conditions, retention: retentionOf(call) });
  return { status: 200, headers: { ...writtenHeaders(written), ...unencrypted } };
}
