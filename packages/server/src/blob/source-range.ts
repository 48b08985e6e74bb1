/** Takes in a part of a copy's source as if it were the request's body. */
import { openSource } from "./copy-source.ts";
import type { Encryption } from "./encryption.ts";
import type { StoredBody } from "./engine/body-writer.ts";
import { StorageError } from "./errors.ts";
import type { BlobCall } from "./operation-row.ts";
import { readRange } from "./range.ts";
import { checkSums } from "./request-body.ts";
import { RequestHeaders } from "./request-headers.ts";
import { readCrc64, readMd5 } from "./resource-headers.ts";

/**
 * Stores `x-ms-source-range` of the source, or all of it.
 * @param encryption of what is stored; the source has its own.
 * @throws StorageError for a source that cannot be read, a part that is too large, and sums that are not the part's.
 */
export async function storeSourceRange(
  call: BlobCall,
  limitBytes: number,
  { key }: Pick<Encryption, "key">,
): Promise<StoredBody> {
  const { headers, engine } = call;
  const crc64 = headers.get("x-ms-source-content-crc64");
  const expected = {
    md5: readMd5(headers, "x-ms-source-content-md5"),
    crc64: crc64 === undefined ? null : readCrc64(new RequestHeaders(["x-ms-content-crc64", crc64])),
  };
  const { view } = await openSource(call);
  const range = headers.get("x-ms-source-range");
  const { start, lengthBytes } = (range === undefined
    ? undefined
    : readRange(new RequestHeaders(["range", range]), view.record.sizeBytes)) ?? {
    start: 0,
    lengthBytes: view.record.sizeBytes,
  };
  if (lengthBytes > limitBytes) {
    throw new StorageError("RequestBodyTooLarge", { details: { MaxLimit: String(limitBytes) } });
  }
  const body = await engine.store(engine.read(view, start, lengthBytes), lengthBytes, {
    md5: true,
    crc64: true,
    key,
  });
  checkSums(expected, body);
  return body;
}
