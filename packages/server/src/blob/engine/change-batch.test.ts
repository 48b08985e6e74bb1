import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBatch, encodeBatch, type SentChange } from "./change-batch.ts";

const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value));
const plain = { noNullPrototype: true } as const;
const place = { account: "a", container: "c", containerId: 1, of: { table: "blobs" } } as const;
const change: fc.Arbitrary<SentChange> = fc.record(
  {
    ticket: fc.nat(),
    timeMs: fc.nat(),
    mutation: fc.oneof(
      fc.record({ name: fc.string({ unit: "grapheme" }), before: bytes, after: bytes }, plain).map((values) => ({
        ...{ kind: "move-content" as const, ...place },
        ...values,
      })),
      fc.record({ blob: fc.string({ unit: "binary" }), blockId: fc.string(), content: bytes }, plain).map((values) => ({
        ...{ kind: "put-block" as const, account: "a", container: "c", leaseId: null },
        ...values,
      })),
      fc.constant({ kind: "forget-extent" as const, extentId: 3 }),
    ),
    record: fc.option(fc.record({ extentId: fc.nat(), offset: fc.nat(), bytes }, plain), { nil: undefined }),
  },
  plain,
) as fc.Arbitrary<SentChange>;

test("a batch reads back as it was written, bytes and all", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
      assert.deepEqual(decodeBatch(encodeBatch(changes)), changes);
    }),
  );
});
