import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Crc64 } from "./crc64.ts";

test("the sum of the check string is the published one", () => {
  // CRC-64/NVME of "123456789", which is the sum of Azure Storage: https://reveng.sourceforge.io/crc-catalogue/17plus.htm#crc.cat.crc-64-nvme
  const sum = new Crc64().update(Buffer.from("123456789")).digest();
  assert.equal(sum.readBigUInt64LE().toString(16), "ae8b14860a799888");
});

test("the sum is the same however the bytes come: in short pieces by tables, in long ones by the machine", () => {
  const bytes = Buffer.from(Uint8Array.from({ length: 150_001 }, (_, index) => (index * 2_654_435_761) >>> 24));
  const byTables = new Crc64();
  for (let at = 0; at < bytes.length; at += 999) byTables.update(bytes.subarray(at, at + 999));
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 5 }), (cuts) => {
      const sum = new Crc64();
      let from = 0;
      for (const cut of [...cuts.sort((a, b) => a - b), bytes.length]) {
        sum.update(bytes.subarray(from, cut));
        from = cut;
      }
      assert.deepEqual(sum.digest(), byTables.digest());
    }),
    { numRuns: 50 },
  );
});
