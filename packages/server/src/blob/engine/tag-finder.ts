/** Finds blobs by their index tags: walks the index of the most telling tag, and looks at the rest of a blob's tags in its row. */
import type { DatabaseSync } from "node:sqlite";
import { blobRecord, type DescribingRow, describingColumns, rowBound } from "./blob-rows.ts";
import { type ContainerKey, maxSliceItems } from "./metadata-reader.ts";
import type { BlobRecord } from "./model.ts";
import { meetsComparison, type TagComparison } from "./tag-expression.ts";

/** A place in the index of one tag: after this value and name. */
export type TagPosition = { readonly value: string; readonly name: string };

export type FoundBlobs = { readonly items: readonly BlobRecord[]; readonly next: TagPosition | undefined };

/** SQLite orders every BLOB after every TEXT. */
const aboveAllText = new Uint8Array([0]);
const start: TagPosition = { value: "", name: "" };

/** `high` is undefined where there is no bound. */
type Walk = { readonly key: string; readonly low: string; readonly high: string | undefined };

/** The tag to walk by: one whose value is said is likely to belong to the fewest blobs. */
export function planWalk(comparisons: readonly TagComparison[]): Walk {
  const { key } = comparisons.find(({ operator }) => operator === "=") ?? comparisons[0]!;
  const bounds = comparisons.filter((comparison) => comparison.key === key);
  const low = bounds.find(({ operator }) => operator === "=" || operator.startsWith(">"))?.value ?? "";
  const high = bounds.find(({ operator }) => operator === "=" || operator.startsWith("<"))?.value;
  return { key, low, high };
}

/** Whether a blob's tags meet every comparison. */
export function meetsAll(comparisons: readonly TagComparison[], record: BlobRecord): boolean {
  const tags = new Map(record.tags);
  return comparisons.every((comparison) => meetsComparison(comparison, tags.get(comparison.key)));
}

export class TagFinder {
  readonly #walk;
  readonly #blob;

  constructor(database: DatabaseSync) {
    this.#walk = database.prepare(
      `SELECT value, name FROM tags WHERE container_id = ? AND key = ? AND value >= ? AND value <= ? AND (value, name) > (?, ?)
       ORDER BY value, name ${rowBound}`,
    );
    this.#blob = database.prepare(`SELECT ${describingColumns} FROM blobs WHERE container_id = ? AND name = ?`);
  }

  /**
   * One slice of a container's blobs that meet all comparisons, in order of the walked tag's value; it may be empty and yet not the last.
   * @param from the slice before's `next`; undefined to begin.
   */
  find(
    { id }: ContainerKey,
    comparisons: readonly TagComparison[],
    from: TagPosition = start,
    limit: number,
  ): FoundBlobs {
    const { key, low, high } = planWalk(comparisons);
    const places = this.#walk.all(
      id,
      key,
      low,
      high ?? aboveAllText,
      from.value,
      from.name,
      maxSliceItems,
    ) as TagPosition[];
    const items: BlobRecord[] = [];
    for (const [index, place] of places.entries()) {
      const row = this.#blob.get(id, place.name) as DescribingRow | undefined;
      if (row === undefined) continue;
      const record = blobRecord(row);
      if (!meetsAll(comparisons, record)) continue;
      items.push(record);
      if (items.length === limit && index < places.length - 1) return { items, next: { ...place } };
    }
    const last = places.length < maxSliceItems ? undefined : places.at(-1);
    return { items, next: last && { ...last } };
  }
}
