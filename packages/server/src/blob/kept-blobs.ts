/**
 * Containers with blobs that a policy or a hold keeps are not deleted: what may not be deleted by itself would go with them.
 *
 * An account is marked before the first such blob is in it, and stays so: only containers of marked accounts are looked through, slice by slice, with others'
 * turns between. Not the rows of containers are marked, for then each policy would be a change of two rows in every store.
 *
 * @see https://learn.microsoft.com/azure/storage/blobs/immutable-version-level-worm-policies
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Cloud } from "../cloud.ts";
import { markKeptBlobs } from "../resources/blob-service.ts";
import { systemActor } from "../state/change.ts";
import type { StorageAccount } from "../state/entities.ts";
import type { BlobStore } from "./engine/blob-store.ts";
import type { ListedItem, Slice } from "./engine/listing-walk.ts";
import { maxSliceItems } from "./engine/listing-walk.ts";
import type { BlobRecord, ContainerName } from "./engine/model.ts";
import { StorageError } from "./errors.ts";
import type { BlobOperation } from "./operation-row.ts";
import type { RequestHeaders } from "./request-headers.ts";

/** Whether a request would have a blob kept. */
export function asksToKeep({ operation, level }: BlobOperation, headers: RequestHeaders): boolean {
  if (level !== "blob") return false;
  if (operation === "Set Immutability Policy" || headers.has("x-ms-immutability-policy-until-date")) return true;
  return headers.get("x-ms-legal-hold")?.toLowerCase() === "true";
}

/** Marks an account, unless it is. */
export async function markAccount(cloud: Cloud, { name, hasKeptBlobs }: StorageAccount): Promise<void> {
  if (hasKeptBlobs === true) return;
  await cloud.store.change(systemActor, "Keep a blob", (model) => {
    const account = model.storageAccount(name);
    if (account === undefined) throw new StorageError("ResourceNotFound");
    return markKeptBlobs(account);
  });
}

function isKept({ state }: BlobRecord, nowMs: number): boolean {
  return state.hasLegalHold === true || (state.immutability !== undefined && nowMs < state.immutability.untilMs);
}

/** Whether a container has a blob, a snapshot or a version that may not be deleted. */
export async function hasKeptBlob(engine: BlobStore, name: ContainerName): Promise<boolean> {
  const past = { snapshots: true, versions: true, deleted: true, gone: true };
  const listing = { prefix: "", delimiter: "", limit: maxSliceItems, hasUncommitted: false, past };
  for (let from: string | undefined = ""; from !== undefined; ) {
    const container = await engine.findContainer(name);
    if (container === undefined) return false;
    const { nowMs } = engine;
    const slice: Slice<ListedItem> = await engine.listBlobs(container, { ...listing, from, nowMs });
    if (slice.items.some((item) => item.kind === "blob" && isKept(item.record, nowMs))) return true;
    from = slice.next;
    await nextTurn();
  }
  return false;
}

/** @throws StorageError `BlobImmutableDueToPolicy` */
export async function refuseKeptContainer(
  engine: BlobStore,
  account: StorageAccount,
  container: string,
): Promise<void> {
  if (account.hasKeptBlobs !== true) return;
  if (await hasKeptBlob(engine, { account: account.name, container }))
    throw new StorageError("BlobImmutableDueToPolicy");
}
