/** Rows of listings and of searches by tags, for the walks that the engine shares (engine/listing-walk.ts, engine/tag-finder.ts). */
import { blobRecord, type DescribingRow, describingColumns, standingColumns } from "../engine/blob-rows.ts";
import { decodePastPlace, type PastShown, presentStamp } from "../engine/history-listing.ts";
import {
  type BlobListing,
  type ListedItem,
  maxSliceItems,
  type PlacedRow,
  type RowsAsked,
  type Slice,
  walkListing,
} from "../engine/listing-walk.ts";
import type { ContainerKey } from "../engine/metadata-reader.ts";
import type { BlobRecord } from "../engine/model.ts";
import type { TagComparison } from "../engine/tag-expression.ts";
import { type FoundBlobs, meetsAll, planWalk, type TagPosition } from "../engine/tag-finder.ts";
import { aboveAllNames, type SharedReader } from "./shared-reader.ts";
import { type Table, tables, unnestOf } from "./tables.ts";

/** Rows asked for first after a jump over a common prefix. Our choice: each look is a way to the database and back, and so many rows cost little more than one. */
const firstBatchRows = 24;

const range = "container_id = $1 AND name >= $2 AND name < $3";
const absent = (from: string) =>
  `NOT EXISTS (SELECT 1 FROM postern_blobs b WHERE b.container_id = ${from}.container_id AND b.name = ${from}.name)`;
const nullTypes = { number: "BIGINT", text: "TEXT", name: "BYTEA", bytes: "BYTEA" } as const;
const noBlob = describingColumns
  .split(", ")
  .map((column) =>
    column === "name"
      ? "name"
      : `CAST(NULL AS ${nullTypes[(tables.blobs.columns as Table["columns"])[column]!]}) AS ${column}`,
  )
  .join(", ");

/** One slice of a listing. */
export async function listBlobs(
  reader: SharedReader,
  container: ContainerKey,
  listing: BlobListing,
): Promise<Slice<ListedItem>> {
  const walk = walkListing(listing, { firstBatchRows, canJump: false });
  let step = walk.next();
  while (step.done !== true) step = walk.next(await rowsOf(reader, container, listing, step.value));
  return step.value;
}

async function rowsOf(
  reader: SharedReader,
  { id }: ContainerKey,
  { hasUncommitted, past, nowMs = 0 }: BlobListing,
  { position, end, limit }: RowsAsked,
): Promise<PlacedRow[]> {
  const last = end ?? aboveAllNames;
  if (past !== undefined) {
    const { name, stamp } = decodePastPlace(position);
    const values = [id, name, last, stamp, nowMs, limit];
    return reader.rows<PlacedRow>(tables.history, writeQuery(past, hasUncommitted), values);
  }
  const present = `SELECT ${describingColumns} FROM postern_blobs WHERE ${range} ORDER BY name LIMIT $4`;
  const text = hasUncommitted
    ? `SELECT * FROM (${present}) present UNION ALL
       SELECT * FROM (SELECT ${noBlob} FROM postern_blob_staged s WHERE ${range} AND ${absent("s")} ORDER BY name LIMIT $4) uncommitted
       ORDER BY name LIMIT $4`
    : present;
  return reader.rows<PlacedRow>(tables.blobs, text, [id, position, last, limit]);
}

/** Each part ends by itself, so that none is walked further than the page goes. */
function writeQuery({ snapshots, versions, deleted, gone }: PastShown, hasUncommitted: boolean): string {
  const kinds = [...(snapshots ? ["'S'"] : []), ...(versions ? ["'V'"] : []), ...(deleted ? ["'D'"] : [])];
  const kept = deleted ? "(ends_ms IS NULL OR ends_ms > $5)" : "(ends_ms IS NULL AND $5::bigint IS NOT NULL)";
  const standing = (kind: string) =>
    `CAST(${presentStamp} AS BIGINT) AS stamp, ${kind} AS kind, CAST(NULL AS BIGINT) AS deleted_ms, CAST(NULL AS BIGINT) AS ends_ms`;
  const parts = [
    `SELECT ${standing("CAST(NULL AS TEXT)")}, ${describingColumns} FROM postern_blobs WHERE ${range} ORDER BY name LIMIT $6`,
    `SELECT ${standingColumns}, ${describingColumns} FROM postern_blob_history
       WHERE ${range} AND (name > $2 OR stamp >= $4) AND ${kept} AND kind IN (${kinds.join(", ") || "''"}) ORDER BY name, stamp LIMIT $6`,
  ];
  if (gone) {
    parts.push(`SELECT ${standing("'G'")}, ${describingColumns} FROM postern_blob_history h WHERE ${range} AND kind = 'V' AND ends_ms IS NULL
      AND ${absent("h")} AND stamp = (SELECT max(o.stamp) FROM postern_blob_history o
        WHERE o.container_id = h.container_id AND o.name = h.name AND o.kind = 'V' AND o.ends_ms IS NULL) ORDER BY name LIMIT $6`);
  }
  if (hasUncommitted) {
    parts.push(
      `SELECT ${standing("CAST(NULL AS TEXT)")}, ${noBlob} FROM postern_blob_staged s WHERE ${range} AND ${absent("s")} ORDER BY name LIMIT $6`,
    );
  }
  const named = parts.map((part, index) => `SELECT * FROM (${part}) p${index}`);
  return `${named.join(" UNION ALL ")} ORDER BY name, stamp LIMIT $6`;
}

/** One slice of a container's blobs that meet all comparisons; see TagFinder.find. */
export async function findByTags(
  reader: SharedReader,
  { id }: ContainerKey,
  comparisons: readonly TagComparison[],
  from: TagPosition | undefined,
  limit: number,
): Promise<FoundBlobs> {
  const { key, low, high } = planWalk(comparisons);
  const places = await reader.rows<TagPosition>(
    tables.tags,
    `SELECT value, name FROM postern_blob_tags WHERE container_id = $1 AND key = $2 AND value >= $3 AND value <= $4
       AND (value, name) > ($5, $6) ORDER BY value, name LIMIT $7`,
    [id, key, low, high ?? aboveAllNames, from?.value ?? "", from?.name ?? "", maxSliceItems],
  );
  const records = await readNamed(reader, id, places);
  const items: BlobRecord[] = [];
  for (const [index, place] of places.entries()) {
    const record = records.get(place.name);
    if (record === undefined || !meetsAll(comparisons, record)) continue;
    items.push(record);
    if (items.length === limit && index < places.length - 1) return { items, next: { ...place } };
  }
  const last = places.length < maxSliceItems ? undefined : places.at(-1);
  return { items, next: last && { ...last } };
}

async function readNamed(
  reader: SharedReader,
  containerId: number,
  places: readonly TagPosition[],
): Promise<Map<string, BlobRecord>> {
  if (places.length === 0) return new Map();
  const shown = describingColumns
    .split(", ")
    .map((column) => `t.${column}`)
    .join(", ");
  const rows = await reader.rowsOf<DescribingRow>(
    tables.blobs,
    `SELECT ${shown} FROM ${unnestOf(tables.blobs, ["container_id", "name"])} AS k(container_id, name)
     JOIN postern_blobs t ON t.container_id = k.container_id AND t.name = k.name`,
    [places.map(() => containerId), places.map(({ name }) => Buffer.from(name))],
  );
  return new Map(rows.map((row) => [row.name, blobRecord(row)]));
}
