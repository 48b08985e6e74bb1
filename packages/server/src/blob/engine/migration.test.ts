import assert from "node:assert/strict";
import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { makeScratchFolder, openScratchEngine, putBytes, readBytes } from "../testing/scratch-engine.ts";
import { migrations } from "./metadata-schema.ts";

test("a folder of the first schema opens, and what is in it is as it was", async (test) => {
  const stateDir = makeScratchFolder(test);
  const first = await openScratchEngine(test, { stateDir });
  const name = { account: "acct", container: "box", blob: "b" };
  await first.engine.createContainer(name, [["k", "v"]]);
  const { etag } = await putBytes(first.engine, name, Buffer.from("kept"), {
    metadata: [["a", "1"]],
    accessTier: "Cool",
  });
  await first.engine.close();
  const file = join(stateDir, "blobs", "metadata.db");
  const now = new DatabaseSync(file);
  const container = now.prepare("SELECT * FROM containers").get()!;
  const blob = now.prepare("SELECT * FROM blobs").get()!;
  const extents = now.prepare("SELECT * FROM extents").all();
  now.close();

  const oldDir = makeScratchFolder(test);
  mkdirSync(join(oldDir, "blobs"));
  const old = new DatabaseSync(join(oldDir, "blobs", "metadata.db"));
  old.exec(`${migrations[0]}; PRAGMA user_version = 1`);
  const { id, version, modified_ms: modified, metadata } = container;
  old.prepare("INSERT INTO containers VALUES (?, 'acct', 'box', ?, ?, ?)").run(id!, version!, modified!, metadata!);
  const order = ["container_id", "name", "version", "created_ms", "modified_ms", "size_bytes", "settings", "tier"];
  const values = [...order, "metadata", "content"].map((column) => blob[column]!);
  old.prepare("INSERT INTO blobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").run(...values);
  for (const extent of extents) {
    old.prepare("INSERT INTO extents VALUES (?, ?, ?)").run(extent.id!, extent.end_bytes!, extent.live_bytes!);
  }
  old.exec(`UPDATE counters SET value = ${version}`);
  old.close();
  cpSync(join(stateDir, "blobs", "extents"), join(oldDir, "blobs", "extents"), { recursive: true });

  const { engine, problems } = await openScratchEngine(test, { stateDir: oldDir });
  const found = (await engine.findContainer(name))!;
  assert.deepEqual(found.record.metadata, [["k", "v"]]);
  const record = (await engine.findBlob(found, "b"))!;
  assert.deepEqual(
    [record.etag, record.type, record.accessTier, record.metadata, record.tags],
    [etag, "BlockBlob", "Cool", [["a", "1"]], []],
  );
  assert.equal((await readBytes(engine, name))?.toString(), "kept");
  assert.deepEqual(problems, []);
});
