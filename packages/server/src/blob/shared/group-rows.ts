/**
 * Brings the rows of a group of changes into its working set, each locked until the group is committed: containers first, then names in their order, so that
 * groups of several replicas wait for one another and not in a ring.
 *
 * What is not there cannot be locked: who makes the same row second finds that out when it writes, and begins again.
 */
import type { Client } from "../../store/postgres-connection.ts";
import { Content, holeExtent } from "../engine/content.ts";
import type { GroupNeeds, NameNeed } from "./group-needs.ts";
import { prepared } from "./prepared.ts";
import { decodeRow, encodeColumn, type Row, type Table, tables, unnestOf, type Value } from "./tables.ts";
import type { WorkingSet } from "./working-set.ts";

type Lock = "FOR UPDATE" | "FOR SHARE" | "";

/** A name with the id of its container. */
type FoundName = { readonly need: NameNeed; readonly containerId: number };

/** Rows of a table by columns that need not be its whole key. */
async function fetchRows(
  client: Client,
  table: Table,
  by: readonly string[],
  keys: readonly (readonly Value[])[],
  lock: Lock,
  { columns = Object.keys(table.columns), where = "" }: { columns?: readonly string[]; where?: string } = {},
): Promise<Row[]> {
  if (keys.length === 0) return [];
  const shown = columns.map((column) => `t.${column}`).join(", ");
  const text = `SELECT ${shown} FROM ${unnestOf(table, by)} AS k(${by.join(", ")})
    JOIN ${table.shared} t ON ${by.map((column) => `t.${column} = k.${column}`).join(" AND ")} ${where}
    ORDER BY ${table.key.map((column) => `t.${column}`).join(", ")} ${lock === "" ? "" : `${lock} OF t`}`;
  const values = by.map((column, index) =>
    encodeColumn(
      table.columns[column]!,
      keys.map((key) => key[index]!),
    ),
  );
  const { rows } = await client.query<Row>(prepared(text, values));
  return rows.map((row) => decodeRow(table, row));
}

/** Loads all that a group needs. */
export async function loadGroup(client: Client, set: WorkingSet, needs: GroupNeeds): Promise<void> {
  const lastContainer = await drawContainers(client, needs.newContainerCount);
  const containers = await loadContainers(client, set, needs);
  const found: FoundName[] = [];
  for (const need of needs.names.values()) {
    const containerId = containers.get(`${need.account}/${need.container}`);
    if (containerId !== undefined) found.push({ need, containerId });
  }
  await loadNames(client, set, found);
  await loadPlaces(client, set, needs.places);
  await loadExtents(client, set, needs);
  if (lastContainer !== undefined) set.numberContainers(lastContainer);
}

/** Draws the ids of containers that may be made: first of all, and held until the commit, so that none that is seen has a higher one. @returns the last id before them. */
async function drawContainers(client: Client, count: number): Promise<number | undefined> {
  if (count === 0) return undefined;
  const { rows } = await client.query<{ value: number }>(
    "UPDATE postern_blob_counters SET value = value + $1 WHERE name = 'container' RETURNING value",
    [count],
  );
  return rows[0]!.value - count;
}

async function loadContainers(client: Client, set: WorkingSet, needs: GroupNeeds): Promise<Map<string, number>> {
  const { containers, deletedContainers } = tables;
  const rows: Row[] = [];
  for (const isChanged of [true, false]) {
    const wanted = [...needs.containers.values()].filter((need) => need.isChanged === isChanged);
    const keys = wanted.map(({ account, container }) => [account, container]);
    rows.push(
      ...(await fetchRows(client, containers, ["account", "name"], keys, isChanged ? "FOR UPDATE" : "FOR SHARE")),
    );
  }
  const accounts = [...needs.accounts].map((account) => [account]);
  rows.push(...(await fetchRows(client, containers, ["account"], accounts, "FOR UPDATE")));
  set.load(containers, rows);
  const keys = needs.kept.map(({ account, container, stamp }) => [account, container, stamp]);
  const kept = await fetchRows(client, deletedContainers, ["account", "name", "deleted"], keys, "FOR UPDATE");
  kept.push(...(await fetchRows(client, deletedContainers, ["account"], accounts, "FOR UPDATE")));
  set.load(deletedContainers, kept);
  return new Map(rows.map((row) => [`${row.account}/${row.name}`, row.id as number]));
}

const nothing = Buffer.alloc(0);

async function loadNames(client: Client, set: WorkingSet, found: readonly FoundName[]): Promise<void> {
  const { blobs } = tables;
  const keysOf = (names: readonly FoundName[]) => names.map(({ need, containerId }) => [containerId, need.blob]);
  const whole = found.filter(({ need }) => need.isWhole);
  set.load(blobs, await fetchRows(client, blobs, blobs.key, keysOf(whole), "FOR UPDATE"));
  const others = keysOf(found.filter(({ need }) => !need.isWhole));
  const columns = Object.keys(blobs.columns).filter((column) => column !== "content");
  const states = await fetchRows(client, blobs, blobs.key, others, "", { columns });
  set.load(
    blobs,
    states.map((row) => ({ ...row, content: nothing })),
  );
  await loadPast(client, set, found);
  await loadBlocks(client, set, found);
}

const pastConditions = {
  snapshots: "AND t.kind = 'S' AND t.ends_ms IS NULL",
  kept: "AND t.ends_ms IS NOT NULL",
  all: "",
} as const;

async function loadPast(client: Client, set: WorkingSet, found: readonly FoundName[]): Promise<void> {
  const { history } = tables;
  const named = ["container_id", "name"];
  for (const [kind, where] of Object.entries(pastConditions) as [keyof typeof pastConditions, string][]) {
    const keys = found
      .filter(({ need }) => need.pasts.has(kind))
      .map(({ need, containerId }) => [containerId, need.blob]);
    set.load(history, await fetchRows(client, history, named, keys, "FOR UPDATE", { where }));
  }
  const moments = found.flatMap(({ need, containerId }) =>
    Array.from(need.stamps, (stamp) => [containerId, need.blob, stamp]),
  );
  set.load(history, await fetchRows(client, history, history.key, moments, "FOR UPDATE"));
  await loadLastStamps(client, set, found);
}

/** The last number of each name's past: what is drawn for it comes after, whoever's clock drew that one. And whether it has a past at all. */
async function loadLastStamps(client: Client, set: WorkingSet, found: readonly FoundName[]): Promise<void> {
  const stamped = found.filter(({ need }) => need.isStamped || need.pasts.has("kept"));
  if (stamped.length === 0) return;
  const { history } = tables;
  const keys = stamped.map(({ need, containerId }) => [containerId, need.blob] as const);
  const text = `SELECT k.container_id, k.name,
      (SELECT max(t.stamp) FROM ${history.shared} t WHERE t.container_id = k.container_id AND t.name = k.name) AS stamp
    FROM ${unnestOf(history, ["container_id", "name"])} AS k(container_id, name)`;
  const names = keys.map(([, name]) => name);
  const values = [keys.map(([id]) => id), encodeColumn("name", names)];
  const { rows } = await client.query<Row>(prepared(text, values));
  const last = rows
    .filter(({ stamp }) => stamp !== null)
    .map((row) => decodeRow(history, row))
    .map((row) => [row.container_id!, row.name!, row.stamp!]);
  for (const key of last) set.context.floor = Math.max(set.context.floor, key[2] as number);
  // What is had back asks whether there is any past: one row of it tells.
  const asked = new Set(found.filter(({ need }) => need.pasts.has("kept")).map(({ need }) => need.blob));
  const wanted = last.filter(([, name]) => asked.has(name as string));
  set.load(history, await fetchRows(client, history, history.key, wanted, "FOR UPDATE"));
}

async function loadBlocks(client: Client, set: WorkingSet, found: readonly FoundName[]): Promise<void> {
  const { staged, blocks } = tables;
  const concerned = found.filter(({ need }) => need.hasAllBlocks || need.blockIds.size > 0);
  const keys = concerned.map(({ need, containerId }) => [containerId, need.blob]);
  const rows = await fetchRows(client, staged, staged.key, keys, "FOR UPDATE");
  set.load(staged, rows);
  if (rows.length === 0) return;
  const known = new Set(rows.map((row) => `${row.container_id}/${row.name}`));
  const withBlocks = concerned.filter(({ need, containerId }) => known.has(`${containerId}/${need.blob}`));
  const all = withBlocks
    .filter(({ need }) => need.hasAllBlocks)
    .map(({ need, containerId }) => [containerId, need.blob]);
  set.load(blocks, await fetchRows(client, blocks, ["container_id", "name"], all, "FOR UPDATE"));
  const some = withBlocks
    .filter(({ need }) => !need.hasAllBlocks)
    .flatMap(({ need, containerId }) => Array.from(need.blockIds, (id) => [containerId, need.blob, id]));
  set.load(blocks, await fetchRows(client, blocks, blocks.key, some, "FOR UPDATE"));
}

async function loadPlaces(client: Client, set: WorkingSet, places: GroupNeeds["places"]): Promise<void> {
  for (const name of ["blobs", "history", "blocks"] as const) {
    const table = tables[name];
    const keys = places
      .filter(({ of }) => of.table === name)
      .map(({ containerId, name: blob, of }) => {
        if (of.table === "blobs") return [containerId, blob];
        return [containerId, blob, of.table === "history" ? of.stamp : of.blockId];
      });
    set.load(table, await fetchRows(client, table, table.key, keys, "FOR UPDATE"));
  }
}

/** Which extents of contents that may lie anywhere are there; none of them is forgotten before the group is committed. */
async function loadExtents(client: Client, set: WorkingSet, { foreign }: GroupNeeds): Promise<void> {
  const ids = new Set<number>();
  for (const content of foreign) {
    for (const { extentId } of new Content(content).spans()) if (extentId !== holeExtent) ids.add(extentId);
  }
  if (ids.size === 0) return;
  const { rows } = await client.query<{ id: number }>(
    "SELECT id FROM postern_blob_extents WHERE id = ANY($1::bigint[]) ORDER BY id FOR SHARE",
    [[...ids]],
  );
  set.loadExtents(rows.map(({ id }) => id));
}
