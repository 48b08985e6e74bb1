/** Snapshots, versions, deletion and what is had back. */
import { readMoment } from "./blob-moment.ts";
import { blobName } from "./blob-write-handlers.ts";
import { writeConditions } from "./condition-headers.ts";
import { containerName } from "./container-handlers.ts";
import { encryptionHeaders, encryptionOfPresent } from "./encryption.ts";
import type { ChangeOptions } from "./engine/engine.ts";
import type { Written } from "./engine/model.ts";
import type { SnapshotDeletion } from "./engine/mutations.ts";
import { invalidHeader, invalidQuery, StorageError } from "./errors.ts";
import type { Answer, BlobCall, ContainerCall } from "./operation-row.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { refuseUnimplemented, writtenHeaders } from "./resource-headers.ts";
import { retentionOf } from "./retention.ts";

function changeOf(call: BlobCall): ChangeOptions {
  return { conditions: writeConditions(call.headers), retention: retentionOf(call) };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/snapshot-blob */
export async function snapshotBlob(call: BlobCall): Promise<Answer> {
  refuseUnimplemented(call);
  const metadata = call.headers.metadata();
  const encryption = await encryptionOfPresent(call);
  const written = await call.engine.snapshotBlob(
    blobName(call),
    metadata.length === 0 ? null : metadata,
    changeOf(call),
  );
  const snapshot = { "x-ms-snapshot": written.snapshot! };
  return { status: 201, headers: { ...writtenHeaders(written), ...encryptionHeaders(encryption), ...snapshot } };
}

function readSnapshotDeletion(headers: RequestHeaders): SnapshotDeletion {
  const value = headers.text("x-ms-delete-snapshots");
  const wanted = value?.toLowerCase() ?? null;
  if (wanted === null || wanted === "include" || wanted === "only") return wanted;
  throw invalidHeader("x-ms-delete-snapshots", value!);
}

function answerDeletion({ isPermanent }: Written): Answer {
  return { status: 202, headers: { "x-ms-delete-type-permanent": String(isPermanent === true) } };
}

/** Of a blob, or of one snapshot. @see https://learn.microsoft.com/rest/api/storageservices/delete-blob */
export async function deleteBlob(call: BlobCall): Promise<Answer> {
  const { headers, engine } = call;
  refuseUnimplemented(call);
  const snapshots = readSnapshotDeletion(headers);
  const moment = readMoment(call.query);
  if (moment.kind === "present")
    return answerDeletion(await engine.deleteBlob(blobName(call), changeOf(call), snapshots));
  if (snapshots !== null) throw invalidHeader("x-ms-delete-snapshots", snapshots);
  return answerDeletion(await engine.deletePast(blobName(call), moment, false, changeOf(call)));
}

/** Of one version. @see https://learn.microsoft.com/rest/api/storageservices/delete-blob */
export async function deleteVersion(call: BlobCall): Promise<Answer> {
  refuseUnimplemented(call);
  const moment = readMoment(call.query);
  if (moment.kind !== "version")
    throw invalidQuery("versionid", call.query.get("versionid") ?? "", "No version is named.");
  return answerDeletion(await call.engine.deletePast(blobName(call), moment, false, changeOf(call)));
}

/** Of a snapshot or version that was deleted before and is kept. @see https://learn.microsoft.com/rest/api/storageservices/delete-blob */
export async function deletePermanently(call: BlobCall): Promise<Answer> {
  refuseUnimplemented(call);
  // Azure documents that the account must permit it, and no code of its own for those that do not.
  if (call.account.blobService?.isPermanentDeleteAllowed !== true)
    throw new StorageError("InsufficientAccountPermissions");
  const type = call.query.get("deletetype") ?? "";
  if (type.toLowerCase() !== "permanent") throw invalidQuery("deletetype", type, "The one type is permanent.");
  const moment = readMoment(call.query);
  if (moment.kind === "present") throw invalidQuery("deletetype", type, "A snapshot or a version must be named.");
  return answerDeletion(await call.engine.deletePast(blobName(call), moment, true, changeOf(call)));
}

/** @see https://learn.microsoft.com/rest/api/storageservices/undelete-blob */
export async function undeleteBlob(call: BlobCall): Promise<Answer> {
  await call.engine.undeleteBlob(blobName(call));
  return { status: 200, headers: {} };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/restore-container */
export async function restoreContainer(call: ContainerCall): Promise<Answer> {
  const { headers, engine } = call;
  const name = headers.require("x-ms-deleted-container-name");
  const version = headers.require("x-ms-deleted-container-version");
  await engine.restoreContainer(containerName(call), name, version);
  return { status: 201, headers: {} };
}
