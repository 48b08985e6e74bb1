/** Incremental copies of page blobs, snapshot by snapshot. What is copied is shared, so each is done when it is answered. */
import { blobName } from "./blob-write-handlers.ts";
import { writeConditions } from "./condition-headers.ts";
import { openSource, recordCopy } from "./copy-source.ts";
import { encryptionOfNew } from "./encryption.ts";
import { StorageError } from "./errors.ts";
import type { Answer, BlobCall } from "./operation-row.ts";
import { writtenHeaders } from "./resource-headers.ts";
import { retentionOf } from "./retention.ts";

/** @see https://learn.microsoft.com/rest/api/storageservices/incremental-copy-blob */
export async function copyIncrementally(call: BlobCall): Promise<Answer> {
  const { headers, engine, mustBeNew } = call;
  const conditions = writeConditions(headers);
  const encryption = await encryptionOfNew(call);
  const source = await openSource(call);
  const { view, url } = source;
  const { record } = view;
  if (record.standing.kind !== "snapshot") throw new StorageError("IncrementalCopySourceMustBeSnapshot");
  if (record.type !== "PageBlob") throw new StorageError("InvalidBlobType");
  // Its bytes are shared, so they must be encrypted as the copy's are to be.
  if (view.content.keySha256 !== (encryption.key?.sha256 ?? null)) {
    throw new StorageError("BlobCustomerSpecifiedEncryptionMismatch");
  }
  const { state } = record;
  const copy = recordCopy(source, engine.nowMs);
  const written = await engine.copyIncrementally(blobName(call), view, {
    settings: record.settings,
    metadata: record.metadata,
    accessTier: null,
    state: { sequenceNumber: state.sequenceNumber ?? 0, copy, ...encryption.state },
    source: { source: url.split("?", 1)[0]!, snapshot: record.standing.snapshot },
    conditions,
    retention: retentionOf(call),
    mustBeNew,
  });
  return {
    status: 202,
    headers: { ...writtenHeaders(written), "x-ms-copy-id": copy.id, "x-ms-copy-status": copy.status },
  };
}
