/** Certificates and federated credentials of applications, over Graph. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { makeAssertion } from "../tokens/sample-assertion.ts";
import { makeSampleCertificate, type SampleCertificate } from "../tokens/sample-certificate.ts";
import { assertError, TrialGraph, trialTime } from "./trial-graph.ts";

let graph: TrialGraph;
let first: SampleCertificate;
let second: SampleCertificate;
before(async () => {
  graph = await TrialGraph.start();
  first = await makeSampleCertificate({ name: "CN=CLI-Login" });
  second = await makeSampleCertificate();
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

type Shown = { readonly customKeyIdentifier: string; readonly key: string | null };
type Listed = { readonly keyCredentials: readonly Shown[] };

/** As az sends it: the body of a PEM, and null for no name. */
const azKey = ({ pem }: SampleCertificate, keyId: string) => ({
  "@odata.type": "#microsoft.graph.keyCredential",
  displayName: null,
  endDateTime: "2026-12-31T00:00:00Z",
  key: pem.replace(/-+[A-Z ]+-+/g, "").trim(),
  keyId,
  startDateTime: "2026-02-01T00:00:00Z",
  type: "AsymmetricX509Cert",
  usage: "Verify",
});
const [keyOne, keyTwo] = ["11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002"];

async function makeApp(name: string) {
  const body = { displayName: name, keyCredentials: [azKey(first, keyOne)] };
  const made = await graph.ask("/applications", { body });
  assert.equal(made.status, 201, made.text);
  return made.body as { readonly id: string; readonly appId: string };
}

test("an application is made with a certificate, as az does, and shows its name, thumbprint and dates but not the key", async () => {
  const { id } = await makeApp("with certificate");
  const { body } = await graph.ask(`/applications/${id}`);
  assert.deepEqual(body.keyCredentials, [
    {
      customKeyIdentifier: first.thumbprint,
      displayName: "CN=CLI-Login",
      endDateTime: "2026-12-31T00:00:00Z",
      key: null,
      keyId: keyOne,
      startDateTime: "2026-02-01T00:00:00Z",
      type: "AsymmetricX509Cert",
      usage: "Verify",
    },
  ]);
  const selected = await graph.ask(`/applications/${id}?$select=keyCredentials`);
  assert.equal(selected.body.keyCredentials[0].key, first.key);
  const listed = await graph.ask("/applications?$select=displayName,keyCredentials");
  assert.ok(listed.body.value.every((row: Listed) => row.keyCredentials.every((one) => one.key === null)));
});

test("az adds a certificate by writing back what it read and one more, and takes one away by leaving it out", async () => {
  const { id } = await makeApp("rolled");
  const read = (await graph.ask(`/applications/${id}`)).body.keyCredentials;
  const patch = (keyCredentials: unknown) =>
    graph.ask(`/applications/${id}`, { method: "PATCH", body: { keyCredentials } });
  assert.equal((await patch([...read, azKey(second, keyTwo)])).status, 204);
  const both = (await graph.ask(`/applications/${id}`)).body.keyCredentials;
  assert.deepEqual(
    both.map((one: Shown) => one.customKeyIdentifier),
    [first.thumbprint, second.thumbprint],
  );
  assert.equal((await patch(both.slice(1))).status, 204);
  assert.equal((await graph.ask(`/applications/${id}`)).body.keyCredentials.length, 1);
  assertError(await patch(read), 400, "Request_BadRequest", /existing credential with KeyId/);
  assertError(
    await patch([{ ...azKey(first, keyOne), endDateTime: "2027-02-01T00:00:00Z" }]),
    400,
    "Request_BadRequest",
    /end date is invalid/,
  );
  assertError(await patch([{ ...azKey(first, keyOne), type: "Symmetric" }]), 501, "NotImplemented");
  assert.equal((await patch([])).status, 204);
});

test("a service principal has certificates of its own", async () => {
  const { servicePrincipalId } = await graph.addApp("own keys");
  const path = `/servicePrincipals/${servicePrincipalId}`;
  const patched = await graph.ask(path, { method: "PATCH", body: { keyCredentials: [azKey(first, keyOne)] } });
  assert.equal(patched.status, 204, patched.text);
  assert.equal((await graph.ask(path)).body.keyCredentials[0].keyId, keyOne);
});

const seconds = Math.floor(trialTime.getTime() / 1000);
const proof = (id: string, by: SampleCertificate, claims: object = {}, header: object = {}) =>
  makeAssertion(
    { aud: "00000003-0000-0000-c000-000000000000", iss: id, nbf: seconds, exp: seconds + 600, ...claims },
    by.privateKey,
    { x5t: by.x5t, ...header },
  );

test("an application rolls its own key by itself, with proof that it holds one", async () => {
  const { id, appId } = await makeApp("self-rolling");
  const { body: principal } = await graph.ask("/servicePrincipals", { body: { appId } });
  graph.addCaller("roller", { kind: "app", principalId: principal.id, appId: appId as never });
  const keyCredential = { type: "AsymmetricX509Cert", usage: "Verify", key: second.key };
  const add = (text: string) =>
    graph.ask(`/applications/${id}/addKey`, {
      as: "roller",
      body: { keyCredential, passwordCredential: null, proof: text },
    });
  for (const [what, text] of Object.entries({
    "a stranger's key": proof(id, second),
    "a stranger's key under a known name": proof(id, second, {}, { x5t: first.x5t }),
    "for another object": proof(principal.id, first),
    "by appId": proof(appId, first),
    "for another audience": proof(id, first, { aud: "https://graph.microsoft.com" }),
    "too long": proof(id, first, { exp: seconds + 601 }),
    expired: proof(id, first, { nbf: seconds - 1000, exp: seconds - 400 }),
    "without an end": proof(id, first, { exp: undefined }),
    "without a signature": proof(id, first, {}, { alg: "none" }),
    "no token": "x",
  }))
    assert.match((await add(text)).text, /Request_BadRequest.*proof of possession/, what);
  const added = await add(proof(id, first));
  assert.equal(added.status, 200, added.text);
  assert.match(added.body["@odata.context"], /#microsoft\.graph\.keyCredential$/);
  assert.equal(added.body.customKeyIdentifier, second.thumbprint);

  const remove = (keyId: string, text: string) =>
    graph.ask(`/applications/${id}/removeKey`, { as: "roller", body: { keyId, proof: text } });
  assert.equal((await remove(keyOne, proof(id, second))).status, 204, "the new key proves as well");
  assertError(await remove(keyOne, proof(id, second)), 400, "Request_BadRequest", /No key credential found/);
  assertError(await add(proof(id, first)), 400, "Request_BadRequest", /proof/);
});

test("an application rolls nobody else's key", async () => {
  const { id } = await makeApp("victim");
  await graph.addApp("rolling-stranger");
  const body = { keyCredential: { key: second.key }, proof: proof(id, first) };
  const answer = await graph.ask(`/applications/${id}/addKey`, { as: "rolling-stranger", body });
  assertError(answer, 403, "Authorization_RequestDenied");
});

const federated = {
  name: "main",
  issuer: "https://token.actions.githubusercontent.com",
  subject: "repo:contoso/notes:ref:refs/heads/main",
  audiences: ["api://AzureADTokenExchange"],
};

test("federated credentials are made, read by id and name, changed and deleted", async () => {
  const { id, appId } = await makeApp("federated");
  const path = `/applications/${id}/federatedIdentityCredentials`;
  const made = await graph.ask(path, { body: federated });
  assert.equal(made.status, 201, made.text);
  const { id: credentialId, ...rest } = made.body;
  assert.deepEqual(rest, {
    "@odata.context": `https://graph.microsoft.com/v1.0/$metadata#applications('${id}')/federatedIdentityCredentials/$entity`,
    ...federated,
    description: null,
    claimsMatchingExpression: null,
  });
  for (const key of [credentialId, "main", "MAIN"])
    assert.equal((await graph.ask(`${path}/${key}`)).body.id, credentialId);
  const byName = `/applications(appId='${appId}')/federatedIdentityCredentials(name='main')`;
  assert.equal((await graph.ask(byName)).body.id, credentialId);
  assert.equal((await graph.ask(path)).body.value.length, 1);
  const patched = await graph.ask(`${path}/main`, {
    method: "PATCH",
    body: { ...federated, description: "main branch" },
  });
  assert.equal(patched.status, 204, patched.text);
  assert.equal((await graph.ask(`${path}/main`)).body.description, "main branch");
  assertError(await graph.ask(`${path}/main`, { method: "PATCH", body: { name: "other" } }), 400, "Request_BadRequest");
  assertError(
    await graph.ask(path, { body: federated }),
    409,
    "Request_MultipleObjectsWithSameKeyValue",
    /name main already exists/,
  );
  assertError(
    await graph.ask(path, { body: { ...federated, name: "second" } }),
    409,
    "Request_MultipleObjectsWithSameKeyValue",
    /issuer and subject/,
  );
  assert.equal((await graph.ask(`${path}/main`, { method: "DELETE" })).status, 204);
  assertError(await graph.ask(`${path}/main`), 404, "Request_ResourceNotFound");
});

test("federated credentials that could not be right are refused", async () => {
  const { id } = await makeApp("strict");
  const ask = (body: object) => graph.ask(`/applications/${id}/federatedIdentityCredentials`, { body });
  const expression = (value: string) => ({ value, languageVersion: 1 });
  for (const body of [
    { ...federated, issuer: "http://issuer.example" },
    { ...federated, issuer: undefined },
    { ...federated, subject: undefined },
    { ...federated, audiences: [] },
    { ...federated, audiences: ["a", "b"] },
    { ...federated, name: "a b" },
    { ...federated, claimsMatchingExpression: expression("claims['sub'] eq 'a'") },
    { ...federated, subject: undefined, claimsMatchingExpression: expression("true") },
    { ...federated, subject: undefined, claimsMatchingExpression: expression("claims['sub'] matches '*'") },
    {
      ...federated,
      subject: undefined,
      issuer: "https://x.test",
      claimsMatchingExpression: expression("claims['sub'] eq 'a'"),
    },
  ])
    assertError(await ask(body), 400, "Request_BadRequest");
  const flexible = {
    ...federated,
    subject: null,
    claimsMatchingExpression: expression("claims['sub'] matches 'repo:a/*'"),
  };
  const made = await ask(flexible);
  assert.equal(made.status, 201, made.text);
  assert.equal(made.body.subject, null);
});

test("a federated credential that is missing is made by its name, where that is preferred", async () => {
  const { id } = await graph.addApp("upserting");
  const path = `/applications/${id}/federatedIdentityCredentials`;
  const properties = { issuer: "https://issuer.example", subject: "one", audiences: ["api://AzureADTokenExchange"] };
  const put = (key: string, body: object, prefer = "create-if-missing") =>
    graph.ask(`${path}${key}`, { method: "PATCH", body, headers: { prefer } });
  assert.equal((await put("(name='main')", properties, "return=minimal")).status, 404);
  assert.equal((await put("/main", properties)).status, 404, "a key that is no name could be an id");
  const differing = await put("(name='main')", { ...properties, name: "other" });
  assert.deepEqual([differing.status, differing.body.error.code], [400, "Request_BadRequest"]);
  assert.equal((await put("(name='main')", { subject: "one" })).status, 400, "what a new one needs is needed");
  const made = await put("(name='main')", { ...properties, name: "main" }, "return=minimal, Create-If-Missing");
  assert.deepEqual([made.status, made.body.name, made.body.subject], [201, "main", "one"]);
  assert.equal((await put("(name='main')", { ...properties, subject: "two" })).status, 204);
  const { value } = (await graph.ask(path)).body;
  assert.deepEqual(
    value.map((row: { name: string; subject: string }) => [row.name, row.subject]),
    [["main", "two"]],
  );
  assert.equal((await put("(name='x!')", properties)).status, 400);
});
