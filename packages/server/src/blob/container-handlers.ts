/** Containers: create, read, set metadata, delete. */
import { readConditions, refuseConditions, writeConditions } from "./condition-headers.ts";
import { readContainerScope } from "./container-scope.ts";
import type { Awaitable, BlobStore } from "./engine/blob-store.ts";
import { judgeRead } from "./engine/conditions.ts";
import { judgeLease } from "./engine/leases.ts";
import type { ContainerKey } from "./engine/metadata-reader.ts";
import type { ContainerName } from "./engine/model.ts";
import { StorageError } from "./errors.ts";
import { asFaultError } from "./fault-words.ts";
import { refuseKeptContainer } from "./kept-blobs.ts";
import type { Answer, ContainerCall } from "./operation-row.ts";
import { containerHeaders, writtenHeaders } from "./resource-headers.ts";
import { containerDaysOf } from "./retention.ts";
import { publicAccessHeaders, readPublicAccess } from "./ways-in/anonymous.ts";
import { whenThere } from "./when-there.ts";

/** Names a container to the engine. */
export function containerName({
  account,
  target,
}: Pick<ContainerCall, "account"> & { target: { container: string } }): ContainerName {
  return { account: account.name, container: target.container };
}

/** @throws StorageError `ContainerNotFound`. */
export function requireContainer(engine: BlobStore, name: ContainerName): Awaitable<ContainerKey> {
  return whenThere(engine.findContainer(name), (container) => {
    if (container === undefined) throw new StorageError("ContainerNotFound");
    return container;
  });
}

/** @see https://learn.microsoft.com/rest/api/storageservices/create-container */
export async function createContainer(call: ContainerCall): Promise<Answer> {
  const { headers, engine } = call;
  refuseConditions(headers);
  const access = { publicAccess: readPublicAccess(call), policies: [] };
  const state = readContainerScope(call);
  const written = await engine.createContainer(containerName(call), headers.metadata(), access, state);
  return { status: 201, headers: writtenHeaders(written) };
}

/** Get Container Properties and Get Container Metadata, which says a part of the same. @see https://learn.microsoft.com/rest/api/storageservices/get-container-properties */
export async function getContainer(call: ContainerCall): Promise<Answer> {
  const { record } = await requireContainer(call.engine, containerName(call));
  const conditions = readConditions(call.headers);
  const { nowMs } = call.engine;
  const leaseFault = judgeLease(record.state.lease, conditions.leaseId, nowMs, false);
  if (leaseFault !== undefined) throw asFaultError({ kind: "lease", of: "container", fault: leaseFault });
  const fault = judgeRead(conditions, record);
  if (fault !== undefined) throw asFaultError(fault);
  return { status: 200, headers: { ...containerHeaders(record, nowMs), ...publicAccessHeaders(record.access) } };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/set-container-metadata */
export async function setContainerMetadata(call: ContainerCall): Promise<Answer> {
  const { headers, engine } = call;
  const conditions = writeConditions(headers);
  const metadata = headers.metadata();
  await requireContainer(engine, containerName(call));
  const written = await engine.setContainerMetadata(containerName(call), metadata, conditions);
  return { status: 200, headers: writtenHeaders(written) };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/delete-container */
export async function deleteContainer(call: ContainerCall): Promise<Answer> {
  const { headers, engine } = call;
  const conditions = writeConditions(headers);
  await requireContainer(engine, containerName(call));
  await refuseKeptContainer(engine, call.account, call.target.container);
  await engine.deleteContainer(containerName(call), conditions, containerDaysOf(call));
  return { status: 202, headers: {} };
}
