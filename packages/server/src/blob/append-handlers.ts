/** Append blobs: append, seal. */
import { blobName } from "./blob-write-handlers.ts";
import { writeConditions } from "./condition-headers.ts";
import { type Encryption, encryptionHeaders, encryptionOfPresent } from "./encryption.ts";
import type { StoredBody } from "./engine/body-writer.ts";
import { present, type Written } from "./engine/model.ts";
import { invalidHeader } from "./errors.ts";
import { maxAppendBlockBytes } from "./limits.ts";
import type { Answer, BlobCall } from "./operation-row.ts";
import { checkSums, isMd5Answered, readContentLength, readExpectedSums, storeBody } from "./request-body.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { refuseUnimplemented, writtenHeaders } from "./resource-headers.ts";
import { retentionOf } from "./retention.ts";
import { storeSourceRange } from "./source-range.ts";

/** A number of bytes that a header says; undefined when it says none. @throws StorageError `InvalidHeaderValue`. */
export function readByteCount(headers: RequestHeaders, name: string): number | undefined {
  const value = headers.text(name);
  if (value === null) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw invalidHeader(name, value);
  return Number(value);
}

function readAppendConditions(headers: RequestHeaders) {
  return {
    positionBytes: readByteCount(headers, "x-ms-blob-condition-appendpos"),
    maxSizeBytes: readByteCount(headers, "x-ms-blob-condition-maxsize"),
  };
}

function answerAppend(
  written: Written,
  body: StoredBody,
  { encryption, hasMd5 }: { readonly encryption: Encryption; readonly hasMd5: boolean },
): Answer {
  const sum: Record<string, string> = hasMd5
    ? { "Content-MD5": body.md5!.toString("base64") }
    : { "x-ms-content-crc64": body.crc64!.toString("base64") };
  return {
    status: 201,
    headers: {
      ...writtenHeaders(written),
      ...encryptionHeaders(encryption),
      ...sum,
      "x-ms-blob-append-offset": String(written.appendOffset),
      "x-ms-blob-committed-block-count": String(written.blockCount),
    },
  };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/append-block */
export async function appendBlock(call: BlobCall): Promise<Answer> {
  const { headers, engine } = call;
  refuseUnimplemented(call);
  const sizeBytes = readContentLength(headers, maxAppendBlockBytes(call.version));
  if (sizeBytes === 0) throw invalidHeader("Content-Length", "0");
  const expected = readExpectedSums(headers);
  const append = readAppendConditions(headers);
  const change = { conditions: writeConditions(headers), retention: retentionOf(call) };
  const encryption = await encryptionOfPresent(call);
  const form = { md5: true, crc64: true, key: encryption.key };
  const body = await storeBody(call, sizeBytes, form);
  checkSums(expected, body);
  const hasMd5 = isMd5Answered(expected.md5 !== null, call.version);
  const written = await engine.appendBlock(blobName(call), body, append, change);
  return answerAppend(written, body, { encryption, hasMd5 });
}

/** @see https://learn.microsoft.com/rest/api/storageservices/append-block-from-url */
export async function appendBlockFromUrl(call: BlobCall): Promise<Answer> {
  const { headers, engine } = call;
  refuseUnimplemented(call);
  const append = readAppendConditions(headers);
  const change = { conditions: writeConditions(headers), retention: retentionOf(call) };
  const encryption = await encryptionOfPresent(call);
  const body = await storeSourceRange(call, maxAppendBlockBytes(call.version), encryption);
  const hasMd5 = isMd5Answered(headers.has("x-ms-source-content-md5"), call.version);
  const written = await engine.appendBlock(blobName(call), body, append, change);
  return answerAppend(written, body, { encryption, hasMd5 });
}

/** @see https://learn.microsoft.com/rest/api/storageservices/append-blob-seal */
export async function sealBlob(call: BlobCall): Promise<Answer> {
  const { headers, engine } = call;
  const positionBytes = readByteCount(headers, "x-ms-blob-condition-appendpos");
  const change = { conditions: writeConditions(headers), retention: retentionOf(call) };
  const written = await engine.changeState(blobName(call), { what: "seal", positionBytes }, present, change);
  return { status: 200, headers: { ...writtenHeaders(written), "x-ms-blob-sealed": "true" } };
}
