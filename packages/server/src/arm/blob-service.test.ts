import assert from "node:assert/strict";
import { test } from "node:test";
import { startTrialCloud, trial } from "./trial-cloud.ts";

const group = `/subscriptions/${trial.subscriptionId}/resourceGroups/rg1`;
const account = `${group}/providers/Microsoft.Storage/storageAccounts/acct1`;
const version = "?api-version=2022-09-01";

test("what a blob service keeps is set, shown, and stays where nothing is said", async (test) => {
  const arm = await startTrialCloud({});
  test.after(() => arm.close());
  await arm.send("PUT", `${group}?api-version=2021-04-01`, { body: { location: "westeurope" } });
  const made = { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_LRS" } };
  await arm.send("PUT", `${account}${version}`, { body: made });
  const put = async (properties: object) =>
    arm.send("PUT", `${account}/blobServices/default${version}`, { body: { properties } });
  const first = await put({ isVersioningEnabled: true, deleteRetentionPolicy: { enabled: true, days: 7 } });
  assert.equal(first.status, 200);
  await put({ containerDeleteRetentionPolicy: { enabled: true, days: 3 } });
  const { properties } = (await arm.send("GET", `${account}/blobServices/default${version}`)).json;
  assert.deepEqual(properties, {
    cors: { corsRules: [] },
    deleteRetentionPolicy: { enabled: true, days: 7, allowPermanentDelete: false },
    containerDeleteRetentionPolicy: { enabled: true, days: 3 },
    isVersioningEnabled: true,
  });
  assert.equal((await put({ deleteRetentionPolicy: { enabled: true, days: 366 } })).status, 400);
  assert.equal((await put({ deleteRetentionPolicy: { enabled: true } })).status, 400);
  assert.equal((await put({ isVersioningEnabled: "yes" })).status, 400);
  assert.equal((await put({ changeFeed: { enabled: true } })).status, 501);
  const tracked = await put({ lastAccessTimeTrackingPolicy: { enable: true } });
  assert.equal(tracked.json.properties.lastAccessTimeTrackingPolicy.enable, true);
  await put({ lastAccessTimeTrackingPolicy: { enable: false } });
  const off = await put({ deleteRetentionPolicy: { enabled: false }, isVersioningEnabled: false });
  assert.deepEqual(off.json.properties.deleteRetentionPolicy, { enabled: false, allowPermanentDelete: false });
});
