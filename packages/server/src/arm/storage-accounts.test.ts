import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { markKeptBlobs } from "../resources/blob-service.ts";
import { systemActor } from "../state/change.ts";
import type { ContainerInfo, ContainerPort } from "./container-port.ts";
import { roles, startTrialCloud, type TrialCloud, trial } from "./trial-cloud.ts";

const sub = `/subscriptions/${trial.subscriptionId}`;
const version = "api-version=2022-09-01";
const rg = `${sub}/resourceGroups/rg1`;
const account = (name: string, tail = "") =>
  `${rg}/providers/Microsoft.Storage/storageAccounts/${name}${tail}?${version}`;
const wanted = (more: object = {}) => ({
  location: "westeurope",
  kind: "StorageV2",
  sku: { name: "Standard_RAGRS" },
  ...more,
});
const local = (link: string | undefined) => link!.replace("https://management.azure.com", "");

describe("storage accounts", () => {
  let arm: TrialCloud;
  const removed: string[] = [];

  before(async () => {
    arm = await startTrialCloud({
      onStorageAccountDeleted: async (name) => {
        removed.push(name);
      },
    });
    for (const name of ["rg1", "rg2"]) {
      await arm.send("PUT", `${sub}/resourcegroups/${name}?api-version=2021-04-01`, {
        body: { location: "westeurope" },
      });
    }
  });
  after(() => arm.close());

  it("are made with 202, no body and a Location that answers with the account", async () => {
    const made = await arm.send("PUT", account("acct1"), { body: wanted({ tags: { a: "b" } }) });
    assert.equal(made.status, 202);
    assert.equal(made.text, "");
    assert.equal(made.headers["content-type"], "text/plain; charset=utf-8");
    assert.equal(made.headers["azure-asyncoperation"], undefined);
    const result = await arm.send("GET", local(made.headers.location));
    assert.equal(result.status, 200);
    assert.equal(result.json.name, "acct1");
    assert.equal(result.json.properties.provisioningState, "Succeeded");
    assert.deepEqual(result.json.properties.primaryEndpoints, {
      blob: "https://acct1.blob.core.windows.net/",
      web: "https://acct1.z6.web.core.windows.net/",
    });
    assert.deepEqual(result.json.properties.secondaryEndpoints, {
      blob: "https://acct1-secondary.blob.core.windows.net/",
    });
    assert.equal(result.json.properties.secondaryLocation, "northeurope");
    assert.equal(result.json.properties.allowBlobPublicAccess, false);
    assert.deepEqual(result.json.sku, { name: "Standard_RAGRS", tier: "Standard" });
    assert.equal("keys" in result.json, false);
    assert.deepEqual((await arm.send("GET", account("acct1"))).json, result.json);
    const again = await arm.send("PUT", account("acct1"), {
      body: wanted({ properties: { allowSharedKeyAccess: false } }),
    });
    assert.equal(again.status, 200);
    assert.equal(again.json.properties.allowSharedKeyAccess, false);
    assert.deepEqual(again.json.tags, { a: "b" });
  });

  it("show path-style endpoints to who addressed us by our own name", async () => {
    arm.origin = "https://localhost:10443";
    const { json } = await arm.send("GET", account("acct1"));
    arm.origin = "https://management.azure.com";
    assert.deepEqual(json.properties.primaryEndpoints, { blob: "https://localhost:10443/acct1/" });
    assert.deepEqual(json.properties.secondaryEndpoints, { blob: "https://localhost:10443/acct1-secondary/" });
  });

  const bad: readonly (readonly [string, string, object, number, string])[] = [
    ["a short name", "ab", {}, 400, "AccountNameInvalid"],
    ["a long name", "x".repeat(25), {}, 400, "AccountNameInvalid"],
    ["capitals in the name", "Acct", {}, 400, "AccountNameInvalid"],
    ["a reserved name", "subscriptions", {}, 409, "StorageAccountAlreadyTaken"],
    ["no location", "acct2", { location: null }, 400, "LocationRequired"],
    ["a location there is not", "acct2", { location: "mars" }, 400, "LocationNotAvailableForResourceType"],
    ["another location than it has", "acct1", { location: "uksouth" }, 409, "InvalidResourceLocation"],
    ["no kind", "acct2", { kind: null }, 400, "InvalidValuesForRequestParameters"],
    ["a kind there is not", "acct2", { kind: "StorageV9" }, 400, "InvalidValuesForRequestParameters"],
    ["no sku", "acct2", { sku: {} }, 400, "InvalidValuesForRequestParameters"],
    ["a sku there is not", "acct2", { sku: { name: "Gold" } }, 400, "InvalidValuesForRequestParameters"],
    [
      "a sku that does not go with the kind",
      "acct2",
      { kind: "BlobStorage", sku: { name: "Premium_LRS" } },
      400,
      "InvalidValuesForRequestParameters",
    ],
    ["BlobStorage without a tier", "acct2", { kind: "BlobStorage" }, 400, "InvalidValuesForRequestParameters"],
    ["a tier there is not", "acct2", { properties: { accessTier: "Warm" } }, 400, "InvalidValuesForRequestParameters"],
    [
      "a tier that does not go with the sku",
      "acct2",
      { properties: { accessTier: "Premium" } },
      400,
      "InvalidValuesForRequestParameters",
    ],
    [
      "a TLS version there is not",
      "acct2",
      { properties: { minimumTlsVersion: "SSL3" } },
      400,
      "InvalidValuesForRequestParameters",
    ],
    [
      "another kind than it has",
      "acct1",
      { kind: "BlobStorage", properties: { accessTier: "Hot" } },
      409,
      "AccountPropertyCannotBeUpdated",
    ],
    ["a string for a switch", "acct2", { properties: { allowSharedKeyAccess: "no" } }, 400, "InvalidRequestContent"],
    [
      "a rule for a virtual network",
      "acct2",
      { properties: { networkAcls: { defaultAction: "Deny", virtualNetworkRules: [{ id: "/subscriptions/x" }] } } },
      501,
      "NotImplemented",
    ],
    ...["1.2.3", "1.2.3.256", "1.2.3.4/33", "::1", "1.2.3.4-1.2.3.9"].map(
      (value) =>
        [
          `a firewall rule for ${value}`,
          "acct2",
          { properties: { networkAcls: { ipRules: [{ value }] } } },
          400,
          "InvalidValuesForRequestParameters",
        ] as const,
    ),
    [
      "keys of one's own",
      "acct2",
      { properties: { encryption: { keySource: "Microsoft.Keyvault" } } },
      501,
      "NotImplemented",
    ],
    ["plain HTTP", "acct2", { properties: { supportsHttpsTrafficOnly: false } }, 501, "NotImplemented"],
    ["a hierarchical namespace", "acct2", { properties: { isHnsEnabled: true } }, 501, "NotImplemented"],
    ["SFTP", "acct2", { properties: { isSftpEnabled: true } }, 501, "NotImplemented"],
    ["an identity", "acct2", { identity: { type: "SystemAssigned" } }, 501, "NotImplemented"],
    ["files only", "acct2", { kind: "FileStorage", sku: { name: "Premium_LRS" } }, 501, "NotImplemented"],
  ];
  for (const [what, name, more, status, code] of bad) {
    it(`refuse ${what} with ${status} ${code}`, async () => {
      const revision = arm.cloud.model.revision;
      const answer = await arm.send("PUT", account(name), { body: wanted(more) });
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.json.error.code, code);
      assert.equal(arm.cloud.model.revision, revision);
    });
  }

  it("hold their name against the whole cloud", async () => {
    const elsewhere = `${sub}/resourceGroups/rg2/providers/Microsoft.Storage/storageAccounts/acct1?${version}`;
    assert.equal((await arm.send("PUT", elsewhere, { body: wanted() })).json.error.code, "StorageAccountAlreadyTaken");
    assert.equal((await arm.send("GET", elsewhere)).json.error.code, "ResourceNotFound");
    const nowhere = `${sub}/resourceGroups/none/providers/Microsoft.Storage/storageAccounts/acct1?${version}`;
    assert.equal((await arm.send("GET", nowhere)).json.error.code, "ResourceGroupNotFound");
    const check = async (body: object) =>
      (await arm.send("POST", `${sub}/providers/Microsoft.Storage/checkNameAvailability?${version}`, { body })).json;
    const type = "Microsoft.Storage/storageAccounts";
    assert.deepEqual(await check({ name: "free1", type }), { nameAvailable: true });
    assert.equal((await check({ name: "acct1", type })).reason, "AlreadyExists");
    assert.equal((await check({ name: "subscriptions", type })).reason, "AlreadyExists");
    assert.equal((await check({ name: "A", type })).reason, "AccountNameInvalid");
    assert.equal((await check({ type })).error.code, "InvalidRequestContent");
    assert.equal((await check({ name: "free1", type: "x" })).error.code, "InvalidRequestContent");
  });

  it("show their keys to who may list them, and make one anew without touching the other", async () => {
    const listed = await arm.send("POST", account("acct1", "/listKeys").replace("?", "?$expand=kerb&"));
    assert.equal(listed.status, 200);
    const [key1, key2] = listed.json.keys;
    assert.deepEqual([key1.keyName, key2.keyName, key1.permissions], ["key1", "key2", "FULL"]);
    assert.equal(Buffer.from(key1.value, "base64").length, 64);
    assert.notEqual(key1.value, key2.value);
    const renewed = await arm.send("POST", account("acct1", "/regenerateKey"), { body: { keyName: "key1" } });
    assert.notEqual(renewed.json.keys[0].value, key1.value);
    assert.equal(renewed.json.keys[1].value, key2.value);
    const wrong = await arm.send("POST", account("acct1", "/regenerateKey"), { body: { keyName: "key3" } });
    assert.equal(wrong.status, 400);
    await arm.assign(trial.app, roles.reader, rg);
    assert.equal((await arm.send("POST", account("acct1", "/listKeys"), { as: trial.app })).status, 403);
    assert.equal((await arm.send("GET", account("acct1"), { as: trial.app })).status, 200);
    assert.equal((await arm.send("PATCH", account("acct1"), { as: trial.app, body: {} })).status, 403);
  });

  it("have their user delegation keys revoked, and never show what those are made of", async () => {
    const revoke = () => arm.send("POST", account("acct1", "/revokeUserDelegationKeys"));
    assert.equal((await revoke()).status, 200);
    const first = arm.cloud.model.storageAccount("acct1")?.delegationSecret;
    assert.equal((await revoke()).status, 200);
    const second = arm.cloud.model.storageAccount("acct1")?.delegationSecret;
    assert.ok(first !== undefined && second !== undefined && first !== second);
    assert.ok(!JSON.stringify((await arm.send("GET", account("acct1"))).json).includes(second));
  });

  it("are changed by PATCH, one setting at a time", async () => {
    const answer = await arm.send("PATCH", account("acct1"), {
      body: { sku: { name: "standard_lrs" }, properties: { accessTier: "Cool" } },
    });
    assert.equal(answer.status, 200);
    assert.equal(answer.json.sku.name, "Standard_LRS");
    assert.equal(answer.json.properties.accessTier, "Cool");
    assert.equal(answer.json.properties.allowSharedKeyAccess, false);
    assert.equal((await arm.send("PATCH", account("none"), { body: {} })).json.error.code, "ResourceNotFound");
  });

  it("are listed by subscription, by group and among all resources, to each what it may see", async () => {
    await arm.send("PUT", `${sub}/resourceGroups/rg2/providers/Microsoft.Storage/storageAccounts/other1?${version}`, {
      body: wanted(),
    });
    const names = async (path: string, as?: string) => {
      const { json } = await arm.send("GET", path, as === undefined ? {} : { as });
      return json.value.map((item: { name: string }) => item.name);
    };
    const all = `${sub}/providers/Microsoft.Storage/storageAccounts?${version}`;
    assert.deepEqual(await names(all), ["acct1", "other1"]);
    assert.deepEqual(await names(all, trial.app), ["acct1"]);
    assert.deepEqual(await names(`${rg}/providers/Microsoft.Storage/storageAccounts?${version}`), ["acct1"]);
    assert.deepEqual(await names(`${sub}/resources?api-version=2021-04-01`), ["acct1", "other1"]);
    assert.deepEqual(await names(`${sub}/resources?api-version=2021-04-01`, trial.app), ["acct1"]);
    assert.deepEqual(await names(`${rg}/resources?api-version=2021-04-01`, trial.app), ["acct1"]);
    const filtered = `${sub}/resources?api-version=2021-04-01&$filter=resourceType%20eq%20'Microsoft.Storage/storageAccounts'%20and%20name%20eq%20'other1'`;
    assert.deepEqual(await names(filtered), ["other1"]);
    assert.deepEqual(await names(`${sub}/resources?api-version=2021-04-01&$filter=resourceType%20eq%20'x/y'`), []);
  });

  it("go with their blobs and their role assignments; the name is free afterwards", async () => {
    const scope = `${rg}/providers/Microsoft.Storage/storageAccounts/acct1`;
    await arm.assign(trial.app, roles.blobDataContributor, `${scope}/blobServices/default/containers/c1`);
    const answer = await arm.send("DELETE", account("acct1"));
    assert.equal(answer.status, 200);
    assert.equal(answer.text, "");
    assert.deepEqual(removed, ["acct1"]);
    assert.equal(arm.cloud.model.access.assignmentsAtOrBelow(scope).next().done, true);
    assert.equal((await arm.send("DELETE", account("acct1"))).status, 204);
    assert.equal((await arm.send("PUT", account("acct1"), { body: wanted() })).status, 202);
  });
});

describe("containers by Resource Manager", () => {
  const containers = new Map<string, ContainerInfo>();
  const port: ContainerPort = {
    list: async () => [...containers.values()],
    get: async (_, name) => containers.get(name),
    create: async (_, name, given) => {
      const isNew = !containers.has(name);
      const container = containers.get(name) ?? { name, etag: "0x1", lastModified: trial.now, ...given };
      containers.set(name, container);
      return { container, isNew };
    },
    update: async (_, name, { metadata, publicAccess }) => {
      const before = containers.get(name);
      if (before === undefined) return undefined;
      const after = {
        ...before,
        metadata: metadata ?? before.metadata,
        publicAccess: publicAccess ?? before.publicAccess,
      };
      containers.set(name, after);
      return after;
    },
    delete: async (_, name, __, hasKeptBlobs) => (hasKeptBlobs ? "kept" : containers.delete(name)),
    hasKeptBlobs: async () => containers.size > 0,
  };
  const at = (name: string) => account("acct1", `/blobServices/default/containers${name}`);

  async function start(options: { readonly containers?: ContainerPort }): Promise<TrialCloud> {
    const arm = await startTrialCloud(options);
    await arm.send("PUT", `${rg}?api-version=2021-04-01`, { body: { location: "westeurope" } });
    await arm.send("PUT", account("acct1"), { body: wanted() });
    return arm;
  }

  it("are made, shown, listed and deleted by the engine behind the port", async () => {
    const arm = await start({ containers: port });
    const made = await arm.send("PUT", at("/data"), { body: { properties: { metadata: { a: "b" } } } });
    assert.equal(made.status, 201);
    assert.equal(
      made.json.id,
      `${rg}/providers/Microsoft.Storage/storageAccounts/acct1/blobServices/default/containers/data`,
    );
    assert.equal((await arm.send("PUT", at("/data"), { body: {} })).status, 200);
    assert.equal((await arm.send("GET", at("/data"))).json.properties.metadata.a, "b");
    assert.equal((await arm.send("GET", at(""))).json.value.length, 1);
    assert.equal((await arm.send("PUT", at("/Data"), { body: {} })).json.error.code, "InvalidResourceName");
    const open = await arm.send("PUT", at("/pub"), { body: { properties: { publicAccess: "Blob" } } });
    assert.deepEqual([open.status, open.json.error.code], [409, "PublicAccessNotPermitted"]);
    assert.equal((await arm.send("DELETE", at("/data"))).status, 200);
    assert.equal((await arm.send("DELETE", at("/data"))).status, 204);
    assert.equal((await arm.send("GET", at("/data"))).json.error.code, "ContainerNotFound");
    assert.equal((await arm.send("GET", account("acct1", "/blobServices/default"))).json.name, "default");
    await arm.close();
  });

  it("stay, with their account and its group, while a blob in them may not be deleted", async () => {
    containers.clear();
    const arm = await start({ containers: port });
    await arm.send("PUT", at("/data"), { body: {} });
    await arm.cloud.store.change(systemActor, "Keep a blob", (model) => markKeptBlobs(model.storageAccount("acct1")!));
    for (const target of [at("/data"), account("acct1"), `${rg}?api-version=2021-04-01`]) {
      const refused = await arm.send("DELETE", target);
      assert.deepEqual([refused.status, refused.json.error.code], [409, "BlobImmutableDueToPolicy"], target);
    }
    containers.clear();
    assert.equal((await arm.send("DELETE", account("acct1"))).status, 200);
    await arm.close();
  });

  it("are opened to anyone where the account permits it, and changed in what is said", async () => {
    const arm = await start({ containers: port });
    await arm.send("PATCH", account("acct1"), { body: { properties: { allowBlobPublicAccess: true } } });
    const make = { properties: { publicAccess: "container", metadata: { a: "b" } } };
    assert.equal((await arm.send("PUT", at("/open"), { body: make })).json.properties.publicAccess, "Container");
    const changed = await arm.send("PATCH", at("/open"), { body: { properties: { publicAccess: "None" } } });
    assert.deepEqual(
      [changed.status, changed.json.properties.publicAccess, changed.json.properties.metadata],
      [200, "None", { a: "b" }],
    );
    const wrong = await arm.send("PATCH", at("/open"), { body: { properties: { publicAccess: "Everyone" } } });
    assert.equal(wrong.status, 400);
    assert.equal((await arm.send("PATCH", at("/none"), { body: {} })).json.error.code, "ContainerNotFound");
    await arm.close();
  });

  it("take an encryption scope that the account has", async () => {
    const arm = await start({ containers: port });
    const scope = (name: string) => account("acct1", `/encryptionScopes/${name}`);
    const made = await arm.send("PUT", scope("alpha"), { body: { properties: {} } });
    assert.deepEqual([made.status, made.json.properties.state], [201, "Enabled"]);
    const properties = { defaultEncryptionScope: "alpha", denyEncryptionScopeOverride: true };
    const held = await arm.send("PUT", at("/held"), { body: { properties } });
    assert.deepEqual(
      [held.json.properties.defaultEncryptionScope, held.json.properties.denyEncryptionScopeOverride],
      ["alpha", true],
    );
    const none = await arm.send("PUT", at("/none"), { body: { properties: { defaultEncryptionScope: "none" } } });
    assert.equal(none.json.error.code, "EncryptionScopeNotFound");
    const off = await arm.send("PATCH", scope("ALPHA"), { body: { properties: { state: "Disabled" } } });
    assert.deepEqual([off.json.name, off.json.properties.state], ["alpha", "Disabled"]);
    assert.equal((await arm.send("PATCH", scope("beta"), { body: {} })).status, 404);
    assert.equal((await arm.send("PUT", scope("x"), { body: {} })).status, 400);
    const vault = { properties: { source: "Microsoft.KeyVault" } };
    assert.equal((await arm.send("PUT", scope("vault"), { body: vault })).status, 501);
    const listed = await arm.send("GET", account("acct1", "/encryptionScopes"));
    assert.deepEqual(
      listed.json.value.map((one: { name: string }) => one.name),
      ["alpha"],
    );
    const row = arm.cloud.model.storageAccount("acct1")!;
    for (const answer of [made, held, listed, await arm.send("GET", account("acct1"))]) {
      assert.ok(!JSON.stringify(answer.json).includes(row.encryptionScopes![0]!.secret));
    }
    await arm.close();
  });

  it("answer 501 without a port", async () => {
    const arm = await start({});
    for (const [method, name] of [
      ["GET", ""],
      ["GET", "/data"],
      ["DELETE", "/data"],
    ] as const) {
      assert.equal((await arm.send(method, at(name))).status, 501);
    }
    await arm.close();
  });
});
