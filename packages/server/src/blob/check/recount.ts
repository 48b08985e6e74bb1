/**
 * Mends what can be mended without a backup: the counts of what is in use of each extent, which compaction goes by. One that is too low would let it take away what
 * is in use.
 */
import type { DatabaseSync } from "node:sqlite";
import { Content } from "../engine/content.ts";
import { RunMap } from "./run-map.ts";
import { SqliteRows } from "./sqlite-rows.ts";

export type Recount = { readonly correctedCount: number };

/**
 * Counts anew, in one transaction. The end of an extent never moves back: a place is written once, ever.
 * @param database open for writing, and nobody else's.
 * @throws Error when a row cannot be read; nothing is changed then.
 */
export function recount(database: DatabaseSync): Recount {
  const rows = new SqliteRows(database);
  try {
    const runs = new RunMap();
    for (const { content } of rows.rows()) runs.add(new Content(content));
    const counts = rows.counts();
    const write = database.prepare("INSERT OR REPLACE INTO extents (id, end_bytes, live_bytes) VALUES (?, ?, ?)");
    let correctedCount = 0;
    for (const id of new Set([...counts.keys(), ...runs.extents.keys()])) {
      const before = counts.get(id) ?? { liveBytes: 0, endBytes: 0 };
      const { liveBytes, endBytes } = runs.extents.get(id) ?? { liveBytes: 0, endBytes: 0 };
      if (liveBytes === before.liveBytes && endBytes <= before.endBytes) continue;
      write.run(id, Math.max(endBytes, before.endBytes), liveBytes);
      correctedCount += 1;
    }
    rows.close();
    return { correctedCount };
  } catch (cause) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw cause;
  }
}
