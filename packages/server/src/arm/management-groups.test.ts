import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { roles, startTrialCloud, type TrialCloud, trial } from "./trial-cloud.ts";

const version = "api-version=2021-04-01";
const path = (name: string) => `/providers/Microsoft.Management/managementGroups/${name}`;
const at = (name: string, tail = "") => `${path(name)}${tail}?${version}`;
const under = (parent: string, displayName?: string) => ({
  properties: { ...(displayName === undefined ? {} : { displayName }), details: { parent: { id: path(parent) } } },
});

describe("management groups", () => {
  let arm: TrialCloud;

  before(async () => {
    arm = await startTrialCloud();
  });
  after(() => arm.close());

  it("start with the tenant's root group, which can neither move nor go", async () => {
    const root = await arm.send("GET", at(trial.tenantId, "").replace("?", "?$expand=children&"));
    assert.equal(root.json.properties.displayName, "Tenant Root Group");
    assert.equal(root.json.properties.details.parent, null);
    assert.equal(root.json.properties.children[0].name, trial.subscriptionId);
    assert.equal((await arm.send("DELETE", at(trial.tenantId))).status, 400);
    assert.equal((await arm.send("PUT", at(trial.tenantId), { body: under("x") })).status, 400);
  });

  it("are made under the root or under a parent, renamed, moved, listed and deleted", async () => {
    const prod = await arm.send("PUT", at("prod"), { body: { properties: { displayName: "Production" } } });
    assert.equal(prod.status, 200);
    assert.equal(prod.json.properties.details.parent.name, trial.tenantId);
    await arm.send("PUT", at("web"), { body: under("PROD") });
    assert.equal((await arm.send("GET", at("WEB"))).json.properties.details.parent.name, "prod");
    assert.equal(
      (await arm.send("PATCH", at("web"), { body: { displayName: "Web" } })).json.properties.displayName,
      "Web",
    );
    assert.equal((await arm.send("PUT", at("prod"), { body: under("web") })).status, 400);
    assert.equal((await arm.send("PUT", at("web"), { body: under("none") })).status, 404);
    assert.equal((await arm.send("DELETE", at("prod"))).status, 400);
    const { json } = await arm.send("GET", `/providers/Microsoft.Management/managementGroups?${version}`);
    assert.deepEqual(
      json.value.map((item: { name: string }) => item.name),
      [trial.tenantId, "prod", "web"],
    );
    const entities = await arm.send("POST", `/providers/Microsoft.Management/getEntities?${version}`);
    assert.deepEqual(
      entities.json.value.find((item: { name: string }) => item.name === "web").properties.parentNameChain,
      [trial.tenantId, "prod"],
    );
    assert.equal((await arm.send("DELETE", at("web"))).status, 204);
    assert.equal(arm.cloud.model.managementGroups.has("web"), false);
    assert.equal((await arm.send("DELETE", at("web"))).status, 204);
  });

  it("are six deep at most", async () => {
    let parent = "prod";
    for (let depth = 2; depth <= 6; depth++) {
      assert.equal((await arm.send("PUT", at(`d${depth}`), { body: under(parent) })).status, 200);
      parent = `d${depth}`;
    }
    assert.equal((await arm.send("PUT", at("d7"), { body: under(parent) })).status, 400);
    assert.equal((await arm.send("PUT", at("top"), { body: {} })).status, 200);
    assert.equal((await arm.send("PUT", at("prod"), { body: under("top") })).status, 400);
  });

  it("refuse bad names and parents", async () => {
    for (const [name, body] of [
      ["ends.", {}],
      ["x".repeat(91), {}],
      ["a%20b", {}],
      ["ok", { properties: { details: { parent: { id: "prod" } } } }],
      ["ok", { properties: { displayName: " " } }],
      ["ok", { properties: 1 }],
    ] as const) {
      assert.equal((await arm.send("PUT", at(name), { body })).status, 400, name);
    }
  });

  it("hand their roles down to the subscriptions moved into them", async () => {
    const subscription = `/subscriptions/${trial.subscriptionId}?api-version=2022-12-01`;
    await arm.assign(trial.app, roles.reader, path("prod"));
    assert.equal((await arm.send("GET", subscription, { as: trial.app })).status, 403);
    const member = at("prod", `/subscriptions/${trial.subscriptionId}`);
    assert.equal((await arm.send("PUT", member)).status, 200);
    assert.equal((await arm.send("GET", subscription, { as: trial.app })).status, 200);
    assert.equal((await arm.send("GET", at("prod", "/subscriptions"))).json.value.length, 1);
    assert.equal((await arm.send("DELETE", at("top", `/subscriptions/${trial.subscriptionId}`))).status, 404);
    assert.equal((await arm.send("DELETE", member)).status, 204);
    assert.equal((await arm.send("GET", subscription, { as: trial.app })).status, 403);
  });

  it("cannot be used to take over a subscription, or to make groups where one rules nothing", async () => {
    const owner = "18181818-1818-4181-8181-181818181818";
    await arm.assign(owner, roles.owner, path("top"));
    const take = await arm.send("PUT", at("top", `/subscriptions/${trial.subscriptionId}`), { as: owner });
    assert.equal(take.status, 403);
    assert.equal(take.json.error.code, "LinkedAuthorizationFailed");
    assert.equal((await arm.send("PUT", at("mine"), { as: owner, body: under("top") })).status, 200);
    assert.equal((await arm.send("PUT", at("mine2"), { as: owner, body: {} })).status, 403);
    assert.equal((await arm.send("PUT", at("mine2"), { as: owner, body: under("prod") })).status, 403);
    assert.equal((await arm.send("PUT", at("mine"), { as: owner, body: under("prod") })).status, 403);
    assert.equal((await arm.send("PUT", at("d2"), { as: owner, body: under("top") })).status, 403);
  });
});
