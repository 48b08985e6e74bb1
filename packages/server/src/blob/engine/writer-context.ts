/**
 * What every change of the metadata works with, within the transaction of its group: rows by name, the numbers they draw, what refers to which extent, the index
 * of tags. Whoever writes or removes a row of a blob does it here, so that none of these is forgotten.
 */
import type { DatabaseSync } from "node:sqlite";
import type { BlobRow, ContainerRow, HistoryRow, StandingRow } from "./blob-rows.ts";
import { type Conditions, judgeWrite } from "./conditions.ts";
import { ExtentLedger } from "./extent-ledger.ts";
import { isLocked, judgeLease } from "./leases.ts";
import type { BlobFault, BlobState, ContainerName, Written } from "./model.ts";
import { decodeState, decodeTags } from "./row-format.ts";
import { etagOf, stampsPerMs, stampTimeOf } from "./stamps.ts";
import { prepareStatements, type WriterStatements } from "./writer-statements.ts";

/** A refusal on its way out of a change. */
export class Refused extends Error {
  readonly fault: BlobFault;
  constructor(fault: BlobFault) {
    super(fault.kind);
    this.fault = fault;
  }
}

/** Ends a change; nothing may have been written by it before. */
export function refuse(fault: BlobFault): never {
  throw new Refused(fault);
}

export class WriterContext {
  readonly statements: WriterStatements;
  readonly ledger: ExtentLedger;
  /** Up to which name uncommitted blocks were looked at for their age. */
  stagedWalk = { id: -1, name: "" };
  #lastStamp: number;

  constructor(database: DatabaseSync) {
    this.statements = prepareStatements(database);
    this.ledger = new ExtentLedger(database);
    this.#lastStamp = (this.statements.readVersion.get() as { value: number }).value;
  }

  get lastStamp(): number {
    return this.#lastStamp;
  }

  /** Grows with every change, also over restarts and when the clock goes back: no ETag comes twice. */
  nextStamp(timeMs: number): number {
    this.#lastStamp = Math.max(this.#lastStamp + 1, timeMs * stampsPerMs);
    return this.#lastStamp;
  }

  /** Goes back to where the group began; the transaction failed. */
  forget(lastStamp: number): void {
    this.#lastStamp = lastStamp;
    this.ledger.forget();
  }

  findContainer(account: string, container: string): ContainerRow | undefined {
    return this.statements.findContainer.get(account, container) as ContainerRow | undefined;
  }

  container({ account, container }: ContainerName): ContainerRow {
    return this.findContainer(account, container) ?? refuse({ kind: "container-not-found" });
  }

  findBlob(containerId: number, blob: string): BlobRow | undefined {
    return this.statements.findBlob.get(containerId, blob) as BlobRow | undefined;
  }

  findPast(containerId: number, blob: string, stamp: number): HistoryRow | undefined {
    return this.statements.findPast.get(containerId, blob, stamp) as HistoryRow | undefined;
  }

  /** Judges the conditions of a change of a blob that must be there, and the lease on it. */
  judgePresent(conditions: Conditions, row: BlobRow | undefined, timeMs: number): asserts row is BlobRow {
    this.#judge(conditions, row, timeMs, false);
    refuseIncremental(row);
  }

  /** The same for a deletion, which every blob takes. */
  judgeDeletion(conditions: Conditions, row: BlobRow | undefined, timeMs: number): asserts row is BlobRow {
    this.#judge(conditions, row, timeMs, false);
  }

  /** The same for a change that makes the blob when it is not there. */
  judgeCreate(conditions: Conditions, row: BlobRow | undefined, timeMs: number, isIncremental = false): void {
    this.#judge(conditions, row, timeMs, true);
    if (!isIncremental) refuseIncremental(row);
  }

  #judge(conditions: Conditions, row: BlobRow | undefined, timeMs: number, isCreate: boolean): void {
    const found = row && { etag: etagOf(row.version), modifiedMs: row.modified_ms, tags: decodeTags(row.tags) };
    const fault = judgeWrite(conditions, found, isCreate);
    if (fault !== undefined) refuse(fault);
    if (row === undefined && !isCreate) refuse({ kind: "blob-not-found" });
    if (row === undefined && conditions.leaseId === undefined) return;
    const { lease } = row === undefined ? {} : decodeState<BlobState>(row.state);
    const leaseFault = judgeLease(lease, conditions.leaseId, timeMs, true);
    if (leaseFault !== undefined) refuse({ kind: "lease", of: "blob", fault: leaseFault });
  }

  /** Writes a present blob. @param before the row that it takes the place of, whose content is let go of unless it is kept elsewhere. */
  writeBlob(row: BlobRow, before: BlobRow | undefined): void {
    if (before === undefined || before.content !== row.content) {
      this.ledger.add(row.content);
      if (before !== undefined) this.ledger.remove(before.content);
    }
    if (before === undefined || before.tags !== row.tags) {
      if (before !== undefined) this.#unindex(before);
      for (const [key, value] of decodeTags(row.tags)) {
        this.statements.addTag.run(row.container_id, key, value, row.name);
      }
    }
    this.#moveEnding(row, before);
    this.statements.writeBlob.run(...valuesOf(row));
  }

  /** Writes a present blob of whose content a part has changed: only what was added and what was taken away is counted. */
  changeBlob(row: BlobRow, added: Uint8Array, removed: Uint8Array | null): void {
    this.ledger.add(added);
    if (removed !== null) this.ledger.remove(removed);
    this.statements.writeBlob.run(...valuesOf(row));
  }

  removeBlob(row: BlobRow): void {
    this.ledger.remove(row.content);
    this.#unindex(row);
    const { expiresMs } = decodeState<BlobState>(row.state);
    if (expiresMs !== undefined) this.statements.removeEnding.run(expiresMs, row.container_id, row.name);
    this.statements.deleteBlob.run(row.container_id, row.name);
  }

  /** Writes what a name was; its content is referred to once more. */
  writePast(row: BlobRow, { stamp, kind, deleted_ms: deletedMs, ends_ms: endsMs }: StandingRow): void {
    this.ledger.add(row.content);
    this.statements.writePast.run(stamp, kind, deletedMs, endsMs, ...valuesOf(row));
  }

  /** Changes what is kept of a past state. */
  replacePast(row: HistoryRow, before: HistoryRow): void {
    if (row.content !== before.content) {
      this.ledger.add(row.content);
      this.ledger.remove(before.content);
    }
    this.statements.writePast.run(row.stamp, row.kind, row.deleted_ms, row.ends_ms, ...valuesOf(row));
  }

  removePast({
    container_id: id,
    name,
    stamp,
    content,
  }: Pick<HistoryRow, "container_id" | "name" | "stamp" | "content">): void {
    this.ledger.remove(content);
    this.statements.deletePast.run(id, name, stamp);
  }

  #unindex(row: Pick<BlobRow, "container_id" | "name" | "tags">): void {
    for (const [key, value] of decodeTags(row.tags)) {
      this.statements.removeTag.run(row.container_id, key, value, row.name);
    }
  }

  #moveEnding(row: BlobRow, before: BlobRow | undefined): void {
    if (row.state === "" && (before === undefined || before.state === "")) return;
    const was = before && decodeState<BlobState>(before.state).expiresMs;
    const is = decodeState<BlobState>(row.state).expiresMs;
    if (was === is) return;
    if (was !== undefined) this.statements.removeEnding.run(was, row.container_id, row.name);
    if (is !== undefined) this.statements.addEnding.run(is, row.container_id, row.name);
  }
}

/** An incremental copy is changed by another such copy only. */
export function refuseIncremental(row: Pick<BlobRow, "state"> | undefined): void {
  if (row === undefined || row.state === "") return;
  if (decodeState<BlobState>(row.state).incremental !== undefined) refuse({ kind: "incremental-only" });
}

function valuesOf(row: BlobRow) {
  return [
    row.container_id,
    row.name,
    row.version,
    row.created_ms,
    row.modified_ms,
    row.size_bytes,
    row.type,
    row.version_id,
    row.settings,
    row.tier,
    row.metadata,
    row.tags,
    row.state,
    row.content,
  ] as const;
}

/** What a change of a present blob answers. */
export function writtenOf(row: Pick<BlobRow, "version" | "modified_ms" | "version_id">): Written {
  const written = { etag: etagOf(row.version), modifiedMs: row.modified_ms };
  return row.version_id === null ? written : { ...written, versionId: stampTimeOf(row.version_id) };
}

/** A state without the lease: what is past is leased by nobody. */
export function withoutLease(state: BlobState): BlobState {
  const { lease: _, ...rest } = state;
  return rest;
}

/** A blob's state before a change that others may have made: a lease that has ended is gone with the first write past it. */
export function stateOf(row: BlobRow, timeMs: number): BlobState {
  const state = decodeState<BlobState>(row.state);
  return state.lease === undefined || isLocked(state.lease, timeMs) ? state : withoutLease(state);
}
