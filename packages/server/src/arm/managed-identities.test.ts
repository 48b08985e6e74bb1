import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { roles, startTrialCloud, type TrialCloud, trial } from "./trial-cloud.ts";

const sub = `/subscriptions/${trial.subscriptionId}`;
const rg = `${sub}/resourceGroups/rg1`;
const type = "providers/Microsoft.ManagedIdentity/userAssignedIdentities";
const version = "api-version=2023-01-31";
const identity = (name: string, tail = "") => `${rg}/${type}/${name}${tail}?${version}`;
const wanted = { location: "westeurope" };

describe("managed identities", () => {
  let arm: TrialCloud;
  const makeGroup = (name: string) =>
    arm.send("PUT", `${sub}/resourcegroups/${name}?api-version=2021-04-01`, { body: wanted });

  before(async () => {
    arm = await startTrialCloud();
    await makeGroup("rg1");
  });
  after(() => arm.close());

  it("are made with 201, shown with their ids, and changed with 200", async () => {
    const made = await arm.send("PUT", identity("shown"), { body: { ...wanted, tags: { a: "b" } } });
    assert.equal(made.status, 201);
    const { principalId, clientId, tenantId } = made.json.properties;
    assert.equal(tenantId, trial.tenantId);
    assert.deepEqual(made.json, {
      id: `${sub}/resourcegroups/rg1/${type}/shown`,
      name: "shown",
      type: "Microsoft.ManagedIdentity/userAssignedIdentities",
      location: "westeurope",
      tags: { a: "b" },
      properties: { tenantId, principalId, clientId },
    });
    assert.equal(arm.cloud.model.servicePrincipals.get(principalId)?.appId, clientId);
    assert.deepEqual((await arm.send("GET", identity("SHOWN"))).json, made.json);
    const again = await arm.send("PUT", identity("shown"), { body: wanted });
    assert.deepEqual([again.status, again.json.tags, again.json.properties], [200, {}, made.json.properties]);
    const patched = await arm.send("PATCH", identity("shown"), { body: { tags: { c: "d" } } });
    assert.deepEqual([patched.status, patched.json.tags], [200, { c: "d" }]);
  });

  it("are listed by group and subscription, among the resources too, in pages", async () => {
    await arm.send("PUT", identity("listed"), { body: wanted });
    const names = async (path: string) => {
      const listed = await arm.send("GET", path);
      assert.equal(listed.status, 200, listed.text);
      return listed.json.value.map(({ name }: { name: string }) => name);
    };
    assert.deepEqual(await names(`${rg}/${type}?${version}`), ["listed", "shown"]);
    assert.deepEqual(await names(`${sub}/${type}?api-version=2018-11-30`), ["listed", "shown"]);
    assert.deepEqual(await names(`${sub}/resources?api-version=2021-04-01`), ["listed", "shown"]);
    const filter = encodeURIComponent("resourceType eq 'Microsoft.Storage/storageAccounts'");
    assert.deepEqual(await names(`${sub}/resources?api-version=2021-04-01&$filter=${filter}`), []);
    const page = await arm.send("GET", `${rg}/${type}?${version}&$top=1`);
    assert.deepEqual(
      page.json.value.map(({ name }: { name: string }) => name),
      ["listed"],
    );
    const next = await arm.send("GET", page.json.nextLink.replace("https://management.azure.com", ""));
    assert.equal(next.json.value[0].name, "shown");
    const resources = await arm.send("POST", identity("shown", "/listAssociatedResources"), { body: {} });
    assert.deepEqual(resources.json, { totalCount: 0, value: [] });
  });

  it("are deleted with 200, and with 204 when not there", async () => {
    const made = await arm.send("PUT", identity("doomed"), { body: wanted });
    assert.equal((await arm.send("DELETE", identity("doomed"))).status, 200);
    assert.equal((await arm.send("DELETE", identity("doomed"))).status, 204);
    const gone = await arm.send("GET", identity("doomed"));
    assert.deepEqual([gone.status, gone.json.error.code], [404, "ResourceNotFound"]);
    assert.equal(arm.cloud.model.servicePrincipals.get(made.json.properties.principalId), undefined);
  });

  it("refuse bad input in Azure's words", async () => {
    const codeFor = async (name: string, body: unknown) => {
      const answer = await arm.send("PUT", identity(name), { body });
      return [answer.status, answer.json.error.code];
    };
    assert.deepEqual(await codeFor("a.b.c", wanted), [400, "InvalidResourceName"]);
    assert.deepEqual(await codeFor("other", {}), [400, "LocationRequired"]);
    assert.deepEqual(await codeFor("other", { location: "atlantis" }), [400, "LocationNotAvailableForResourceType"]);
    assert.deepEqual(await codeFor("shown", { location: "eastus" }), [409, "InvalidResourceLocation"]);
    assert.deepEqual(await codeFor("other", { ...wanted, properties: { isolationScope: "Regional" } }), [
      501,
      "NotImplemented",
    ]);
    const missing = await arm.send("PUT", `${sub}/resourceGroups/none/${type}/abc?${version}`, { body: wanted });
    assert.equal(missing.json.error.code, "ResourceGroupNotFound");
  });

  it("go with their group", async () => {
    await makeGroup("rg2");
    const target = `${sub}/resourceGroups/rg2/${type}/tenant-of-rg2?${version}`;
    const made = await arm.send("PUT", target, { body: wanted });
    assert.equal((await arm.send("DELETE", `${sub}/resourcegroups/rg2?api-version=2021-04-01`)).status, 202);
    assert.equal(arm.cloud.model.servicePrincipals.get(made.json.properties.principalId), undefined);
  });

  it("are for those whose roles say so", async () => {
    const as = trial.app;
    const put = () => arm.send("PUT", identity("guarded"), { as, body: wanted });
    const refused = await put();
    assert.deepEqual([refused.status, refused.json.error.code], [403, "AuthorizationFailed"]);
    assert.match(refused.json.error.message, /'Microsoft\.ManagedIdentity\/userAssignedIdentities\/write'/);
    await arm.assign(as, roles.reader, rg);
    assert.equal((await put()).status, 403);
    assert.equal((await arm.send("GET", identity("shown"), { as })).status, 200);
    await arm.assign(as, "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59", rg); // Managed Identity Contributor
    assert.equal((await put()).status, 201);
  });

  it("are seen where the role is given, and nowhere else", async () => {
    const scope = `${rg}/${type}/shown`;
    // Somebody without any other role: the principal of another identity.
    const made = await arm.send("PUT", identity("listed"), { body: wanted });
    const as = made.json.properties.principalId as string;
    await arm.assign(as, roles.reader, scope);
    assert.equal((await arm.send("GET", identity("shown"), { as })).status, 200);
    assert.equal((await arm.send("GET", identity("listed"), { as })).status, 403);
    const list = await arm.send("GET", `${sub}/${type}?${version}`, { as });
    assert.deepEqual(
      list.json.value.map(({ name }: { name: string }) => name),
      ["shown"],
    );
    assert.equal((await arm.send("DELETE", identity("shown"), { as })).status, 403);
  });
});

describe("federated identity credentials of managed identities", () => {
  let arm: TrialCloud;
  const credential = (name: string) => identity("worker", `/federatedIdentityCredentials/${name}`);
  const properties = { issuer: "https://token.example", subject: "s", audiences: ["api://AzureADTokenExchange"] };
  const put = (name: string, more: object = {}) =>
    arm.send("PUT", credential(name), { body: { properties: { ...properties, ...more } } });

  before(async () => {
    arm = await startTrialCloud();
    await arm.send("PUT", `${sub}/resourcegroups/rg1?api-version=2021-04-01`, { body: wanted });
    await arm.send("PUT", identity("worker"), { body: wanted });
  });
  after(() => arm.close());

  it("are made, shown, changed, listed and deleted", async () => {
    const made = await put("first");
    assert.equal(made.status, 201);
    assert.deepEqual(made.json, {
      id: `${sub}/resourcegroups/rg1/${type}/worker/federatedIdentityCredentials/first`,
      name: "first",
      type: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
      properties,
    });
    assert.deepEqual((await arm.send("GET", credential("FIRST"))).json, made.json);
    const changed = await put("first", { subject: "t" });
    assert.deepEqual([changed.status, changed.json.properties.subject], [200, "t"]);
    const list = await arm.send("GET", identity("worker", "/federatedIdentityCredentials"));
    assert.deepEqual(list.json.value, [changed.json]);
    assert.equal((await arm.send("DELETE", credential("first"))).status, 200);
    assert.equal((await arm.send("DELETE", credential("first"))).status, 204);
    const gone = await arm.send("GET", credential("first"));
    assert.deepEqual([gone.status, gone.json.error.code], [404, "ResourceNotFound"]);
  });

  it("refuse what is bad or there already, and the twenty-first", async () => {
    assert.equal((await put("first")).status, 201);
    const twice = await put("second");
    assert.deepEqual([twice.status, twice.json.error.code], [409, "Conflict"]);
    assert.match(twice.json.error.message, /^Issuer and subject combination already exists/);
    for (const more of [
      { issuer: "http://token.example" },
      { audiences: [] },
      { audiences: ["a", "b"] },
      { subject: "" },
    ])
      assert.equal((await put("second", more)).status, 400, JSON.stringify(more));
    assert.equal((await put("a%20b")).status, 400);
    assert.equal((await put("second", { claimsMatchingExpression: { value: "x", languageVersion: 1 } })).status, 501);
    for (let n = 1; n < 20; n += 1) assert.equal((await put(`name-${n}`, { subject: `s${n}` })).status, 201);
    assert.equal((await put("too-many", { subject: "s20" })).status, 400);
  });

  it("are for those whose roles say so", async () => {
    const as = trial.app;
    await arm.assign(as, roles.reader, rg);
    assert.equal((await arm.send("GET", credential("first"), { as })).status, 200);
    assert.equal((await arm.send("DELETE", credential("first"), { as })).status, 403);
    const refused = await arm.send("PUT", credential("first"), { as, body: { properties } });
    assert.match(refused.json.error.message, /federatedIdentityCredentials\/write'/);
  });
});
