/** Signatures, user delegation, snapshots and leases by Debian's Python SDKs, unmodified. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cloud, startCloud } from "./cloud.ts";
import { assertSucceeded } from "./execution.ts";
import { python311, python313 } from "./installed.ts";
import { callResourceManager, createWalkthrough } from "./seed.ts";

const program = join(import.meta.dirname, "programs", "blob_ways.py");

const expected = {
  "of the blob": "one",
  "of the blob, for another": "AuthenticationFailed",
  expired: "AuthenticationFailed",
  "from elsewhere": "AuthorizationSourceIPMismatch",
  "of the account": ["box"],
  delegated: "one",
  "delegated, listed": ["a letter.txt"],
  "delegated, without the letter": "AuthorizationPermissionMismatch",
  snapshot: "one",
  "snapshot, listed": [true, false],
  "deleted with snapshots": "SnapshotsPresent",
  "leased, without": "LeaseIdMissing",
  "leased, with": "done",
  "leased again": "LeaseAlreadyPresent",
  released: "four",
  deleted: "done",
  "with its key": "secret",
  "without its key": "BlobUsesCustomerSpecifiedEncryption",
  "with another key": "BlobCustomerSpecifiedEncryptionMismatch",
  incremental: true,
  "incremental, read": "OperationNotAllowedOnIncrementalCopyBlob",
  differences: [1024],
  website: "index.html",
  "by an older version": ["old"],
  "by an older version, tags": "InvalidQueryParameterValue",
};

/** Debian 12's SDK cannot ask for such a copy. */
const withoutIncrements = { incremental: "not by this SDK", "incremental, read": "BlobNotFound" };

for (const { name, python, skip } of [python311, python313]) {
  describe(name, { skip }, () => {
    let cloud: Cloud;
    before(async () => {
      cloud = await startCloud();
    });
    after(() => cloud?.stop());

    it("signs, delegates, takes snapshots and leases, brings keys of its own, copies by increments, speaks an older version", async () => {
      const { account, scope } = await createWalkthrough(cloud, "python-ways");
      const path = `${scope}/providers/Microsoft.Storage/storageAccounts/${account}/listKeys?api-version=2024-01-01`;
      const { keys } = await callResourceManager<{ keys: { value: string }[] }>(cloud, "POST", path);
      const done = await cloud.run([python, program, account, keys[0]!.value], { as: "python-ways" });
      const outcomes = JSON.parse(assertSucceeded(done).stdout);
      const isCopied = outcomes.incremental !== "not by this SDK";
      assert.deepEqual(outcomes, isCopied ? expected : { ...expected, ...withoutIncrements });
    });
  });
}
