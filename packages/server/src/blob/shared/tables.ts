/**
 * The tables of the metadata as both stores have them: SQLite's names and columns (engine/metadata-schema.ts) beside PostgreSQL's (store/postgres-schema.ts).
 */

/** `name`: a text that is part of a key, kept as its UTF-8 bytes. */
export type ColumnType = "number" | "text" | "name" | "bytes";
export type Value = number | string | Uint8Array | null;
export type Row = Record<string, Value>;

export type Table = {
  /** In SQLite. */
  readonly name: string;
  /** In PostgreSQL. */
  readonly shared: string;
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Whether a row may be written without a look at what is there: what it says follows from another row, which was looked at. */
  readonly isDerived: boolean;
};

const blobColumns = {
  container_id: "number",
  name: "name",
  version: "number",
  created_ms: "number",
  modified_ms: "number",
  size_bytes: "number",
  type: "text",
  version_id: "number",
  settings: "text",
  tier: "text",
  metadata: "text",
  tags: "text",
  state: "text",
  content: "bytes",
} as const;

const containerColumns = {
  id: "number",
  account: "name",
  name: "name",
  version: "number",
  modified_ms: "number",
  metadata: "text",
  state: "text",
  access: "text",
} as const;

function table(
  name: string,
  shared: string,
  key: readonly string[],
  columns: Readonly<Record<string, ColumnType>>,
  isDerived = false,
): Table {
  return { name, shared, key, columns, isDerived };
}

/** In the order in which they are locked and written, which is the same for everyone. */
export const tables = {
  containers: table("containers", "postern_blob_containers", ["id"], containerColumns),
  deletedContainers: table("deleted_containers", "postern_blob_deleted_containers", ["id"], {
    ...containerColumns,
    deleted: "number",
    deleted_ms: "number",
    ends_ms: "number",
  }),
  purges: table("purges", "postern_blob_purges", ["container_id"], { container_id: "number" }, true),
  blobs: table("blobs", "postern_blobs", ["container_id", "name"], blobColumns),
  history: table("history", "postern_blob_history", ["container_id", "name", "stamp"], {
    stamp: "number",
    kind: "text",
    deleted_ms: "number",
    ends_ms: "number",
    ...blobColumns,
  }),
  staged: table("staged", "postern_blob_staged", ["container_id", "name"], {
    container_id: "number",
    name: "name",
    id_length: "number",
    block_count: "number",
    modified_ms: "number",
  }),
  blocks: table("blocks", "postern_blob_blocks", ["container_id", "name", "block_id"], {
    container_id: "number",
    name: "name",
    block_id: "name",
    size_bytes: "number",
    content: "bytes",
  }),
  tags: table(
    "tags",
    "postern_blob_tags",
    ["container_id", "key", "value", "name"],
    { container_id: "number", key: "name", value: "name", name: "name" },
    true,
  ),
  endings: table(
    "endings",
    "postern_blob_endings",
    ["ends_ms", "container_id", "name"],
    { ends_ms: "number", container_id: "number", name: "name" },
    true,
  ),
} as const satisfies Record<string, Table>;

export const allTables: readonly Table[] = Object.values(tables);

const arrayTypes: Readonly<Record<ColumnType, string>> = {
  number: "bigint[]",
  text: "text[]",
  name: "bytea[]",
  bytes: "bytea[]",
};

/** A column's values of several rows as one parameter of a statement. */
export function encodeColumn(type: ColumnType, values: readonly Value[]): unknown[] {
  if (type === "name") return values.map((value) => (value === null ? null : Buffer.from(value as string)));
  if (type === "bytes") return values.map((value) => asBuffer(value as Uint8Array));
  return [...values];
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** `unnest($1::bigint[], $2::bytea[])`: several rows' columns as a table. @param first number of the first parameter. */
export function unnestOf({ columns }: Table, names: readonly string[], first = 1): string {
  return `unnest(${names.map((name, index) => `$${first + index}::${arrayTypes[columns[name]!]}`).join(", ")})`;
}

/** A row as PostgreSQL gives it, as SQLite would have. */
export function decodeRow({ columns }: Table, row: Row): Row {
  for (const name in row) {
    if (columns[name] === "name" && row[name] !== null) row[name] = (row[name] as Buffer).toString();
  }
  return row;
}

/** What tells a row from the table's others. */
export function keyOf({ key }: Table, row: Row): string {
  return key.length === 1 ? String(row[key[0]!]) : key.map((name) => row[name]).join("\u0000");
}
