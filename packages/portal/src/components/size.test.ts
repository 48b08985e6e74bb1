import assert from "node:assert/strict";
import { test } from "node:test";
import { formatSize } from "./size.ts";

test("sizes are written in the unit that leaves few digits", () => {
  assert.equal(formatSize(0), "0 B");
  assert.equal(formatSize(1023), "1,023 B");
  assert.equal(formatSize(1536), "1.5 KiB");
  assert.equal(formatSize(9 * 1024 * 1024 + 1), "9 MiB");
  assert.equal(formatSize(2 ** 40), "1 TiB");
  assert.equal(formatSize(2 ** 52), "4,096 TiB");
});
