/** A change of the lease on a blob: neither its ETag nor its time change with it. */

import { judgeWrite } from "./conditions.ts";
import { changeLease } from "./leases.ts";
import type { BlobState, Written } from "./model.ts";
import type { MutationOf } from "./mutations.ts";
import { decodeState, decodeTags, encodeState } from "./row-format.ts";
import { etagOf } from "./stamps.ts";
import { refuse, refuseIncremental, type WriterContext, writtenOf } from "./writer-context.ts";

export function leaseBlob(context: WriterContext, mutation: MutationOf<"lease-blob">, timeMs: number): Written {
  const { id } = context.container(mutation);
  const row = context.findBlob(id, mutation.blob);
  const found = row && { etag: etagOf(row.version), modifiedMs: row.modified_ms, tags: decodeTags(row.tags) };
  const conditionFault = judgeWrite(mutation.conditions, found, false);
  if (conditionFault !== undefined) refuse(conditionFault);
  if (row === undefined) refuse({ kind: "blob-not-found" });
  refuseIncremental(row);
  const { lease: before, ...rest } = decodeState<BlobState>(row.state);
  const outcome = changeLease(before, mutation.lease, timeMs);
  if ("fault" in outcome) refuse({ kind: "lease", of: "blob", fault: outcome.fault });
  const state = encodeState(outcome.lease === undefined ? rest : { ...rest, lease: outcome.lease });
  context.writeBlob({ ...row, state }, row);
  return { ...writtenOf(row), leaseId: outcome.id, leaseSeconds: outcome.seconds };
}
