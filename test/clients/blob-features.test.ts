/** What @azure/storage-blob, unmodified, does with blobs beyond reading and writing them: tags, and what else its programs feature. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cloud, startCloud } from "./cloud.ts";
import { assertSucceeded } from "./execution.ts";
import { assignRole, callResourceManager, createApp, createPlace } from "./seed.ts";

const program = join(import.meta.dirname, "programs", "blob-features.mjs");

/** By feature, what the program must say. */
const expected: Readonly<Record<string, unknown>> = {
  tags: {
    tags: { State: "open", "Work item": "7" },
    found: ["tags/a.txt"],
    shut: ["a.txt", "b.txt"],
    listed: ["shut", "shut"],
    count: 1,
    refused: "ConditionNotMet",
    removed: "done",
  },
  leases: {
    refused: "LeaseIdMissing",
    held: "done",
    leaseState: "leased",
    leaseTime: 0,
    broken: "broken",
    container: "done",
    kept: "LeaseIdMissing",
  },
  snapshots: { old: "one", listed: [true, false], refused: "SnapshotsPresent", deleted: "done" },
  appends: { offset: "0", refused: "AppendPositionConditionNotMet", sealed: "BlobIsSealed", text: "one,two", count: 2 },
  // The SDK says of a range how far its last byte is from its first.
  pages: {
    pages: [
      [512, 511],
      [2048, 511],
    ],
    changed: [[2048, 511]],
    cleared: [[1024, 511]],
    contentLength: 8192,
    blobSequenceNumber: 7,
    sum: 512 * 3,
  },
  copies: {
    copyStatus: "success",
    texts: ["the source", "the source", "the source", "source"],
    metadata: { a: "1" },
    elsewhere: "CannotVerifyCopySource",
  },
  batches: { moved: [200, 200, 200], deleted: [202, 202, 202, "BlobNotFound"], left: [] },
  tiers: {
    archived: "BlobArchived",
    archiveStatus: "rehydrate-pending-to-cool",
    legalHold: true,
    deleted: "BlobImmutableDueToPolicy",
  },
  keys: {
    isSaid: true,
    texts: ["secret", "staged", "one", "scoped"],
    without: "BlobUsesCustomerSpecifiedEncryption",
    withAnother: "BlobCustomerSpecifiedEncryptionMismatch",
    withNeed: "BlobCustomerSpecifiedEncryptionMismatch",
    scope: "alpha",
    listed: [true],
  },
  increments: {
    isIncrementalCopy: true,
    copyStatus: "success",
    sum: 512 * 3,
    earlier: "IncrementalCopyOfEarlierSnapshotNotAllowed",
    read: "OperationNotAllowedOnIncrementalCopyBlob",
    changed: [[1024, 511]],
  },
  listings: { from: ["c", "d"] },
  secondary: { text: "both", status: "live", isInStep: true, refused: "InsufficientAccountPermissions" },
  website: {
    enabled: true,
    days: 7,
    pages: [
      [200, "home", "text/html"],
      [404, "gone", "text/html"],
    ],
  },
};

describe("@azure/storage-blob", () => {
  let cloud: Cloud;
  let results: Record<string, unknown>;
  before(async () => {
    cloud = await startCloud();
    const { account, scope } = await createPlace(cloud, "features", "blobfeatures");
    const app = await createApp(cloud, "features");
    await assignRole(cloud, app.appId, "Storage Blob Data Owner", scope);
    await assignRole(cloud, app.appId, "Storage Account Contributor", scope);
    const encryptionScope = `${scope}/providers/Microsoft.Storage/storageAccounts/${account}/encryptionScopes/alpha`;
    await callResourceManager(cloud, "PUT", `${encryptionScope}?api-version=2024-01-01`, { properties: {} });
    const client = [process.execPath, program, account, ...Object.keys(expected)];
    results = JSON.parse(assertSucceeded(await cloud.run(client, { as: "features" })).stdout);
  });
  after(() => cloud?.stop());

  for (const [feature, outcome] of Object.entries(expected)) {
    it(feature, () => assert.deepEqual(results[feature], outcome));
  }
});
