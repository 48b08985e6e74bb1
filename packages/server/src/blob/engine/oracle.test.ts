import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import fc from "fast-check";
import {
  makeScratchFolder,
  metadataFile,
  openScratchEngine,
  plain,
  putBlockBytes,
  putBytes,
  readBytes,
} from "../testing/scratch-engine.ts";
import type { BlobStore } from "./blob-store.ts";
import { restMs } from "./compactor.ts";
import { Content, encodeContent } from "./content.ts";
import { framedBytes } from "./extent-format.ts";
import { BlobRefusal, type BlockListEntry } from "./model.ts";

const place = { account: "acct", container: "c" };
const blobNames = ["a", "b"] as const;
const blockIds = ["MDE=", "MDI=", "MDM="] as const;

type Command =
  | { readonly do: "put"; readonly blob: string; readonly bytes: Buffer }
  | { readonly do: "block"; readonly blob: string; readonly blockId: string; readonly bytes: Buffer }
  | { readonly do: "commit"; readonly blob: string; readonly entries: readonly BlockListEntry[] }
  | { readonly do: "delete"; readonly blob: string }
  | { readonly do: "compact" }
  | { readonly do: "reopen" };

type OracleBlob = { readonly bytes: Buffer; readonly blocks: readonly (readonly [string, Buffer])[] };

/** The engine as one would write it in an afternoon. */
class Oracle {
  readonly blobs = new Map<string, OracleBlob>();
  readonly staged = new Map<string, Map<string, Buffer>>();

  run(command: Command): boolean {
    switch (command.do) {
      case "put":
        this.staged.delete(command.blob);
        this.blobs.set(command.blob, { bytes: command.bytes, blocks: [] });
        return true;
      case "block": {
        const blocks = this.staged.get(command.blob) ?? new Map<string, Buffer>();
        this.staged.set(command.blob, blocks.set(command.blockId, command.bytes));
        return true;
      }
      case "commit":
        return this.#commit(command.blob, command.entries);
      case "delete":
        return this.blobs.delete(command.blob);
      case "compact":
      case "reopen":
        return true;
    }
  }

  #commit(blob: string, entries: readonly BlockListEntry[]): boolean {
    const committed = new Map(this.blobs.get(blob)?.blocks ?? []);
    const blocks: (readonly [string, Buffer])[] = [];
    for (const { source, blockId } of entries) {
      const staged = source === "committed" ? undefined : this.staged.get(blob)?.get(blockId);
      const bytes = staged ?? (source === "uncommitted" ? undefined : committed.get(blockId));
      if (bytes === undefined) return false;
      blocks.push([blockId, bytes]);
    }
    this.staged.delete(blob);
    this.blobs.set(blob, { bytes: Buffer.concat(blocks.map(([, bytes]) => bytes)), blocks });
    return true;
  }
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
  fc.tuple(fc.integer({ min: 60_000, max: 200_000 }), fc.nat(255)).map(([size, fill]) => Buffer.alloc(size, fill)),
);
const blob = fc.constantFrom(...blobNames);
const blockId = fc.constantFrom(...blockIds);
const entry = fc.record({
  source: fc.constantFrom("committed" as const, "uncommitted" as const, "latest" as const),
  blockId,
});
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ do: fc.constant("put" as const), blob, bytes }),
  {
    arbitrary: fc.record({
      do: fc.constant("block" as const),
      blob,
      blockId,
      bytes: bytes.filter((block) => block.length > 0),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({ do: fc.constant("commit" as const), blob, entries: fc.array(entry, { maxLength: 5 }) }),
    weight: 4,
  },
  fc.record({ do: fc.constant("delete" as const), blob }),
  fc.record({ do: fc.constant("compact" as const) }),
  fc.record({ do: fc.constant("reopen" as const) }),
);

async function runOn(engine: BlobStore, step: Exclude<Command, { do: "reopen" | "compact" }>): Promise<boolean> {
  const name = { ...place, blob: step.blob };
  try {
    if (step.do === "put") await putBytes(engine, name, step.bytes);
    else if (step.do === "block") await putBlockBytes(engine, name, step.blockId, step.bytes);
    else if (step.do === "commit") await engine.putBlockList(name, step.entries, plain);
    else await engine.deleteBlob(name);
    return true;
  } catch (cause) {
    if (cause instanceof BlobRefusal) return false;
    throw cause;
  }
}

async function checkAgainst(oracle: Oracle, engine: BlobStore): Promise<void> {
  const container = (await engine.findContainer(place))!;
  for (const name of blobNames) {
    const expected = oracle.blobs.get(name);
    const got = await readBytes(engine, { ...place, blob: name });
    assert.equal(got?.toString("latin1"), expected?.bytes.toString("latin1"));
    const committed = (await engine.openBlob(container, name))?.content.blocks() ?? [];
    assert.deepEqual(
      Array.from(committed, (block) => [block.blockId, block.sizeBytes]),
      (expected?.blocks ?? []).map(([id, block]) => [id, block.length]),
    );
    assert.deepEqual(
      (await engine.uncommittedBlocks(container, name, "", 10)).map((block) => [block.blockId, block.sizeBytes]),
      [...(oracle.staged.get(name) ?? [])]
        .map(([id, block]) => [id, block.length])
        .sort(([a], [b]) => (a! < b! ? -1 : 1)),
    );
  }
}

/** What the ledger says is in use must be what the rows refer to, span by span. */
async function checkLedger(stateDir: string): Promise<void> {
  const database = new DatabaseSync(await metadataFile(stateDir), { readOnly: true });
  const used = new Map<number, number>();
  const rows = database.prepare("SELECT content FROM blobs UNION ALL SELECT content FROM blocks").all() as {
    content: Uint8Array;
  }[];
  for (const row of rows) {
    for (const span of new Content(row.content).spans()) {
      used.set(span.extentId, (used.get(span.extentId) ?? 0) + framedBytes(span.lengthBytes));
    }
  }
  const extents = database.prepare("SELECT id, live_bytes FROM extents").all() as { id: number; live_bytes: number }[];
  for (const { id, live_bytes: liveBytes } of extents) assert.equal(liveBytes, used.get(id) ?? 0);
  database.close();
}

test("any sequence of changes, with restarts between, leaves what a map of maps would hold", async (test) => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), async (commands) => {
      const stateDir = makeScratchFolder(test);
      let timeMs = Date.now();
      const options = { stateDir, extentLimitBytes: 150_000, now: () => new Date(timeMs) };
      let { engine } = await openScratchEngine(test, options);
      await engine.createContainer(place, []);
      const oracle = new Oracle();
      for (const step of commands) {
        const isExpected = oracle.run(step);
        if (step.do === "reopen") {
          await engine.close();
          ({ engine } = await openScratchEngine(test, options));
        } else if (step.do === "compact") {
          timeMs += restMs + 1;
          await engine.compact();
        } else assert.equal(await runOn(engine, step), isExpected, step.do);
      }
      await checkAgainst(oracle, engine);
      await engine.close();
      await checkLedger(stateDir);
    }),
    { numRuns: 25 },
  );
});

test("a content list reads back as written, and finds each byte's span", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 31 }), { minLength: 1, maxLength: 30 }), (lengths) => {
      const spans = lengths.map((lengthBytes, index) => ({
        extentId: index,
        offset: 2 ** 31 + index,
        lengthBytes,
        tag: 2 ** 32 - 1 - index,
      }));
      const blocks = lengths.map((sizeBytes, index) => ({ blockId: `id${index}`, sizeBytes }));
      const content = new Content(encodeContent(spans, blocks));
      assert.deepEqual([...content.blocks()], blocks);
      let start = 0;
      for (const [index, span] of spans.entries()) {
        const whole = { skipBytes: 0, runBytes: span.lengthBytes };
        assert.deepEqual(content.spanAt(index), { ...span, ...whole, start });
        assert.equal(content.findSpan(start), index);
        assert.equal(content.findSpan(start + span.lengthBytes - 1), index);
        start += span.lengthBytes;
      }
      assert.equal(content.sizeBytes, start);
    }),
  );
});
