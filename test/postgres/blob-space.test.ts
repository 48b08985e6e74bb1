/** Extents and seats of replicas that share blobs: who gives space back, what waits for others' reads, and what a replica may do that lost its seat. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { BlobStore } from "../../packages/server/src/blob/engine/blob-store.ts";
import { restMs } from "../../packages/server/src/blob/engine/compactor.ts";
import { openSharedEngine } from "../../packages/server/src/blob/shared/shared-engine.ts";
import { putBytes, readBytes } from "../../packages/server/src/blob/testing/scratch-engine.ts";
import { connectTo } from "../../packages/server/src/blob/testing/scratch-shared-engine.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../support/postgres-server.ts";
import { until } from "./replica-pair.ts";

const skip = postgresMissing;
const place = { account: "acct", container: "c" };
const at = (blob: string) => ({ ...place, blob });
let postgres: PostgresServer;
let server = "";

before(async () => {
  if (skip) return;
  postgres = await startPostgres();
  server = await postgres.createDatabase();
});
after(() => postgres?.dispose());

/** Two replicas' engines with one clock that can be put on. */
async function startPair(name: string) {
  const folder = mkdtempSync(join(tmpdir(), "postern-space-"));
  let timeMs = Date.now();
  const now = () => new Date(timeMs);
  const problems: string[] = [];
  const open = async () => {
    const connection = await connectTo(server, name);
    const report = (problem: string) => problems.push(problem);
    const engine = await openSharedEngine({ connection, folder, report, now, extentLimitBytes: 128 * 1024 });
    return { engine: engine as BlobStore, close: () => engine.close().then(() => connection.close()) };
  };
  const [a, b] = [await open(), await open()];
  await a.engine.createContainer(place, []);
  return {
    ...{ a, b, problems },
    extents: () => readdirSync(join(folder, "extents")),
    pass: () => {
      timeMs += restMs + 1;
    },
    query: async (text: string) => {
      const url = new URL(server);
      url.pathname = `/${name}`;
      return postgres.query(url.href, text);
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const bytesOf = (index: number) => Buffer.alloc(20_000, `${index} `);

test("extents of a replica that is gone are taken over, and their space is given back", { skip }, async () => {
  const { a, b, extents, pass, query, dispose } = await startPair("gone");
  for (let index = 0; index < 20; index++) await putBytes(a.engine, at(`a${index}`), bytesOf(index));
  for (let index = 0; index < 5; index++) await putBytes(b.engine, at(`b${index}`), bytesOf(index));
  const before = extents();
  for (let index = 0; index < 20; index++) await b.engine.deleteBlob(at(`a${index}`));
  for (let run = 0; run < 3; run++, pass()) await b.engine.compact();
  assert.deepEqual(extents(), before, "they are the other's while it is there");
  await a.close();
  await b.engine.sweep();
  for (let run = 0; run < 4; run++, pass()) await b.engine.compact();
  assert.equal(extents().length, 1);
  assert.ok((await readBytes(b.engine, at("b3")))?.equals(bytesOf(3)));
  assert.equal((await query("SELECT count(*)::int AS count FROM postern_blob_extents"))[0]!.count, 1);
  await b.close();
  dispose();
});

test("a replica that lost its seat commits nothing by it, and goes on with another and new extents", {
  skip,
}, async () => {
  const { a, b, extents, problems, query, dispose } = await startPair("lost");
  await putBytes(a.engine, at("before"), bytesOf(1));
  const seats = "SELECT seat, holder FROM postern_blob_seats WHERE holder IS NOT NULL ORDER BY seat";
  const held = await query(seats);
  assert.equal(held.length, 2);
  await query("UPDATE postern_blob_seats SET expires_at = now() - INTERVAL '1 second' WHERE seat = 0");
  await b.engine.sweep();
  assert.equal((await query(seats)).length, 1, "taken from it");
  const before = extents();
  const body = await a.engine.store([bytesOf(2)], 20_000, { md5: false, crc64: false });
  await putBytes(a.engine, at("after"), bytesOf(3));
  assert.match(problems.join(), /out of touch/);
  const again = await query(seats);
  assert.equal(again.length, 2);
  assert.ok(again.every(({ holder }) => !held.some((one) => one.holder === holder && one.seat === 0)));
  await putBytes(a.engine, at("later"), bytesOf(4));
  assert.ok(extents().length > before.length, "what it had is another's now");
  for (const [blob, index] of [
    ["before", 1],
    ["after", 3],
    ["later", 4],
  ] as const)
    assert.ok((await readBytes(b.engine, at(blob)))?.equals(bytesOf(index)), blob);
  assert.equal(body.sizeBytes, 20_000);
  await Promise.all([a.close(), b.close()]);
  dispose();
});

test("what another replica is reading stays until it has", { skip }, async () => {
  const { a, b, extents, pass, dispose } = await startPair("reading");
  const bytes = Buffer.alloc(900_000, "long ");
  await putBytes(a.engine, at("long"), bytes);
  await putBytes(a.engine, at("next"), bytesOf(1));
  const view = (await b.engine.openBlob((await b.engine.findContainer(place))!, "long"))!;
  const reading = b.engine.read(view, 0, bytes.length);
  const pieces = [Buffer.from((await reading.next()).value as Buffer)];
  const before = extents().length;
  await a.engine.deleteBlob(at("long"));
  // The other says by itself, now and then, since when it reads.
  await b.engine.compact();
  for (let run = 0; run < 4; run++, pass()) assert.equal((await a.engine.compact()).removedExtents, 0);
  assert.equal(extents().length, before);
  for await (const piece of reading) pieces.push(Buffer.from(piece));
  assert.ok(Buffer.concat(pieces).equals(bytes));
  await until(async () => (await a.engine.compact()).removedExtents > 0, "space given back after the read");
  await Promise.all([a.close(), b.close()]);
  dispose();
});
