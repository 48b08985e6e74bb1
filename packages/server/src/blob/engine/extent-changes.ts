/** What compaction has changed: content that was moved, extents that nothing refers to. Neither is seen from outside: no ETag, no time changes. */
import type { Written } from "./model.ts";
import type { ContentPlace, MutationOf } from "./mutations.ts";
import { refuse, type WriterContext } from "./writer-context.ts";

const unseen: Written = { etag: "", modifiedMs: 0 };

function keyOf({ containerId, name, of }: ContentPlace): (string | number)[] {
  if (of.table === "blobs") return [containerId, name];
  return [containerId, name, of.table === "history" ? of.stamp : of.blockId];
}

export function moveContent(context: WriterContext, mutation: MutationOf<"move-content">): Written {
  const { statements, ledger } = context;
  const { table } = mutation.of;
  const key = keyOf(mutation);
  const row = statements.contentOf[table].get(...key) as { content: Uint8Array } | undefined;
  // Whatever was written meanwhile stands; what was moved is rubbish then.
  if (row === undefined || Buffer.compare(row.content, mutation.before) !== 0) return unseen;
  ledger.add(mutation.after);
  ledger.remove(mutation.before);
  statements.moveContent[table].run(mutation.after, ...key);
  return unseen;
}

export function forgetExtent(context: WriterContext, { extentId }: MutationOf<"forget-extent">): Written {
  if ((context.ledger.liveBytesOf(extentId) ?? 0) !== 0) refuse({ kind: "extent-in-use" });
  context.ledger.forgetExtent(extentId);
  return unseen;
}
