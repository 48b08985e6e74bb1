import assert from "node:assert/strict";
import { test } from "node:test";
import { put } from "../state/change.ts";
import type { StorageAccount } from "../state/entities.ts";
import { findResource, isArmAudience, isGraphAudience, isStorageAudience, ownOriginsOf } from "./audiences.ts";
import { application, ids, makeSampleModel } from "./sample-directory.ts";

const own = ownOriginsOf("https://localhost:8443");

const arm = ["https://management.azure.com", "https://management.azure.com/", "https://management.core.windows.net"];
const graph = ["https://graph.microsoft.com", "https://graph.microsoft.com/", "00000003-0000-0000-c000-000000000000"];
const storage = ["https://storage.azure.com", "https://storage.azure.com/", "e406a681-f3d4-42a8-90b6-c2b029497af1"];
const strange = [
  "",
  "/",
  "https://management.azure.com//",
  "https://management.azure.com.evil.test",
  "https://management.azure.com/x",
  "http://management.azure.com",
  "HTTPS://MANAGEMENT.AZURE.COM",
  "https://localhost:9999",
  "https://other.blob.core.windows.net",
  "https://acct.blob.core.windows.net.evil.test",
  "https://acct.queue.core.windows.net",
];

test("each resource server takes its own names, slash or not, and nobody else's", () => {
  for (const audience of [...arm, ...graph, ...storage, ...strange]) {
    assert.equal(isArmAudience(audience, own), arm.includes(audience), `arm ${audience}`);
    assert.equal(isGraphAudience(audience, own), graph.includes(audience), `graph ${audience}`);
    assert.equal(isStorageAudience(audience, "acct"), storage.includes(audience), `storage ${audience}`);
  }
});

test("a token for one storage account's own name is no token for another", () => {
  assert.ok(isStorageAudience("https://acct.blob.core.windows.net/", "acct"));
  assert.ok(!isStorageAudience("https://acct.blob.core.windows.net/", "acct2"));
});

test("the server's own name counts for clients that came by a loopback name only", () => {
  assert.deepEqual(own, ["https://localhost:8443", "https://127.0.0.1:8443", "https://[::1]:8443"]);
  assert.ok(isArmAudience("https://localhost:8443/", own) && isGraphAudience("https://127.0.0.1:8443", own));
  assert.deepEqual(ownOriginsOf("https://login.microsoftonline.com"), []);
  assert.deepEqual(ownOriginsOf("https://localhost.evil.test"), []);
  assert.ok(!isArmAudience("https://localhost:8443/", []));
});

test("a request's resource keeps the spelling it was asked by", () => {
  const model = makeSampleModel();
  for (const [kind, names] of Object.entries({ arm, graph, storage })) {
    for (const name of names) {
      const resource = findResource(model, name, []);
      assert.deepEqual([resource?.kind, resource?.audience], [kind, name]);
    }
  }
  assert.equal(findResource(model, "https://localhost:8443/", own)?.kind, "own-origin");
  for (const name of strange) assert.equal(findResource(model, name, own), undefined, name);
});

test("a storage account is a resource while it is there", () => {
  const model = makeSampleModel();
  const name = "https://acct.blob.core.windows.net/";
  const account = { name: "acct", subscriptionId: "s", resourceGroup: "rg" } as StorageAccount;
  assert.equal(findResource(model, name, []), undefined);
  model.apply(put("storageAccount", account));
  assert.equal(findResource(model, name, [])?.kind, "storage");
});

test("an application of the tenant is a resource by URI and id, once it has a service principal", () => {
  const model = makeSampleModel();
  model.apply(put("application", { ...application, identifierUris: ["api://Notes", "https://localhost:8443"] }));
  for (const name of ["api://Notes", "api://notes", ids.app, ids.app.toUpperCase()]) {
    assert.deepEqual(findResource(model, name, []), { kind: "application", audience: name, appId: ids.app });
  }
  assert.equal(findResource(model, "api://other", []), undefined);
  assert.equal(findResource(model, `api://${ids.app}`, []), undefined, "a name that it has not registered");
  assert.equal(findResource(model, "https://localhost:8443", []), undefined, "it must not pass for this server");
  model.apply({ kind: "servicePrincipal", op: "delete", key: ids.appPrincipal });
  assert.equal(findResource(model, "api://Notes", []), undefined);
});
