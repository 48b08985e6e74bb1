/**
 * The rules of leases, for blobs and containers alike: what state a lease is in, what may be done to it, and who may write past it. Pure.
 * @see https://learn.microsoft.com/rest/api/storageservices/lease-blob#outcomes-of-use-attempts-on-blobs-by-lease-state
 */
import type { Lease } from "./model.ts";

export type LeaseStateName = "available" | "leased" | "expired" | "breaking" | "broken";

export type LeaseRequest =
  | { readonly action: "acquire"; readonly durationSeconds: number; readonly proposedId: string }
  | { readonly action: "renew" | "release"; readonly id: string }
  | { readonly action: "change"; readonly id: string; readonly proposedId: string }
  /** null breaks when the lease would end by itself, and one without an end at once. */
  | { readonly action: "break"; readonly periodSeconds: number | null };

/** Why not; named as Azure's codes have it, each row of the table in errors.ts. */
export type LeaseFault =
  /** Of operations on the leased thing. */
  | "id-missing"
  | "id-mismatch"
  | "lost"
  | "not-present"
  /** Of operations on the lease. */
  | "already-present"
  | "operation-id-mismatch"
  | "operation-not-present"
  | "breaking-not-acquirable"
  | "breaking-not-changeable"
  | "broken-not-renewable";

export function leaseStateOf(lease: Lease | undefined, nowMs: number): LeaseStateName {
  if (lease === undefined) return "available";
  if (lease.breaksMs !== null) return nowMs < lease.breaksMs ? "breaking" : "broken";
  return lease.endsMs !== null && nowMs >= lease.endsMs ? "expired" : "leased";
}

/** Whether others are kept from writing. */
export function isLocked(lease: Lease | undefined, nowMs: number): boolean {
  const state = leaseStateOf(lease, nowMs);
  return state === "leased" || state === "breaking";
}

/**
 * Judges an operation on the leased thing.
 * @param leaseId what the request says; undefined when it says none.
 * @param isWrite reads need no lease id, but must not name a wrong one.
 */
export function judgeLease(
  lease: Lease | undefined,
  leaseId: string | undefined,
  nowMs: number,
  isWrite: boolean,
): LeaseFault | undefined {
  if (!isLocked(lease, nowMs)) {
    if (leaseId === undefined) return undefined;
    return lease === undefined ? "not-present" : lease.id === leaseId ? "lost" : "not-present";
  }
  if (leaseId === undefined) return isWrite ? "id-missing" : undefined;
  return lease!.id === leaseId ? undefined : "id-mismatch";
}

/** A lease's next state: undefined for none; `seconds` is how long a broken one still holds. */
export type LeaseOutcome = { readonly lease: Lease | undefined; readonly id: string; readonly seconds: number };

function newLease(id: string, durationSeconds: number, nowMs: number): Lease {
  return { id, durationSeconds, endsMs: durationSeconds < 0 ? null : nowMs + durationSeconds * 1000, breaksMs: null };
}

/** Carries out a request on a lease, or says why not. */
export function changeLease(
  lease: Lease | undefined,
  request: LeaseRequest,
  nowMs: number,
): LeaseOutcome | { readonly fault: LeaseFault } {
  const state = leaseStateOf(lease, nowMs);
  if (request.action === "acquire") return acquire(lease, state, request, nowMs);
  if (lease === undefined) return { fault: "operation-not-present" };
  switch (request.action) {
    case "break":
      return breakLease(lease, state, request.periodSeconds, nowMs);
    case "release":
      return lease.id === request.id
        ? { lease: undefined, id: lease.id, seconds: 0 }
        : { fault: "operation-id-mismatch" };
    case "renew":
      if (lease.id !== request.id) return { fault: "operation-id-mismatch" };
      if (state === "breaking" || state === "broken") return { fault: "broken-not-renewable" };
      return { lease: newLease(lease.id, lease.durationSeconds, nowMs), id: lease.id, seconds: 0 };
    case "change":
      return change(lease, state, request);
  }
}

function acquire(
  lease: Lease | undefined,
  state: LeaseStateName,
  request: Extract<LeaseRequest, { action: "acquire" }>,
  nowMs: number,
): LeaseOutcome | { readonly fault: LeaseFault } {
  const { proposedId, durationSeconds } = request;
  if (state === "breaking") {
    return { fault: lease!.id === proposedId ? "breaking-not-acquirable" : "already-present" };
  }
  // Its holder may acquire it once more, which renews it with another duration.
  if (state === "leased" && lease!.id !== proposedId) return { fault: "already-present" };
  return { lease: newLease(proposedId, durationSeconds, nowMs), id: proposedId, seconds: 0 };
}

function change(
  lease: Lease,
  state: LeaseStateName,
  { id, proposedId }: Extract<LeaseRequest, { action: "change" }>,
): LeaseOutcome | { readonly fault: LeaseFault } {
  if (state === "expired" || state === "broken") return { fault: "operation-not-present" };
  if (state === "breaking") return { fault: "breaking-not-changeable" };
  // A change that was made already, asked for again: the id is what it should be.
  if (lease.id !== id && lease.id !== proposedId) return { fault: "operation-id-mismatch" };
  return { lease: { ...lease, id: proposedId }, id: proposedId, seconds: 0 };
}

function breakLease(lease: Lease, state: LeaseStateName, periodSeconds: number | null, nowMs: number): LeaseOutcome {
  const { id } = lease;
  if (state === "broken") return { lease, id, seconds: 0 };
  if (state === "expired") return { lease: { ...lease, breaksMs: nowMs }, id, seconds: 0 };
  const endMs = state === "breaking" ? lease.breaksMs! : (lease.endsMs ?? Number.POSITIVE_INFINITY);
  const leftMs = endMs - nowMs;
  const asked = periodSeconds === null ? (Number.isFinite(leftMs) ? leftMs : 0) : periodSeconds * 1000;
  // A break never makes a lease longer.
  const waitMs = Math.min(asked, leftMs);
  return { lease: { ...lease, breaksMs: nowMs + waitMs }, id, seconds: Math.ceil(waitMs / 1000) };
}
