import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import fc from "fast-check";
import { makeScratchFolder, metadataFile, openScratchEngine, putBytes } from "../testing/scratch-engine.ts";
import type { BlobStore } from "./blob-store.ts";
import { restMs } from "./compactor.ts";
import { Content } from "./content.ts";
import { framedBytes } from "./extent-format.ts";
import { type BlobMoment, BlobRefusal, present, type Retention } from "./model.ts";
import { parseStampTime } from "./stamps.ts";

const place = { account: "acct", container: "c" };
const name = { ...place, blob: "b" };

/** A state of the one name: its text, and whether it is only kept. */
type Kept = { readonly text: string; isDeleted: boolean };

/** What the engine keeps of one name, as one would write it with three maps. */
class Oracle {
  current: { text: string; versionId: string | null } | null = null;
  readonly snapshots = new Map<string, Kept>();
  readonly versions = new Map<string, Kept>();
  /** Deleted blobs, of which none is asked for by a number. */
  buried: string[] = [];
  readonly retention: Retention;
  constructor(retention: Retention) {
    this.retention = retention;
  }

  #keepVersion(): void {
    if (this.current?.versionId)
      this.versions.set(this.current.versionId, { text: this.current.text, isDeleted: false });
  }

  overwrite(text: string, versionId: string | null): void {
    this.#keepVersion();
    // What soft delete keeps of an overwritten blob is a snapshot of which nobody knows the number: it comes back only with all others.
    if (this.current !== null && !this.retention.isVersioned && this.retention.deletedBlobDays !== null) this.lost += 1;
    this.current = { text, versionId };
  }
  lost = 0;

  delete(): void {
    this.#keepVersion();
    if (!this.retention.isVersioned && this.retention.deletedBlobDays !== null) this.buried.push(this.current!.text);
    this.current = null;
    this.dropSnapshots();
  }

  drop(states: Map<string, Kept>, id: string): void {
    if (this.retention.deletedBlobDays === null) states.delete(id);
    else states.get(id)!.isDeleted = true;
  }

  dropSnapshots(): void {
    for (const [id, { isDeleted }] of [...this.snapshots]) if (!isDeleted) this.drop(this.snapshots, id);
  }

  undelete(): void {
    for (const state of [...this.snapshots.values(), ...this.versions.values()]) state.isDeleted = false;
    if (this.current === null && this.buried.length > 0) this.current = { text: this.buried.pop()!, versionId: null };
    this.lost += this.buried.length;
    this.buried = [];
  }
}

type Step =
  | { readonly do: "put" | "metadata" | "snapshot" | "delete" | "only" | "undelete" | "compact" }
  | { readonly do: "drop"; readonly pick: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ do: fc.constantFrom("put" as const, "snapshot" as const) }), weight: 4 },
  fc.record({ do: fc.constantFrom("metadata" as const, "delete" as const, "only" as const) }),
  fc.record({ do: fc.constantFrom("undelete" as const, "compact" as const) }),
  fc.record({ do: fc.constant("drop" as const), pick: fc.nat(20) }),
);

async function textAt(engine: BlobStore, moment: BlobMoment): Promise<string | null> {
  const view = await engine.openBlob((await engine.findContainer(place))!, "b", moment);
  if (view === undefined) return null;
  const pieces: Buffer[] = [];
  for await (const piece of engine.read(view, 0, view.record.sizeBytes)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}

async function check(engine: BlobStore, oracle: Oracle): Promise<void> {
  assert.equal(await textAt(engine, present), oracle.current?.text ?? null);
  for (const [kind, states] of [
    ["snapshot", oracle.snapshots],
    ["version", oracle.versions],
  ] as const) {
    for (const [id, { text, isDeleted }] of states) {
      assert.equal(
        await textAt(engine, { kind, stamp: parseStampTime(id)! }),
        isDeleted ? null : text,
        `${kind} ${id}`,
      );
    }
  }
  const past = { snapshots: true, versions: true, deleted: false, gone: false };
  const listing = { prefix: "", delimiter: "", from: "", limit: 500, hasUncommitted: false, past, nowMs: engine.nowMs };
  const { items } = await engine.listBlobs((await engine.findContainer(place))!, listing);
  const kept = [...oracle.snapshots.values(), ...oracle.versions.values()].filter(({ isDeleted }) => !isDeleted);
  const shown = items.filter((item) => item.kind === "blob").length;
  const least = kept.length + (oracle.current === null ? 0 : 1);
  assert.ok(shown >= least && shown <= least + oracle.lost, `${shown} of ${least}`);
}

/** Every row of either table counts once for what it refers to. */
async function checkLedger(stateDir: string): Promise<void> {
  const database = new DatabaseSync(await metadataFile(stateDir), { readOnly: true });
  const used = new Map<number, number>();
  const rows = database.prepare("SELECT content FROM blobs UNION ALL SELECT content FROM history").all();
  for (const { content } of rows) {
    for (const { extentId, runBytes } of new Content(content as Uint8Array).spans()) {
      used.set(extentId, (used.get(extentId) ?? 0) + framedBytes(runBytes));
    }
  }
  for (const { id, live_bytes: liveBytes } of database.prepare("SELECT id, live_bytes FROM extents").all()) {
    assert.equal(liveBytes, used.get(id as number) ?? 0);
  }
  database.close();
}

async function take(engine: BlobStore, oracle: Oracle, one: Step, text: string): Promise<void> {
  const { retention } = oracle;
  const { current, snapshots, versions } = oracle;
  switch (one.do) {
    case "put": {
      const written = await putBytes(engine, name, Buffer.from(text), { retention });
      return oracle.overwrite(text, written.versionId ?? null);
    }
    case "metadata": {
      const written = await engine.setBlobMetadata(name, [["a", text]], { retention });
      // Only where versions are kept is it another state.
      if (retention.isVersioned) oracle.overwrite(current!.text, written.versionId!);
      return;
    }
    case "snapshot": {
      const { snapshot } = await engine.snapshotBlob(name, null, { retention });
      snapshots.set(snapshot!, { text: current!.text, isDeleted: false });
      return;
    }
    case "delete":
      await engine.deleteBlob(name, { retention }, "include");
      return oracle.delete();
    case "only":
      await engine.deleteBlob(name, { retention }, "only");
      return oracle.dropSnapshots();
    case "undelete":
      await engine.undeleteBlob(name);
      return oracle.undelete();
    case "drop": {
      const all = [
        ...[...snapshots].map(([id]) => ["snapshot", id] as const),
        ...[...versions].map(([id]) => ["version", id] as const),
      ];
      if (all.length === 0) return;
      const [kind, id] = all[one.pick % all.length]!;
      await engine.deletePast(name, { kind, stamp: parseStampTime(id)! }, false, { retention });
      return oracle.drop(kind === "snapshot" ? snapshots : versions, id);
    }
    case "compact":
      await engine.compact();
  }
}

/** Whether the step is one that must be refused as things stand. */
function isRefused(oracle: Oracle, one: Step): boolean {
  if (one.do === "put" || one.do === "compact" || one.do === "undelete") return false;
  if (one.do !== "drop") return oracle.current === null;
  const all = [...oracle.snapshots.values(), ...oracle.versions.values()];
  return all.length > 0 && all[one.pick % all.length]!.isDeleted;
}

for (const retention of [
  { isVersioned: false, deletedBlobDays: null },
  { isVersioned: false, deletedBlobDays: 7 },
  { isVersioned: true, deletedBlobDays: null },
  { isVersioned: true, deletedBlobDays: 7 },
] satisfies Retention[]) {
  test(`a name's history is what three maps would hold: ${JSON.stringify(retention)}`, async (test) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
        let timeMs = Date.now();
        const stateDir = makeScratchFolder(test);
        const { engine } = await openScratchEngine(test, {
          stateDir,
          extentLimitBytes: 4096,
          now: () => new Date(timeMs),
        });
        await engine.createContainer(place, []);
        const oracle = new Oracle(retention);
        for (const [index, one] of steps.entries()) {
          if (one.do === "compact") timeMs += restMs + 1;
          const refused = isRefused(oracle, one);
          const done = take(engine, oracle, one, `${index} `.repeat(200));
          if (refused) await assert.rejects(done, BlobRefusal);
          // Nothing was ever there to be had back.
          else if (one.do === "undelete") await done.catch(() => assert.equal(oracle.current, null));
          else await done;
          await check(engine, oracle);
        }
        await engine.close();
        await checkLedger(stateDir);
      }),
      { numRuns: 12 },
    );
  });
}
