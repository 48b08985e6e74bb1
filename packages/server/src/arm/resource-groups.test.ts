import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { roles, startTrialCloud, type TrialCloud, trial } from "./trial-cloud.ts";

const sub = `/subscriptions/${trial.subscriptionId}`;
const version = "api-version=2021-04-01";
const group = (name: string) => `${sub}/resourcegroups/${name}?${version}`;

describe("resource groups", () => {
  let arm: TrialCloud;
  let finishRemoval: () => void = () => {};
  const removed: string[] = [];

  before(async () => {
    arm = await startTrialCloud({
      onStorageAccountDeleted: (name) =>
        new Promise((resolve) => {
          removed.push(name);
          finishRemoval = resolve;
        }),
    });
  });
  after(() => arm.close());

  it("answers 201 when new, 200 when there, keeps the first spelling, and finds it in any case", async () => {
    const made = await arm.send("PUT", group("Rg-One"), { body: { location: "West Europe", tags: { env: "dev" } } });
    assert.equal(made.status, 201);
    assert.deepEqual(made.json, {
      id: `${sub}/resourceGroups/Rg-One`,
      name: "Rg-One",
      type: "Microsoft.Resources/resourceGroups",
      location: "westeurope",
      tags: { env: "dev" },
      properties: { provisioningState: "Succeeded" },
    });
    const again = await arm.send("PUT", group("rg-one"), { body: { location: "westeurope" } });
    assert.equal(again.status, 200);
    assert.equal(again.json.name, "Rg-One");
    assert.deepEqual(again.json.tags, {});
    assert.equal((await arm.send("GET", `${sub}/ResourceGroups/RG-ONE?${version}`)).json.name, "Rg-One");
    assert.equal((await arm.send("HEAD", group("rg-one"))).status, 204);
    assert.equal((await arm.send("HEAD", group("none"))).status, 404);
  });

  const refusals: readonly (readonly [string, unknown, number, string])[] = [
    ["rg-one", { location: "northeurope" }, 409, "InvalidResourceGroupLocation"],
    ["rg-two", {}, 400, "LocationRequired"],
    ["rg-two", { location: "" }, 400, "LocationRequired"],
    ["rg-two", { location: "mars" }, 400, "LocationNotAvailableForResourceGroup"],
    ["ends.", { location: "westeurope" }, 400, "InvalidResourceGroup"],
    ["sp%20ace", { location: "westeurope" }, 400, "InvalidResourceGroup"],
    ["semi;colon", { location: "westeurope" }, 400, "InvalidResourceGroup"],
    ["%E2%84%AAelvin", { location: "westeurope" }, 400, "InvalidResourceGroup"],
    ["x".repeat(91), { location: "westeurope" }, 400, "InvalidResourceGroup"],
    ["rg-two", { location: "westeurope", tags: { "a<b": "" } }, 400, "InvalidTags"],
    ["rg-two", { location: "westeurope", tags: { a: "x".repeat(257) } }, 400, "InvalidTags"],
    ["rg-two", { location: "westeurope", tags: { a: "1", A: "2" } }, 400, "InvalidTags"],
    [
      "rg-two",
      { location: "westeurope", tags: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`t${i}`, ""])) },
      400,
      "InvalidTags",
    ],
  ];
  for (const [name, body, status, code] of refusals) {
    it(`refuses ${name.slice(0, 20)} ${JSON.stringify(body).slice(0, 60)} with ${code}`, async () => {
      const revision = arm.cloud.model.revision;
      const answer = await arm.send("PUT", group(name), { body });
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.json.error.code, code);
      assert.equal(arm.cloud.model.revision, revision);
    });
  }

  it("takes names of 90 characters and letters of any script", async () => {
    for (const name of ["y".repeat(90), "größe_(1).x", "日本"]) {
      assert.equal(
        (await arm.send("PUT", group(encodeURIComponent(name)), { body: { location: "uksouth" } })).status,
        201,
      );
    }
  });

  it("changes tags by PATCH and leaves what is not said", async () => {
    const answer = await arm.send("PATCH", group("rg-one"), { body: { tags: { a: "b" } } });
    assert.deepEqual(answer.json.tags, { a: "b" });
    assert.deepEqual((await arm.send("PATCH", group("rg-one"), { body: {} })).json.tags, { a: "b" });
    assert.equal((await arm.send("PATCH", group("none"), { body: {} })).json.error.code, "ResourceGroupNotFound");
  });

  it("lists in pages, by tag, and to a Reader of one group only that one", async () => {
    const listed = async (query: string, as?: string) =>
      (await arm.send("GET", `${sub}/resourcegroups?${version}${query}`, as === undefined ? {} : { as })).json;
    const names: string[] = [];
    for (let link = `${sub}/resourcegroups?${version}&$top=2`; link !== ""; ) {
      const { json } = await arm.send("GET", link);
      assert.ok(json.value.length <= 2);
      names.push(...json.value.map((item: { name: string }) => item.name));
      link = (json.nextLink ?? "").replace("https://management.azure.com", "");
    }
    assert.equal(names.length, 4);
    assert.equal(new Set(names).size, 4);
    const byTag = await listed("&$filter=tagname%20eq%20%27A%27%20and%20tagvalue%20eq%20%27b%27");
    assert.deepEqual(
      byTag.value.map((item: { name: string }) => item.name),
      ["Rg-One"],
    );
    assert.equal((await arm.send("GET", `${sub}/resourcegroups?${version}`, { as: trial.app })).status, 403);
    await arm.assign(trial.app, roles.reader, `${sub}/resourceGroups/rg-one`);
    assert.deepEqual(
      (await listed("", trial.app)).value.map((item: { name: string }) => item.name),
      ["Rg-One"],
    );
    assert.equal((await arm.send("GET", group("RG-one"), { as: trial.app })).status, 200);
    assert.equal((await arm.send("GET", group("Rg-One0"), { as: trial.app })).status, 403);
    assert.equal((await arm.send("PATCH", group("rg-one"), { as: trial.app, body: {} })).status, 403);
  });

  it("deletes long-running: Deleting and closed at once, 202 while data go, then 200 without a body, then 404", async () => {
    await arm.send(
      "PUT",
      `${sub}/resourceGroups/rg-one/providers/Microsoft.Storage/storageAccounts/acct1?api-version=2022-09-01`,
      {
        body: { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_LRS" } },
      },
    );
    assert.ok(arm.cloud.model.storageAccount("acct1"));
    const started = await arm.send("DELETE", group("rg-one"));
    assert.equal(started.status, 202);
    assert.equal(started.text, "");
    assert.match(started.headers["content-type"] ?? "", /^text\/plain/);
    const poll = started.headers.location!.replace("https://management.azure.com", "");
    assert.equal((await arm.send("GET", group("rg-one"))).json.properties.provisioningState, "Deleting");
    assert.equal(arm.cloud.model.storageAccount("acct1"), undefined);
    assert.equal(arm.cloud.model.access.assignmentsAtOrBelow(`${sub}/resourceGroups/rg-one`).next().done, true);
    const pending = await arm.send("GET", poll);
    assert.equal(pending.status, 202);
    assert.equal(pending.headers.location, started.headers.location);
    assert.equal((await arm.send("GET", poll, { as: trial.app })).status, 403);
    const put = await arm.send("PUT", group("rg-one"), { body: { location: "westeurope" } });
    assert.equal(put.json.error.code, "ResourceGroupBeingDeleted");
    const twice = await arm.send("DELETE", group("rg-one"));
    assert.equal(twice.status, 202);
    finishRemoval();
    let answer = await arm.send("GET", poll);
    for (let tries = 0; answer.status === 202 && tries < 100; tries++) answer = await arm.send("GET", poll);
    assert.equal(answer.status, 200);
    assert.equal(answer.text, "");
    assert.deepEqual(removed, ["acct1"]);
    assert.equal((await arm.send("GET", group("rg-one"))).json.error.code, "ResourceGroupNotFound");
    assert.equal((await arm.send("DELETE", group("rg-one"))).json.error.code, "ResourceGroupNotFound");
    assert.equal(arm.cloud.model.storageAccounts.has("acct1"), false);
  });
});

describe("a deletion that a crash cut short", () => {
  it("is taken up at the next start", async () => {
    const removed: string[] = [];
    const arm = await startTrialCloud({
      onStorageAccountDeleted: async (name) => {
        removed.push(name);
        if (removed.length === 1) throw new Error("killed here");
      },
    });
    const target = `${sub}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/acct2?api-version=2022-09-01`;
    await arm.send("PUT", group("rg"), { body: { location: "westeurope" } });
    await arm.send("PUT", target, {
      body: { location: "westeurope", kind: "StorageV2", sku: { name: "Standard_LRS" } },
    });
    const { headers } = await arm.send("DELETE", group("rg"));
    const failed = await arm.send("GET", headers.location!.replace("https://management.azure.com", ""));
    assert.equal(failed.json.error.code, "InternalServerError");
    assert.equal((await arm.send("GET", group("rg"))).json.properties.provisioningState, "Deleting");
    await arm.surface.resumeDeletions();
    assert.deepEqual(removed, ["acct2", "acct2"]);
    assert.equal(arm.cloud.model.resourceGroups.size, 0);
    assert.equal(arm.cloud.model.storageAccounts.size, 0);
    await arm.close();
  });
});
