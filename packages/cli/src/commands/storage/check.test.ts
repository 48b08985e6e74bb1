import assert from "node:assert/strict";
import { test } from "node:test";
import { describeReport, type StorageReport } from "./check.ts";

const sound: StorageReport = {
  isSound: true,
  containerCount: 1,
  blobCount: 2,
  pastCount: 3,
  blockCount: 4,
  extentCount: 5,
  checkedBytes: 1536,
  unusedBytes: 3 * 1024 ** 3,
  findingCount: 0,
  findings: [],
};

test("a store that is whole is told in a few words", () => {
  const text = describeReport(sound);
  assert.match(text, /^1 containers, 2 blobs, 3 older states, 4 uncommitted blocks, 5 extents\n1\.5 KiB read/);
  assert.match(text, /3\.0 GiB not in use\nNothing is damaged\.\n$/);
});

test("damage names the blob, its state, what is wrong and what can be done; what is not named is counted", () => {
  const row = { account: "acct", container: "box", blob: "a b", state: "present" };
  const findings = [
    { kind: "content-damaged", detail: "extent 1, record at 64", remedy: "Write it again.", row },
    { kind: "content-damaged", detail: "d", remedy: "r", row: { ...row, state: "snapshot 2026" } },
    { kind: "extent-missing", detail: "extent 2 is gone", remedy: "Put it back." },
  ];
  const text = describeReport({ ...sound, isSound: false, findingCount: 5, findings });
  assert.match(text, /\ncontent-damaged: acct\/box\/a b: extent 1, record at 64\n {2}Write it again\.\n/);
  assert.match(text, /acct\/box\/a b \(snapshot 2026\): d\n/);
  assert.match(
    text,
    /\nextent-missing: extent 2 is gone\n {2}Put it back\.\n\.\.\. and 2 more\n\n5 things are damaged\.\n$/,
  );
});
