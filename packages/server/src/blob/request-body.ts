/** A request's body: its length, its bytes, and the sums that it must have. */
import type { IncomingRequest } from "../wire/messages.ts";
import { readPieces } from "./body-pieces.ts";
import type { Digests, StoredBody } from "./engine/body-writer.ts";
import { BlobRefusal } from "./engine/model.ts";
import { invalidHeader, StorageError } from "./errors.ts";
import type { BlobCall } from "./operation-row.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { readCrc64, readMd5 } from "./resource-headers.ts";
import { featuresOf } from "./service-versions.ts";

/**
 * Reads Content-Length; Azure takes no body without it.
 * @throws StorageError `MissingContentLengthHeader`, `RequestBodyTooLarge`.
 */
export function readContentLength(headers: RequestHeaders, limitBytes: number): number {
  const value = headers.get("content-length");
  if (value === undefined || headers.has("transfer-encoding")) throw new StorageError("MissingContentLengthHeader");
  if (!/^\d{1,15}$/.test(value)) throw invalidHeader("Content-Length", value);
  const sizeBytes = Number(value);
  if (sizeBytes > limitBytes) {
    throw new StorageError("RequestBodyTooLarge", { details: { MaxLimit: String(limitBytes) } });
  }
  return sizeBytes;
}

/** For operations without one: a body would be read by nobody. @throws StorageError `InvalidHeaderValue`. */
export function refuseBody(headers: RequestHeaders): void {
  const value = headers.get("content-length") ?? "0";
  if (value !== "0") throw invalidHeader("Content-Length", value);
  const coding = headers.get("transfer-encoding");
  if (coding !== undefined) throw invalidHeader("Transfer-Encoding", coding);
}

const noBytes = Buffer.alloc(0);

/**
 * Reads a whole body: at once where it came with its head, else by events; the stream's iterator costs a small one as much as all the rest.
 * @throws BlobRefusal `body-incomplete`; `RequestBodyTooLarge` was said before.
 */
export async function readWholeBody(request: IncomingRequest, sizeBytes: number): Promise<Buffer> {
  if (sizeBytes === 0) return noBytes;
  // The parser holds a request to its Content-Length: what is here is all of it.
  if (request.readableLength === sizeBytes) {
    const bytes = takeAll(request, sizeBytes);
    request.resume();
    return bytes;
  }
  if (request.destroyed || request.readableEnded) throw new BlobRefusal({ kind: "body-incomplete" });
  return collect(request, sizeBytes);
}

/** What a request has at hand. It may have come in several pieces, of which a stream gives one at a time. */
function takeAll(request: IncomingRequest, sizeBytes: number): Buffer {
  const first = request.read() as Buffer;
  if (first.length === sizeBytes) return first;
  const pieces = [first];
  for (let piece = request.read() as Buffer | null; piece !== null; piece = request.read()) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  if (bytes.length !== sizeBytes) throw new BlobRefusal({ kind: "body-incomplete" });
  return bytes;
}

function collect(request: IncomingRequest, sizeBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let missingBytes = sizeBytes;
    const fail = (cause?: Error) => {
      if (missingBytes > 0) reject(new BlobRefusal({ kind: "body-incomplete" }, cause));
    };
    request.on("data", (piece: Buffer) => {
      pieces.push(piece);
      missingBytes -= piece.length;
      if (missingBytes === 0) resolve(pieces.length === 1 ? piece : Buffer.concat(pieces));
    });
    request.once("error", fail).once("close", fail);
  });
}

/** Longest body that is taken whole before it is stored, in bytes. Our choice: no more than a stream of its own would hold. */
export const maxWholeBytes = 64 * 1024;

/** Takes a request's body in, see the engine's `store`. @throws BlobRefusal. */
export async function storeBody(
  { exchange: { request }, engine }: Pick<BlobCall, "exchange" | "engine">,
  sizeBytes: number,
  digests: Digests,
): Promise<StoredBody> {
  if (sizeBytes > maxWholeBytes) return engine.store(readPieces(request), sizeBytes, digests);
  return engine.storeWhole(await readWholeBody(request, sizeBytes), digests);
}

/** The sums a request says its body has; base64. */
export type ExpectedSums = { readonly md5: string | null; readonly crc64: string | null };

/** @throws StorageError `InvalidMd5`, `InvalidHeaderValue`. */
export function readExpectedSums(headers: RequestHeaders): ExpectedSums {
  return { md5: readMd5(headers, "content-md5"), crc64: readCrc64(headers) };
}

/** Whether a part of a blob is answered with its MD5: when one came, and always before there were others. */
export function isMd5Answered(hasMd5: boolean, version: string): boolean {
  return hasMd5 || !featuresOf(version).crc64;
}

/**
 * Compares what was said with what came.
 * @param made sums of the body; one that was expected must be there.
 * @throws StorageError `Md5Mismatch`, `Crc64Mismatch`.
 */
export function checkSums(expected: ExpectedSums, made: { readonly [Sum in keyof Digests]: Buffer | null }): void {
  const md5 = made.md5?.toString("base64") ?? "";
  if (expected.md5 !== null && expected.md5 !== md5) {
    const details = { UserSpecifiedMd5: expected.md5, ServerCalculatedMd5: md5 };
    throw new StorageError("Md5Mismatch", { details });
  }
  const crc64 = made.crc64?.toString("base64") ?? "";
  if (expected.crc64 !== null && expected.crc64 !== crc64) {
    const details = { UserSpecifiedCrc: expected.crc64, ServerCalculatedCrc: crc64 };
    throw new StorageError("Crc64Mismatch", { details });
  }
}
