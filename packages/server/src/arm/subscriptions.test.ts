import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { roles, startTrialCloud, type TrialCloud, trial } from "./trial-cloud.ts";

const sub = `/subscriptions/${trial.subscriptionId}`;

describe("subscriptions and providers", () => {
  let arm: TrialCloud;

  before(async () => {
    arm = await startTrialCloud();
    await arm.send("PUT", `${sub}/resourcegroups/rg1?api-version=2021-04-01`, { body: { location: "westeurope" } });
  });
  after(() => arm.close());

  it("are listed to whoever holds any role at, above or below, and to nobody else", async () => {
    const list = async (as?: string) =>
      (await arm.send("GET", "/subscriptions?api-version=2019-11-01", as ? { as } : {})).json.value;
    const [mine] = await list();
    assert.deepEqual(
      [mine.id, mine.subscriptionId, mine.displayName, mine.state, mine.tenantId],
      [sub, trial.subscriptionId, "Postern", "Enabled", trial.tenantId],
    );
    assert.deepEqual(await list(trial.app), []);
    await arm.assign(trial.app, roles.blobDataContributor, `${sub}/resourceGroups/rg1`);
    assert.equal((await list(trial.app)).length, 1);
    assert.equal((await arm.send("GET", `${sub}?api-version=2022-12-01`, { as: trial.app })).status, 200);
    assert.equal((await arm.send("GET", `${sub}/locations?api-version=2022-12-01`, { as: trial.app })).status, 403);
    const groups = await arm.send("GET", `${sub}/resourcegroups?api-version=2022-12-01`, { as: trial.app });
    assert.deepEqual(groups.json.value, []);
  });

  it("have a tenant, locations, and the providers that are here", async () => {
    const tenants = await arm.send("GET", "/tenants?api-version=2022-12-01", { as: trial.app });
    assert.equal(tenants.json.value[0].tenantId, trial.tenantId);
    assert.equal(tenants.json.value[0].defaultDomain, "trial.example");
    const { json } = await arm.send("GET", `${sub}/locations?api-version=2022-12-01`);
    assert.equal(json.value.find((item: { name: string }) => item.name === "westeurope").displayName, "West Europe");
    const providers = await arm.send("GET", `${sub}/providers?api-version=2021-04-01`);
    assert.equal(providers.json.value.length, 5);
    const storage = `${sub}/providers/microsoft.storage`;
    assert.equal((await arm.send("GET", `${storage}?api-version=2021-04-01`)).json.registrationState, "Registered");
    assert.equal((await arm.send("POST", `${storage}/register?api-version=2021-04-01`)).status, 200);
    assert.equal(
      (await arm.send("POST", `${sub}/providers/Microsoft.KeyVault/register?api-version=2021-04-01`)).status,
      501,
    );
    assert.equal((await arm.send("POST", `${sub}/providers/No.Such/register?api-version=2021-04-01`)).status, 404);
    const wild = await arm.send("POST", `${sub}/providers/*/register?api-version=2021-04-01`);
    assert.equal(wild.status, 403);
  });

  it("have no deny assignments and no classic administrators", async () => {
    for (const type of ["denyAssignments?api-version=2022-04-01", "classicAdministrators?api-version=2015-06-01"]) {
      assert.deepEqual((await arm.send("GET", `${sub}/providers/Microsoft.Authorization/${type}`)).json, { value: [] });
    }
  });
});
