/** Reads the metadata in the database: point reads and pages, each of one statement's moment. What any replica has answered as done is seen. */
import type { PostgresConnection } from "../../store/postgres-connection.ts";
import {
  blobRecord,
  type ContainerRow,
  containerColumns,
  containerRecord,
  type DescribingRow,
  describingColumns,
  historyRecord,
  type StandingRow,
  standingColumns,
} from "../engine/blob-rows.ts";
import { Content } from "../engine/content.ts";
import { decodePastPlace, encodePastPlace } from "../engine/history-listing.ts";
import { afterPrefix, laterOf, type Slice } from "../engine/listing-walk.ts";
import type { BlockRecord, ContainerKey } from "../engine/metadata-reader.ts";
import type { BlobMoment, BlobRecord, ContainerName, ContainerRecord, DeletedContainer } from "../engine/model.ts";
import { stampTimeOf } from "../engine/stamps.ts";
import { Gatherer } from "./gatherer.ts";
import { prepared } from "./prepared.ts";
import { decodeRow, encodeColumn, type Row, type Table, tables, unnestOf } from "./tables.ts";

/** No byte of UTF-8: above every name. */
export const aboveAllNames = Buffer.from([0xff]);

type PresentName = { readonly containerId: number; readonly blob: string };
type PresentRow = DescribingRow & { content: Buffer };

function withTable(columns: string): string {
  return columns
    .split(", ")
    .map((column) => `t.${column}`)
    .join(", ");
}

export class SharedReader {
  readonly #connection: PostgresConnection;
  readonly #containers = new Gatherer((names: readonly ContainerName[]) => this.#fetchContainers(names));
  readonly #present = new Gatherer((names: readonly PresentName[]) => this.#fetchPresent(names));

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  /** Texts among the values are names; all else is passed as it is. */
  async rows<Found>(table: Table, text: string, values: readonly (string | number | Buffer)[]): Promise<Found[]> {
    const bound = values.map((value) => (typeof value === "string" ? Buffer.from(value) : value));
    return this.rowsOf(table, text, bound);
  }

  /** The same with values as they are. */
  async rowsOf<Found>(table: Table, text: string, values: unknown[]): Promise<Found[]> {
    const rows = await this.#connection.query<Row>(prepared(text, values));
    return rows.map((row) => decodeRow(table, row)) as Found[];
  }

  container(name: ContainerName): Promise<ContainerKey | undefined> {
    return this.#containers.get(name);
  }

  async #fetchContainers(names: readonly ContainerName[]): Promise<(ContainerKey | undefined)[]> {
    const rows = await this.rowsOf<ContainerRow & { account: string }>(
      tables.containers,
      `SELECT t.account, ${withTable(containerColumns)} FROM ${unnestOf(tables.containers, ["account", "name"])} AS k(account, name)
       JOIN postern_blob_containers t ON t.account = k.account AND t.name = k.name`,
      [
        encodeColumn(
          "name",
          names.map(({ account }) => account),
        ),
        encodeColumn(
          "name",
          names.map(({ container }) => container),
        ),
      ],
    );
    const found = new Map(rows.map((row) => [`${row.account}/${row.name}`, row]));
    return names.map(({ account, container }) => {
      const row = found.get(`${account}/${container}`);
      return row && { id: row.id, record: containerRecord(row) };
    });
  }

  async #fetchPresent(names: readonly PresentName[]): Promise<(PresentRow | undefined)[]> {
    const rows = await this.rowsOf<PresentRow & { container_id: number }>(
      tables.blobs,
      `SELECT t.container_id, ${withTable(describingColumns)}, t.content
       FROM ${unnestOf(tables.blobs, tables.blobs.key)} AS k(container_id, name)
       JOIN postern_blobs t ON t.container_id = k.container_id AND t.name = k.name`,
      [
        names.map(({ containerId }) => containerId),
        encodeColumn(
          "name",
          names.map(({ blob }) => blob),
        ),
      ],
    );
    const found = new Map(rows.map((row) => [`${row.container_id}/${row.name}`, row]));
    return names.map(({ containerId, blob }) => found.get(`${containerId}/${blob}`));
  }

  async listContainers(account: string, prefix: string, from: string, limit: number): Promise<Slice<ContainerRecord>> {
    const rows = await this.rows<ContainerRow>(
      tables.containers,
      `SELECT ${containerColumns} FROM postern_blob_containers WHERE account = $1 AND name >= $2 AND name < $3 ORDER BY name LIMIT $4`,
      [account, laterOf(from, prefix), afterPrefix(prefix) ?? aboveAllNames, limit + 1],
    );
    return { items: rows.slice(0, limit).map(containerRecord), next: rows[limit]?.name };
  }

  /** The same with those that are deleted and kept. */
  async listAllContainers(
    account: string,
    prefix: string,
    from: string,
    nowMs: number,
    limit: number,
  ): Promise<Slice<ContainerRecord | DeletedContainer>> {
    const { name, stamp } = decodePastPlace(laterOf(from, prefix));
    const range = "account = $1 AND name >= $2 AND name < $3";
    const rows = await this.rows<ContainerRow & { deleted: number; deleted_ms: number; ends_ms: number }>(
      tables.deletedContainers,
      `SELECT * FROM (SELECT CAST(0 AS BIGINT) AS deleted, CAST(0 AS BIGINT) AS deleted_ms, CAST(0 AS BIGINT) AS ends_ms, ${containerColumns}
           FROM postern_blob_containers WHERE ${range} AND (name > $2 OR $4::bigint <= 0) ORDER BY name LIMIT $6) present
         UNION ALL
         SELECT * FROM (SELECT deleted, deleted_ms, ends_ms, ${containerColumns} FROM postern_blob_deleted_containers
           WHERE ${range} AND (name > $2 OR deleted >= $4) AND ends_ms > $5 ORDER BY name, deleted LIMIT $6) kept
         ORDER BY name, deleted LIMIT $6`,
      [account, name, afterPrefix(prefix) ?? aboveAllNames, stamp, nowMs, limit + 1],
    );
    const following = rows[limit];
    const items = rows.slice(0, limit).map((row) => {
      const record = containerRecord(row);
      if (row.deleted === 0) return record;
      return { ...record, deletedVersion: stampTimeOf(row.deleted), deletedMs: row.deleted_ms, endsMs: row.ends_ms };
    });
    return { items, next: following && encodePastPlace({ name: following.name, stamp: following.deleted }) };
  }

  /** What a name is, or was at a moment, with where its bytes are. What is deleted and only kept is not found. */
  async blob(
    { id }: ContainerKey,
    blob: string,
    moment: BlobMoment,
  ): Promise<{ record: BlobRecord; content: Content } | undefined> {
    if (moment.kind !== "snapshot") {
      const row = await this.#present.get({ containerId: id, blob });
      const isMeant = moment.kind === "present" || row?.version_id === moment.stamp;
      if (isMeant) return row && { record: blobRecord(row), content: new Content(row.content) };
    }
    const [row] = await this.rows<DescribingRow & StandingRow & { content: Buffer }>(
      tables.history,
      `SELECT ${standingColumns}, ${describingColumns}, content FROM postern_blob_history
       WHERE container_id = $1 AND name = $2 AND stamp = $3 AND kind = '${moment.kind === "snapshot" ? "S" : "V"}' AND ends_ms IS NULL`,
      [id, blob, moment.stamp],
    );
    return row && { record: historyRecord(row), content: new Content(row.content) };
  }

  /** Uncommitted blocks in order of their ids. @param after the last id of the slice before, or "". */
  async uncommittedBlocks({ id }: ContainerKey, blob: string, after: string, limit: number): Promise<BlockRecord[]> {
    const rows = await this.rows<{ block_id: string; size_bytes: number }>(
      tables.blocks,
      `SELECT block_id, size_bytes FROM postern_blob_blocks WHERE container_id = $1 AND name = $2 AND block_id > $3
       ORDER BY block_id LIMIT $4`,
      [id, blob, after, limit],
    );
    return rows.map((row) => ({ blockId: row.block_id, sizeBytes: row.size_bytes }));
  }

  async hasUncommittedBlocks({ id }: ContainerKey, blob: string): Promise<boolean> {
    const rows = await this.rows(
      tables.staged,
      "SELECT 1 AS found FROM postern_blob_staged WHERE container_id = $1 AND name = $2",
      [id, blob],
    );
    return rows.length > 0;
  }
}
