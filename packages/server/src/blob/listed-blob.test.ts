import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { ListedBlob, type ListedRow } from "./engine/blob-rows.ts";
import { encodeMetadata, encodeSettings, encodeState, SettingsFrame } from "./engine/row-format.ts";
import { etagOf } from "./engine/stamps.ts";
import { ItemWriter } from "./listed-blob.ts";
import { formatHttpDate } from "./resource-headers.ts";
import { featuresOf } from "./service-versions.ts";
import { noSettings } from "./testing/scratch-engine.ts";
import { nameWriterOf } from "./xml.ts";

const nowMs = Date.parse("2026-03-04T05:06:07Z");

function writerOf(version: string, include: readonly string[]): ItemWriter {
  const features = featuresOf(version);
  return new ItemWriter({ include: new Set(include), nowMs, features, writeName: nameWriterOf(version) });
}

const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });
const nullable = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null, freq: 2 });
/** Some of the same second, day and lease. */
const time = fc.oneof(fc.constantFrom(nowMs, nowMs + 1, nowMs - 1000), fc.integer({ min: 0, max: 4_102_444_800_000 }));
const text = fc.string({ unit: fc.constantFrom(..."aZé&<>\"'\\,[]\r\n\u0001\ufffe n"), minLength: 1, maxLength: 6 });
const md5 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const settings = fc
  .record({
    contentType: nullable(fc.constantFrom("text/plain", 'a"b', "x\\")),
    contentEncoding: nullable(fc.constantFrom("gzip", '","')),
    contentLanguage: nullable(text),
    contentDisposition: nullable(text),
    cacheControl: nullable(fc.constantFrom("no-cache", "no-store", "<")),
    contentMd5: nullable(md5),
  })
  .map(encodeSettings);
const pairs = fc
  .uniqueArray(fc.tuple(fc.constantFrom("a", "k", "__proto__"), text), { maxLength: 2, selector: ([name]) => name })
  .map(encodeMetadata);
const state = fc
  .record(
    {
      lease: fc.record({
        id: fc.constant("id"),
        durationSeconds: fc.constantFrom(-1, 15),
        endsMs: nullable(time),
        breaksMs: nullable(time),
      }),
      isSealed: fc.constant(true as const),
      lastAccessMs: time,
      sequenceNumber: fc.nat(),
      keySha256: text,
      encryptionScope: text,
    },
    { requiredKeys: [] },
  )
  .map(encodeState);
const row: fc.Arbitrary<ListedRow> = fc.record({
  name: text,
  version: fc.integer({ min: 1, max: 2 ** 51 }),
  created_ms: time,
  modified_ms: time,
  size_bytes: fc.nat(),
  type: fc.constantFrom("BlockBlob", "AppendBlob", "PageBlob"),
  version_id: nullable(fc.integer({ min: 1, max: 2 ** 50 })),
  settings,
  tier: nullable(fc.constantFrom("Hot", "Cool")),
  metadata: pairs,
  tags: pairs,
  state,
});
const standing = fc.record({
  kind: fc.constantFrom("S", "V", "D", "G"),
  stamp: fc.integer({ min: 1, max: 2 ** 50 }),
  deleted_ms: nullable(fc.constantFrom(nowMs, nowMs + 86_400_000)),
  ends_ms: nullable(fc.constantFrom(nowMs, nowMs + 86_400_000)),
});

/** Reviewed as a diff: POSTERN_UPDATE_GOLDEN=1 writes it. */
const golden = join(import.meta.dirname, "../../../../test/golden/listed-blobs.txt");
/** Has nearly all that a blob can have. */
const full: ListedRow = {
  name: "a&b/é",
  version: 0x1a2b_3c4d_5e6f,
  created_ms: nowMs - 90_000,
  modified_ms: nowMs - 1000,
  size_bytes: 12,
  type: "BlockBlob",
  version_id: 455_000_000_000_007,
  settings: '["text/plain","cmX00hG1aHOjgdMh9YbkqQ==","gzip","de","inline","no-cache"]',
  tier: "Archive",
  metadata: '[["m","<1>"]]',
  tags: '[["k","v"]]',
  state: encodeState({
    lease: { id: "x", durationSeconds: -1, endsMs: null, breaksMs: null },
    copy: {
      ...{
        id: "c",
        source: "https://s/?a&b",
        status: "success",
        statusDescription: null,
        copiedBytes: 1,
        totalBytes: 2,
      },
      ...{ completedMs: nowMs, destinationSnapshot: null },
    },
    ...{ isSealed: true, lastAccessMs: nowMs, expiresMs: nowMs + 1000, hasLegalHold: true, keySha256: "sum" },
    immutability: { untilMs: nowMs, mode: "Locked" },
    ...{ tierChangedMs: nowMs, rehydration: { tier: "Hot", priority: "High", doneMs: nowMs + 1 } },
  }),
};
const pageBlob: ListedRow = {
  ...{ ...full, name: "p\ufffe", type: "PageBlob", version_id: null, tier: null, metadata: "", tags: "" },
  settings: encodeSettings(noSettings),
  state: encodeState({ sequenceNumber: 7, incremental: { source: "s", snapshot: "t" } }),
};

test("blobs of every kind are written as the golden file has them, for new versions and old", () => {
  const past = { stamp: 455_000_000_000_007, deleted_ms: null, ends_ms: null };
  const deleted = { ...past, kind: "D", deleted_ms: nowMs - 5000, ends_ms: nowMs + 3 * 86_400_000 } as const;
  const includes = ["copy", "immutabilitypolicy", "legalhold", "metadata", "tags", "versions"];
  const pages: readonly (readonly [version: string, include: readonly string[], row: ListedRow])[] = [
    ["2025-07-05", includes, full],
    ["2018-11-09", [], full],
    ["2025-07-05", ["metadata", "deleted"], { ...pageBlob, ...deleted }],
    ["2020-02-10", [], { ...pageBlob, ...past, kind: "S" }],
    ["2025-07-05", ["deletedwithversions"], { ...full, ...past, kind: "G" }],
  ];
  const written = pages.map(([version, include, row]) => writerOf(version, include).render(new ListedBlob(row)));
  const lines = `${written.join("\n")}\n`.replaceAll("><", ">\n<");
  if (process.env.POSTERN_UPDATE_GOLDEN === "1") writeFileSync(golden, lines);
  assert.equal(
    lines,
    readFileSync(golden, "utf8"),
    "listings changed: run with POSTERN_UPDATE_GOLDEN=1 and review the diff",
  );
});

test("a blob is written as it would be by itself, whatever stood before it on the page", () => {
  // Neighbours of a few kinds that differ in one column, which is where one could be taken for the other.
  const columns = [
    "name",
    "version",
    "created_ms",
    "size_bytes",
    "type",
    "settings",
    "tier",
    "metadata",
    "tags",
    "state",
  ];
  const neighbour = fc.tuple(fc.nat(), fc.constantFrom(...columns), row, optional(standing));
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 3 }),
      fc.array(neighbour, { maxLength: 30 }),
      fc.subarray(["metadata", "tags", "versions", "copy"]),
      fc.constantFrom("2018-11-09", "2025-07-05"),
      (kinds, neighbours, include, version) => {
        const page = writerOf(version, include);
        for (const [kind, column, other, past] of neighbours) {
          const changed = { [column]: other[column as keyof ListedRow] };
          const blob = new ListedBlob({ ...kinds[kind % kinds.length]!, ...changed, ...past });
          assert.equal(page.render(blob), writerOf(version, include).render(blob));
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("more kinds of blobs than a page remembers are still each written as its own", () => {
  const page = writerOf("2025-07-05", []);
  const [base] = fc.sample(row, 1);
  for (let number = 0; number < 200; number++) {
    const type = `text/x-${(number * 7) % 61}`;
    const written = encodeSettings({ ...noSettings, contentType: type });
    const blob = new ListedBlob({ ...base!, settings: written });
    assert.ok(page.render(blob).includes(`<Content-Type>${type}</Content-Type>`));
  }
});

test("settings that are held by a frame differ in their MD5 only, and it is read from them", () => {
  fc.assert(
    fc.property(settings, settings, nullable(md5), (one, other, sum) => {
      const [type, , ...rest] = JSON.parse(one) as (string | null)[];
      const alike = JSON.stringify([type, sum, ...rest]);
      // As long as the first, and other than it before or behind the MD5.
      const sameLength = [alike.replace("plain", "other"), alike.replace("no-cache", "no-store")];
      for (const text of [one, other, alike, ...sameLength]) {
        const frame = new SettingsFrame(one);
        const [found, own] = [JSON.parse(text) as unknown[], JSON.parse(one) as unknown[]];
        const isAlike = JSON.stringify(found.toSpliced(1, 1)) === JSON.stringify(own.toSpliced(1, 1));
        if (frame.holds(text)) assert.deepEqual([isAlike, frame.md5Of(text)], [true, found[1]]);
        // Settings without an MD5 may stand for themselves only; of the others none is missed.
        else assert.ok(!isAlike || (own[1] === null) !== (found[1] === null));
      }
    }),
  );
});

test("ETags and times are written as by the plain ways", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (stamp) => {
      assert.equal(etagOf(stamp), `0x8${stamp.toString(16).toUpperCase().padStart(14, "0")}`);
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8_000_000_000_000 }), (timeMs) => {
      assert.equal(formatHttpDate(timeMs), new Date(timeMs).toUTCString());
      assert.equal(formatHttpDate(timeMs + 1), new Date(timeMs + 1).toUTCString());
    }),
  );
});
