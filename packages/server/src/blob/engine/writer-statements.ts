/** The writer's prepared statements. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { containerColumns } from "./blob-rows.ts";

const blobColumns =
  "container_id, name, version, created_ms, modified_ms, size_bytes, type, version_id, settings, tier, metadata, tags, state, content";
const blobMarks = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";
const named = "container_id = ? AND name = ?";

export type WriterStatements = ReturnType<typeof prepareStatements>;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a table of statements
export function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    begin: prepare("BEGIN IMMEDIATE"),
    commit: prepare("COMMIT"),
    readJournaled: prepare("SELECT value FROM counters WHERE name = 'journaled'"),
    writeJournaled: prepare("UPDATE counters SET value = ? WHERE name = 'journaled'"),
    readVersion: prepare("SELECT value FROM counters WHERE name = 'version'"),
    writeVersion: prepare("UPDATE counters SET value = ? WHERE name = 'version'"),
    findContainer: prepare(`SELECT ${containerColumns} FROM containers WHERE account = ? AND name = ?`),
    insertContainer: prepare(
      "INSERT INTO containers (account, name, version, modified_ms, metadata, state, access) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ),
    reinsertContainer: prepare(
      "INSERT INTO containers (account, name, version, modified_ms, metadata, state, access, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    updateContainer: prepare(
      "UPDATE containers SET version = ?, modified_ms = ?, metadata = ?, state = ?, access = ? WHERE id = ?",
    ),
    deleteContainer: prepare("DELETE FROM containers WHERE id = ?"),
    deleteContainersOfAccount: prepare("DELETE FROM containers WHERE account = ?"),
    keepContainer: prepare("INSERT INTO deleted_containers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    findKeptContainer: prepare("SELECT * FROM deleted_containers WHERE account = ? AND name = ? AND deleted = ?"),
    forgetKeptContainer: prepare("DELETE FROM deleted_containers WHERE id = ?"),
    keptContainersOfAccount: prepare("SELECT id FROM deleted_containers WHERE account = ?"),
    endedContainers: prepare("SELECT id FROM deleted_containers WHERE ends_ms <= ? LIMIT ?"),
    beginPurge: prepare("INSERT INTO purges (container_id) VALUES (?)"),
    beginPurgeOfAccount: prepare("INSERT INTO purges SELECT id FROM containers WHERE account = ?"),
    nextPurge: prepare("SELECT container_id FROM purges LIMIT 1"),
    endPurge: prepare("DELETE FROM purges WHERE container_id = ?"),
    purgeStaged: prepare("DELETE FROM staged WHERE container_id = ?"),
    purgeReads: {
      blobs: prepare("SELECT name, tags, content FROM blobs WHERE container_id = ? LIMIT ?"),
      history: prepare("SELECT name, stamp, content FROM history WHERE container_id = ? LIMIT ?"),
      blocks: prepare("SELECT name, block_id, content FROM blocks WHERE container_id = ? LIMIT ?"),
    },
    findBlob: prepare(`SELECT ${blobColumns} FROM blobs WHERE ${named}`),
    findBlobState: prepare(`SELECT type, state FROM blobs WHERE ${named}`),
    writeBlob: prepare(`INSERT OR REPLACE INTO blobs (${blobColumns}) VALUES (${blobMarks})`),
    deleteBlob: prepare(`DELETE FROM blobs WHERE ${named}`),
    findPast: prepare(
      `SELECT stamp, kind, deleted_ms, ends_ms, ${blobColumns} FROM history WHERE ${named} AND stamp = ?`,
    ),
    pastOf: prepare(`SELECT stamp, kind, deleted_ms, ends_ms FROM history WHERE ${named} ORDER BY stamp`),
    hasSnapshot: prepare(`SELECT 1 FROM history WHERE ${named} AND kind = 'S' AND ends_ms IS NULL LIMIT 1`),
    writePast: prepare(
      `INSERT OR REPLACE INTO history (stamp, kind, deleted_ms, ends_ms, ${blobColumns}) VALUES (?, ?, ?, ?, ${blobMarks})`,
    ),
    setPast: prepare(`UPDATE history SET kind = ?, deleted_ms = ?, ends_ms = ? WHERE ${named} AND stamp = ?`),
    deletePast: prepare(`DELETE FROM history WHERE ${named} AND stamp = ?`),
    endedPast: prepare("SELECT container_id, name, stamp, content FROM history WHERE ends_ms <= ? LIMIT ?"),
    moveContent: {
      blobs: prepare(`UPDATE blobs SET content = ? WHERE ${named}`),
      history: prepare(`UPDATE history SET content = ? WHERE ${named} AND stamp = ?`),
      blocks: prepare(`UPDATE blocks SET content = ? WHERE ${named} AND block_id = ?`),
    },
    contentOf: {
      blobs: prepare(`SELECT content FROM blobs WHERE ${named}`),
      history: prepare(`SELECT content FROM history WHERE ${named} AND stamp = ?`),
      blocks: prepare(`SELECT content FROM blocks WHERE ${named} AND block_id = ?`),
    },
    addTag: prepare("INSERT OR REPLACE INTO tags (container_id, key, value, name) VALUES (?, ?, ?, ?)"),
    removeTag: prepare("DELETE FROM tags WHERE container_id = ? AND key = ? AND value = ? AND name = ?"),
    addEnding: prepare("INSERT OR REPLACE INTO endings (ends_ms, container_id, name) VALUES (?, ?, ?)"),
    removeEnding: prepare("DELETE FROM endings WHERE ends_ms = ? AND container_id = ? AND name = ?"),
    ended: prepare("SELECT ends_ms, container_id, name FROM endings WHERE ends_ms <= ? LIMIT ?"),
    findStaged: prepare(`SELECT id_length, block_count FROM staged WHERE ${named}`),
    writeStaged: prepare("INSERT OR REPLACE INTO staged VALUES (?, ?, ?, ?, ?)"),
    deleteStaged: prepare(`DELETE FROM staged WHERE ${named}`),
    stagedAfter: prepare(
      "SELECT container_id, name, modified_ms FROM staged WHERE (container_id, name) > (?, ?) ORDER BY container_id, name LIMIT ?",
    ),
    findBlock: prepare(`SELECT block_id, size_bytes, content FROM blocks WHERE ${named} AND block_id = ?`),
    blocksOf: prepare(`SELECT block_id, size_bytes, content FROM blocks WHERE ${named}`),
    writeBlock: prepare("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?, ?)"),
    deleteBlocks: prepare(`DELETE FROM blocks WHERE ${named}`),
    deleteBlock: prepare(`DELETE FROM blocks WHERE ${named} AND block_id = ?`),
  };
}
