/** Changes of what few blobs have: the seal, the tier, an end, an immutability policy, a hold, a copy under way. */
import type { BlobRow, HistoryRow } from "./blob-rows.ts";
import type { AccessTier, BlobState, ImmutabilityPolicy, Written } from "./model.ts";
import type { MutationOf, StateChange } from "./mutations.ts";
import { decodeState, encodeState } from "./row-format.ts";
import { refuse, stateOf, type WriterContext, writtenOf } from "./writer-context.ts";

/** How long a blob takes out of the archive here, in milliseconds: Azure's takes up to 15 hours, or one with high priority; a test should not. Our choice. */
const rehydrationMs = { High: 1000, Standard: 10_000 } as const;

type Changed = { readonly row: BlobRow; readonly isPending?: boolean };

function sealed(
  context: WriterContext,
  row: BlobRow,
  change: Extract<StateChange, { what: "seal" }>,
  timeMs: number,
): Changed {
  if (row.type !== "AppendBlob") refuse({ kind: "blob-type" });
  if (change.positionBytes !== undefined && change.positionBytes !== row.size_bytes)
    refuse({ kind: "append-position" });
  const state: BlobState = { ...stateOf(row, timeMs), isSealed: true };
  return { row: { ...row, version: context.nextStamp(timeMs), modified_ms: timeMs, state: encodeState(state) } };
}

/** A blob's tier as it stands: what was on its way out of the archive long enough is out. */
export function tierAt(tier: AccessTier | null, state: BlobState, nowMs: number): AccessTier | null {
  const { rehydration } = state;
  return rehydration !== undefined && rehydration.doneMs <= nowMs ? rehydration.tier : tier;
}

/**
 * Metadata of what is in the archive can be read and not changed, and it has no snapshots taken; its tags and its tier can be changed.
 * @see https://learn.microsoft.com/azure/storage/blobs/access-tiers-overview#archive-access-tier
 */
export function refuseArchived(row: Pick<BlobRow, "tier" | "state">, timeMs: number): void {
  if (tierAt(row.tier, decodeState<BlobState>(row.state), timeMs) === "Archive") refuse({ kind: "blob-archived" });
}

/** @see https://learn.microsoft.com/rest/api/storageservices/set-blob-tier */
function tiered(
  row: BlobRow,
  { tier, rehydratePriority }: Extract<StateChange, { what: "tier" }>,
  timeMs: number,
): Changed {
  if (row.type !== "BlockBlob") refuse({ kind: "blob-type" });
  const { rehydration, ...rest } = decodeState<BlobState>(row.state);
  const now = tierAt(row.tier, { ...rest, ...(rehydration && { rehydration }) }, timeMs);
  if (now === "Archive" && rehydration !== undefined && rehydration.tier !== tier) refuse({ kind: "blob-rehydrating" });
  if (now === "Archive" && tier !== "Archive") {
    const priority = rehydratePriority === "High" ? "High" : "Standard";
    const started = rehydration ?? { tier, priority, doneMs: timeMs + rehydrationMs[priority] };
    return { row: { ...row, state: encodeState({ ...rest, rehydration: { ...started, priority } }) }, isPending: true };
  }
  return { row: { ...row, tier, state: encodeState({ ...rest, tierChangedMs: timeMs }) } };
}

/** A locked policy is only ever made longer. @see https://learn.microsoft.com/rest/api/storageservices/set-blob-immutability-policy */
function policed(row: BlobRow, policy: ImmutabilityPolicy | null): Changed {
  const { immutability: before, ...rest } = decodeState<BlobState>(row.state);
  if (before?.mode === "Locked") {
    if (policy === null || policy.mode !== "Locked" || policy.untilMs < before.untilMs)
      refuse({ kind: "policy-locked" });
  }
  return { row: { ...row, state: encodeState(policy === null ? rest : { ...rest, immutability: policy }) } };
}

function held(row: BlobRow, isHeld: boolean): Changed {
  const { hasLegalHold: _, ...rest } = decodeState<BlobState>(row.state);
  return { row: { ...row, state: encodeState(isHeld ? { ...rest, hasLegalHold: true } : rest) } };
}

function ending(row: BlobRow, expiresMs: number | null, timeMs: number): Changed {
  const { expiresMs: _, ...rest } = stateOf(row, timeMs);
  return { row: { ...row, state: encodeState(expiresMs === null ? rest : { ...rest, expiresMs }) } };
}

/** Every copy here is done when it is answered, so there is none to abort. */
function abort(row: BlobRow, copyId: string): never {
  const { copy } = decodeState<BlobState>(row.state);
  return refuse({ kind: copy?.status === "pending" && copy.id !== copyId ? "copy-id" : "copy-not-pending" });
}

function apply(context: WriterContext, row: BlobRow, change: StateChange, timeMs: number): Changed {
  switch (change.what) {
    case "seal":
      return sealed(context, row, change, timeMs);
    case "tier":
      return tiered(row, change, timeMs);
    case "immutability":
      return policed(row, change.policy);
    case "legal-hold":
      return held(row, change.isHeld);
    case "expiry":
      return ending(row, change.expiresMs, timeMs);
    case "expiry-after":
      return ending(row, row.created_ms + change.afterMs, timeMs);
    case "access":
      return { row: { ...row, state: encodeState({ ...decodeState<BlobState>(row.state), lastAccessMs: timeMs }) } };
    case "copy-abort":
      return abort(row, change.copyId);
  }
}

export function changeState(context: WriterContext, mutation: MutationOf<"change-state">, timeMs: number): Written {
  const { id } = context.container(mutation);
  const { blob, conditions, change, moment } = mutation;
  const current = context.findBlob(id, blob);
  if (moment.kind === "present" || (moment.kind === "version" && current?.version_id === moment.stamp)) {
    // Who only reads holds no lease.
    if (change.what === "access") {
      if (current === undefined) refuse({ kind: "blob-not-found" });
    } else context.judgePresent(conditions, current, timeMs);
    const { row, isPending = false } = apply(context, current, change, timeMs);
    context.writeBlob(row, current);
    return { ...writtenOf(row), isPending };
  }
  const past: HistoryRow | undefined = context.findPast(id, blob, moment.stamp);
  const isMeant = past?.ends_ms === null && past.kind === (moment.kind === "snapshot" ? "S" : "V");
  if (past === undefined || !isMeant) refuse({ kind: "blob-not-found" });
  context.judgePresent(conditions, past, timeMs);
  const { row, isPending = false } = apply(context, past, change, timeMs);
  context.replacePast({ ...past, ...row }, past);
  return { ...writtenOf(row), isPending };
}
