/**
 * What the server says to its own command line: the one writes it, the other declares what it relies on, and neither imports the other, for they may be of two
 * versions. Here both declarations are held together, by the compiler and by a running cloud.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeReport, type StorageReport } from "../../packages/cli/src/commands/storage/check.ts";
import type { UpgradeReport as ReadUpgradeReport } from "../../packages/cli/src/commands/upgrade-check.ts";
import { pathsOf } from "../../packages/cli/src/state/paths.ts";
import { findRunning, type Status } from "../../packages/cli/src/state/status.ts";
import type { StoreReport } from "../../packages/server/src/blob/check/report.ts";
import type { CloudStatus } from "../../packages/server/src/cloud-start.ts";
import { checkUpgrade } from "../../packages/server/src/upgrade-check.ts";
import { startTestCloud } from "../support/cloud-in-process.ts";

test("status.json and the report of a check are what the command line reads", async (t) => {
  const cloud = await startTestCloud();
  t.after(() => cloud.dispose());
  const written: CloudStatus = cloud.status;
  const relied: Status = written;
  assert.deepEqual(await findRunning(pathsOf(written.stateDir)), relied);
  const answer = await cloud.client.send("localhost", "POST", "/postern/storage/check", {
    headers: { authorization: `Bearer ${await cloud.client.operatorToken("arm")}` },
  });
  const made: StoreReport = JSON.parse(answer.text);
  const read: StorageReport = made;
  assert.match(describeReport(read), /^0 containers, 0 blobs, [^u]*uncommitted[\s\S]*Nothing is damaged\.\n$/);
});

test("what would become of a folder is told in the words that the command line reads", async (t) => {
  const cloud = await startTestCloud();
  t.after(() => cloud.dispose());
  const report: ReadUpgradeReport = await checkUpgrade({ stateDir: cloud.status.stateDir });
  assert.deepEqual([report.canStart, report.isInUse, report.version], [true, true, cloud.status.version]);
});
