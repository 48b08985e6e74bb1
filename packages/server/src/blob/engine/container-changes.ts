/** Changes of containers: create, metadata, access, lease, deletion and what is had back. */
import { endOf } from "./blob-history.ts";
import type { ContainerRow } from "./blob-rows.ts";
import { type Conditions, judgeWrite } from "./conditions.ts";
import { changeLease, judgeLease } from "./leases.ts";
import type { ContainerState, Written } from "./model.ts";
import type { MutationOf } from "./mutations.ts";
import { decodeState, encodeAccess, encodeMetadata, encodeState } from "./row-format.ts";
import { etagOf, parseStampTime } from "./stamps.ts";
import { refuse, type WriterContext } from "./writer-context.ts";

type KeptRow = ContainerRow & { account: string; deleted: number; deleted_ms: number; ends_ms: number };

function judge(conditions: Conditions, row: ContainerRow): void {
  const fault = judgeWrite(conditions, { etag: etagOf(row.version), modifiedMs: row.modified_ms }, false);
  if (fault !== undefined) refuse(fault);
}

function judgeContainerLease(conditions: Conditions, row: ContainerRow, timeMs: number, isDeletion: boolean): void {
  const { lease } = decodeState<ContainerState>(row.state);
  // A lease on a container keeps it from being deleted; other changes must only not name a wrong one.
  const fault = judgeLease(lease, conditions.leaseId, timeMs, isDeletion);
  if (fault !== undefined) refuse({ kind: "lease", of: "container", fault });
}

function write(context: WriterContext, row: ContainerRow, timeMs: number): Written {
  context.statements.updateContainer.run(row.version, timeMs, row.metadata, row.state, row.access, row.id);
  return { etag: etagOf(row.version), modifiedMs: timeMs };
}

export function createContainer(
  context: WriterContext,
  mutation: MutationOf<"create-container">,
  timeMs: number,
): Written {
  const { account, container, metadata, access, state } = mutation;
  if (context.findContainer(account, container) !== undefined) refuse({ kind: "container-exists" });
  const stamp = context.nextStamp(timeMs);
  const rest = [encodeMetadata(metadata), encodeState(state), encodeAccess(access)] as const;
  context.statements.insertContainer.run(account, container, stamp, timeMs, ...rest);
  return { etag: etagOf(stamp), modifiedMs: timeMs };
}

export function setContainerMetadata(
  context: WriterContext,
  mutation: MutationOf<"set-container-metadata">,
  timeMs: number,
): Written {
  const row = context.container(mutation);
  judge(mutation.conditions, row);
  judgeContainerLease(mutation.conditions, row, timeMs, false);
  const metadata = encodeMetadata(mutation.metadata);
  return write(context, { ...row, version: context.nextStamp(timeMs), metadata }, timeMs);
}

export function setContainerAccess(
  context: WriterContext,
  mutation: MutationOf<"set-container-access">,
  timeMs: number,
): Written {
  const row = context.container(mutation);
  judge(mutation.conditions, row);
  judgeContainerLease(mutation.conditions, row, timeMs, false);
  const access = encodeAccess(mutation.access);
  return write(context, { ...row, version: context.nextStamp(timeMs), access }, timeMs);
}

/** A lease changes neither ETag nor time. */
export function leaseContainer(
  context: WriterContext,
  mutation: MutationOf<"lease-container">,
  timeMs: number,
): Written {
  const row = context.container(mutation);
  judge(mutation.conditions, row);
  const { lease: before, ...rest } = decodeState<ContainerState>(row.state);
  const outcome = changeLease(before, mutation.lease, timeMs);
  if ("fault" in outcome) refuse({ kind: "lease", of: "container", fault: outcome.fault });
  const state = encodeState(outcome.lease === undefined ? rest : { ...rest, lease: outcome.lease });
  return { ...write(context, { ...row, state }, row.modified_ms), leaseId: outcome.id, leaseSeconds: outcome.seconds };
}

export function deleteContainer(
  context: WriterContext,
  mutation: MutationOf<"delete-container">,
  timeMs: number,
): Written {
  const { account, conditions, keptDays } = mutation;
  const row = context.container(mutation);
  judge(conditions, row);
  judgeContainerLease(conditions, row, timeMs, true);
  if (keptDays === null) context.statements.beginPurge.run(row.id);
  else {
    const times = [context.nextStamp(timeMs), timeMs, endOf(timeMs, keptDays)] as const;
    const { id, name, version, modified_ms: modifiedMs, metadata, access } = row;
    // A lease ends with its container.
    const { lease: _, ...kept } = decodeState<ContainerState>(row.state);
    const described = [version, modifiedMs, metadata, encodeState(kept), access] as const;
    context.statements.keepContainer.run(id, account, name, ...described, ...times);
  }
  context.statements.deleteContainer.run(row.id);
  return { etag: etagOf(row.version), modifiedMs: row.modified_ms };
}

/** Has a deleted container back, with its blobs, under its own name or another that is free. */
export function restoreContainer(
  context: WriterContext,
  mutation: MutationOf<"restore-container">,
  timeMs: number,
): Written {
  const { account, container, deletedName, deletedVersion } = mutation;
  const stamp = parseStampTime(deletedVersion) ?? -1;
  const row = context.statements.findKeptContainer.get(account, deletedName, stamp) as KeptRow | undefined;
  if (row === undefined || row.ends_ms <= timeMs) refuse({ kind: "container-not-found" });
  if (context.findContainer(account, container) !== undefined) refuse({ kind: "container-exists" });
  const version = context.nextStamp(timeMs);
  context.statements.forgetKeptContainer.run(row.id);
  const { metadata, state, access, id } = row;
  context.statements.reinsertContainer.run(account, container, version, timeMs, metadata, state, access, id);
  return { etag: etagOf(version), modifiedMs: timeMs };
}

export function deleteAccount(context: WriterContext, { account }: MutationOf<"delete-account">): Written {
  const { statements } = context;
  for (const { id } of statements.keptContainersOfAccount.all(account) as { id: number }[]) {
    statements.forgetKeptContainer.run(id);
    statements.beginPurge.run(id);
  }
  statements.beginPurgeOfAccount.run(account);
  statements.deleteContainersOfAccount.run(account);
  return { etag: "", modifiedMs: 0 };
}
