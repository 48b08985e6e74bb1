import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { put } from "../state/change.ts";
import { firstPartyAppIds } from "../state/first-party.ts";
import type { AppId, ApplicationObjectId, Guid, ServicePrincipalObjectId } from "../state/identifiers.ts";
import { isArmAudience, isGraphAudience } from "../tokens/audiences.ts";
import { claimsOf } from "../tokens/sample-claims.ts";
import { application, ids, servicePrincipal } from "../tokens/sample-directory.ts";
import { maxFormBytes } from "./form.ts";
import { requestId, type SampleServer, secrets, startSampleServer } from "./sample-server.ts";

const local = "https://localhost:8443";
const v1 = `/${ids.tenant}/oauth2/token`;
const v2 = `/${ids.tenant}/oauth2/v2.0/token`;
const armScope = "https://management.azure.com/.default";
const good = {
  grant_type: "client_credentials",
  client_id: ids.app,
  client_secret: secrets.ofApplication,
  scope: armScope,
};
const goodV1 = { ...good, scope: "", resource: "https://storage.azure.com/" };

let server: SampleServer;
before(async () => {
  server = await startSampleServer();
});
after(() => server.close());

test("client credentials, v2: numbers, no refresh token, no client_info; the token passes the verifier", async () => {
  const { status, body, headers } = await server.post(v2, good);
  assert.equal(status, 200);
  const { access_token, ...rest } = body;
  assert.deepEqual(rest, { token_type: "Bearer", expires_in: 3599, ext_expires_in: 3599 });
  const token = server.cloud.verifier.verify(access_token, (audience) => isArmAudience(audience, []));
  assert.deepEqual([token.kind, token.principalId, token.appId], ["app", ids.appPrincipal, ids.app]);
  assert.deepEqual([headers["cache-control"], headers.pragma], ["no-store, no-cache", "no-cache"]);
  assert.equal(headers["x-ms-request-id"], requestId);
});

test("client credentials, v1: the same numbers as strings, and the resource", async () => {
  const { status, body } = await server.post(`${v1}?api-version=1.0`, goodV1);
  assert.equal(status, 200);
  const { access_token, ...rest } = body;
  assert.deepEqual(rest, {
    token_type: "Bearer",
    expires_in: "3599",
    ext_expires_in: "3599",
    expires_on: "1772370000",
    not_before: "1772366100",
    resource: "https://storage.azure.com/",
  });
  assert.equal(claimsOf(access_token).aud, "https://storage.azure.com/");
});

test("aud is the scope less /.default, so a double slash leaves one", async () => {
  const audienceOf = async (scope: string) =>
    claimsOf((await server.post(v2, { ...good, scope })).body.access_token).aud;
  assert.equal(
    await audienceOf("https://management.core.windows.net//.default"),
    "https://management.core.windows.net/",
  );
  assert.equal(await audienceOf("https://graph.microsoft.com/.default"), "https://graph.microsoft.com");
  assert.equal(await audienceOf(`${ids.app}/.default`), ids.app);
});

test("the tenant may be named by its domain, the client in capitals, the secret may stand on either object or in the header", async () => {
  const basic = (id: string, secret: string) =>
    `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`;
  const bare = { grant_type: "client_credentials", scope: armScope };
  const ways = [
    server.post("/CONTOSO.test/oauth2/v2.0/token", good),
    server.post(v2, { ...good, client_id: ids.app.toUpperCase() }),
    server.post(v2, { ...good, client_secret: secrets.ofPrincipal }),
    server.post(v2, bare, { headers: { authorization: basic(ids.app, secrets.ofApplication) } }),
    server.post(
      v2,
      { ...bare, client_id: ids.app },
      { headers: { authorization: basic(ids.app, secrets.ofPrincipal) } },
    ),
    server.post(v2, good, { headers: { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" } }),
    server.post(v2, { ...good, claims: '{"access_token":{"xms_cc":{"values":["CP1"]}}}', client_info: "1" }),
    server.post("/adfs/oauth2/token", good, { origin: local }),
  ];
  for (const [index, answer] of (await Promise.all(ways)).entries())
    assert.equal(answer.status, 200, `${index} ${answer.text}`);
});

test("without the proxy, the server's own name is Resource Manager and Graph at once", async () => {
  const { body } = await server.post("/adfs/oauth2/token", { ...good, scope: `${local}//.default` }, { origin: local });
  const own = ["https://localhost:8443"];
  for (const isAudience of [isArmAudience, isGraphAudience]) {
    assert.equal(server.cloud.verifier.verify(body.access_token, (aud) => isAudience(aud, own)).audience, `${local}/`);
  }
  assert.ok(Array.isArray(claimsOf(body.access_token).wids));
  const elsewhere = await server.post(v2, { ...good, scope: `${local}//.default` });
  assert.deepEqual(elsewhere.body.error_codes, [500011], "nobody knows that name behind the public one");
});

const none = "";
const guid = "00000000-0000-4000-8000-00000000abcd";
type Case = readonly [
  name: string,
  target: string,
  form: Record<string, string>,
  status: number,
  error: string,
  code: number,
];

/** Empty values are left out of a request, as the protocol has it. */
const refusals: readonly Case[] = [
  ["wrong secret", v2, { ...good, client_secret: "wrong" }, 401, "invalid_client", 7000215],
  ["wrong secret, v1", v1, { ...goodV1, client_secret: "wrong" }, 401, "invalid_client", 7000215],
  ["the secret's hash", v2, { ...good, client_secret: "hash" }, 401, "invalid_client", 7000215],
  [
    "secret with a blank after it",
    v2,
    { ...good, client_secret: `${secrets.ofApplication} ` },
    401,
    "invalid_client",
    7000215,
  ],
  ["secret of tomorrow", v2, { ...good, client_secret: secrets.future }, 401, "invalid_client", 7000215],
  ["over-long secret", v2, { ...good, client_secret: "x".repeat(20_000) }, 401, "invalid_client", 7000215],
  ["expired secret", v2, { ...good, client_secret: secrets.expired }, 401, "invalid_client", 7000222],
  ["no secret", v2, { ...good, client_secret: none }, 401, "invalid_client", 7000216],
  [
    "no secret, password",
    v2,
    { ...good, grant_type: "password", username: "a", password: "b", client_secret: none },
    401,
    "invalid_client",
    7000218,
  ],
  ["unknown app", v2, { ...good, client_id: guid }, 400, "unauthorized_client", 700016],
  ["app that is no GUID", v2, { ...good, client_id: "my-app" }, 400, "unauthorized_client", 700016],
  ["object id instead of appId", v2, { ...good, client_id: ids.appObject }, 400, "unauthorized_client", 700016],
  ["principal id instead of appId", v2, { ...good, client_id: ids.appPrincipal }, 400, "unauthorized_client", 700016],
  ["unknown tenant", `/${ids.otherTenant}/oauth2/v2.0/token`, good, 400, "invalid_request", 90002],
  ["unknown domain", "/fabrikam.test/oauth2/token", goodV1, 400, "invalid_request", 90002],
  ["malformed tenant", "/x/oauth2/v2.0/token", good, 400, "invalid_request", 900023],
  ["common", "/common/oauth2/v2.0/token", good, 400, "invalid_request", 9001023],
  ["consumers", "/consumers/oauth2/v2.0/token", good, 400, "invalid_request", 9001023],
  ["organizations", "/organizations/oauth2/v2.0/token", good, 400, "invalid_request", 50059],
  [
    "password on common",
    "/common/oauth2/v2.0/token",
    { ...good, grant_type: "password" },
    400,
    "invalid_request",
    9001023,
  ],
  ["no grant type", v2, { ...good, grant_type: none }, 400, "invalid_request", 900144],
  ["no client id", v2, { ...good, client_id: none }, 400, "invalid_request", 900144],
  ["no scope", v2, { ...good, scope: none }, 400, "invalid_request", 90014],
  ["blank scope", v2, { ...good, scope: "  " }, 400, "invalid_request", 900144],
  ["no resource", v1, { ...goodV1, resource: none }, 400, "invalid_request", 900144],
  ["resource on v2", v2, { ...good, resource: "https://management.azure.com" }, 400, "invalid_request", 901002],
  [
    "scope without .default",
    v2,
    { ...good, scope: "https://graph.microsoft.com/User.Read" },
    400,
    "invalid_scope",
    1002012,
  ],
  ["scope openid", v2, { ...good, scope: "openid" }, 400, "invalid_scope", 1002012],
  [
    "two resources",
    v2,
    { ...good, scope: `${armScope} https://graph.microsoft.com/.default` },
    400,
    "invalid_scope",
    700022,
  ],
  ["scope with a quote", v2, { ...good, scope: '"x"/.default' }, 400, "invalid_scope", 70011],
  ["scope not ASCII", v2, { ...good, scope: "https://exämple/.default" }, 400, "invalid_scope", 70011],
  ["unknown resource", v2, { ...good, scope: "https://vault.azure.net/.default" }, 400, "invalid_resource", 500011],
  ["unknown resource, v1", v1, { ...goodV1, resource: "https://vault.azure.net" }, 400, "invalid_resource", 500011],
  [
    "no such storage account",
    v2,
    { ...good, scope: "https://nosuch.blob.core.windows.net/.default" },
    400,
    "invalid_resource",
    500011,
  ],
  [
    "grant not here yet",
    v2,
    { ...good, grant_type: "urn:ietf:params:oauth:grant-type:saml2-bearer" },
    400,
    "unsupported_grant_type",
    70003,
  ],
  ["grant of an object's member", v2, { ...good, grant_type: "constructor" }, 400, "unsupported_grant_type", 70003],
  ["grant in capitals", v2, { ...good, grant_type: "PASSWORD" }, 400, "unsupported_grant_type", 70003],
  ["a public client's secret", v2, { ...good, client_id: firstPartyAppIds.azureCli }, 401, "invalid_client", 700025],
  [
    "a public client without",
    v2,
    { ...good, client_id: firstPartyAppIds.azureCli, client_secret: none },
    401,
    "invalid_client",
    7000216,
  ],
  ["claims that are no JSON", v2, { ...good, claims: "{" }, 400, "invalid_request", 9002313],
  ["claims that are a list", v2, { ...good, claims: "[]" }, 400, "invalid_request", 9002313],
];

for (const [name, target, form, status, error, code] of refusals) {
  test(`refused: ${name} -> ${status} ${error} AADSTS${code}`, async () => {
    const correlationId = "12345678-0000-4000-8000-000000000001";
    const answer = await server.post(target, form, { headers: { "client-request-id": correlationId } });
    const { body, headers } = answer;
    assert.deepEqual([answer.status, body.error, body.error_codes], [status, error, [code]]);
    assert.deepEqual(Object.keys(body), [
      ...["error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri"],
    ]);
    const tail = ` Trace ID: ${requestId} Correlation ID: ${correlationId} Timestamp: 2026-03-01 12:00:00Z`;
    assert.ok(body.error_description.startsWith(`AADSTS${code}: `) && body.error_description.endsWith(tail));
    assert.doesNotMatch(body.error_description, /\{\w+\}|undefined/, "every hole is filled");
    assert.equal(body.timestamp, "2026-03-01 12:00:00Z");
    assert.equal(body.error_uri, `https://login.microsoftonline.com/error?code=${code}`);
    assert.equal(headers["cache-control"], "no-store, no-cache");
    assert.equal(headers["retry-after"], undefined);
    for (const secret of Object.values(secrets)) assert.ok(!answer.text.includes(secret));
    const record = server.cloud.recorder.signIns().at(-1)!;
    assert.equal(record.errorCode, code, "the refusal is recorded");
    assert.equal(record.correlationId, correlationId);
  });
}

test("the texts clients print are Entra's", async () => {
  const textOf = async (form: Record<string, string>) =>
    (await server.post(v2, form)).body.error_description.split(" Trace ID:")[0];
  assert.equal(
    await textOf({ ...good, client_secret: "wrong" }),
    `AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${ids.app}'.`,
  );
  assert.match(
    await textOf({ ...good, client_id: guid }),
    /^AADSTS700016: Application with identifier '00000000-0000-4000-8000-00000000abcd' was not found in the directory 'Contoso'\. /,
  );
  assert.match(await textOf({ ...good, client_secret: secrets.expired }), /keys for app '.*' are expired\. Visit/);
});

test("an app that is disabled, gone or without a principal is told so only after its secret", async () => {
  const codes = async (form: Record<string, string>) => (await server.post(v2, form)).body.error_codes;
  await server.change(put("servicePrincipal", { ...servicePrincipal, accountEnabled: false }));
  assert.deepEqual(await codes(good), [7000112]);
  assert.deepEqual(await codes({ ...good, client_secret: "wrong" }), [7000215]);
  await server.change({ kind: "servicePrincipal", op: "delete", key: ids.appPrincipal });
  assert.deepEqual(await codes(good), [7000229]);
  assert.deepEqual(await codes({ ...good, client_secret: "wrong" }), [7000215]);
  await server.change(put("servicePrincipal", servicePrincipal));
  assert.equal((await server.post(v2, good)).status, 200);
});

test("a resource that wants its callers assigned refuses those that are not, but serves itself", async () => {
  const resource = {
    id: "dddddddd-0000-4000-8000-000000000002" as ApplicationObjectId,
    appId: "dddddddd-0000-4000-8000-000000000001" as AppId,
    displayName: "Ledger",
  };
  const principalId = "dddddddd-0000-4000-8000-000000000003" as ServicePrincipalObjectId;
  const principal = { ...servicePrincipal, ...resource, id: principalId, passwordCredentials: [] };
  const scope = "api://ledger/.default";
  await server.change(
    put("application", { ...application, ...resource, identifierUris: ["api://ledger"] }),
    put("servicePrincipal", { ...principal, appRoleAssignmentRequired: false }),
  );
  assert.equal(claimsOf((await server.post(v2, { ...good, scope })).body.access_token).aud, "api://ledger");
  await server.change(put("servicePrincipal", { ...principal, appRoleAssignmentRequired: true }));
  const { body } = await server.post(v2, { ...good, scope });
  assert.deepEqual([body.error, body.error_codes], ["invalid_grant", [501051]]);
  assert.match(
    body.error_description,
    /Application '.*'\(Notes\) is not assigned to a role for the application '.*'\(Ledger\)/,
  );
});

test("a request that is no form, or two at once, is refused and changes nothing", async () => {
  const form = "application/x-www-form-urlencoded";
  const basic = { authorization: `Basic ${Buffer.from(`${ids.app}:x`).toString("base64")}` };
  const send = (type: string, body: string | Buffer, headers = {}) =>
    server.send(v2, { method: "POST", headers: { "content-type": type, ...headers }, body });
  const query = new URLSearchParams(good).toString();
  const cases: [answer: Promise<{ status: number; body: { error_codes: number[] } }>, status: number, code: number][] =
    [
      [send("application/json", JSON.stringify(good)), 400, 900144],
      [send("text/plain", query), 400, 900144],
      [server.send(v2, { method: "POST", body: query }), 400, 900144],
      [send(form, ""), 400, 900144],
      [send(form, `${query}&scope=x`), 400, 9002313],
      [send(form, `${query}&a=%zz`), 400, 9002313],
      [send(form, Buffer.from([0x61, 0x3d, 0xff])), 400, 9002313],
      [send(form, query, basic), 400, 9002313],
      [send(form, "grant_type=client_credentials&scope=x", { authorization: "Basic bm9jb2xvbg==" }), 400, 9002313],
      [send(form, `grant_type=client_credentials&scope=x&client_id=${guid}`, basic), 400, 9002313],
      [send(form, `a=${"x".repeat(maxFormBytes)}`), 413, 9002313],
    ];
  for (const [index, [answer, status, code]] of cases.entries()) {
    const { status: actual, body } = await answer;
    assert.deepEqual([actual, body.error_codes], [status, [code]], `case ${index}`);
  }
  assert.equal((await server.post(v2, good)).status, 200);
});

test("an over-long body without a length is answered, too", async () => {
  const { status } = await server.send(v2, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", "transfer-encoding": "chunked" },
    body: `a=${"x".repeat(maxFormBytes * 2)}`,
  });
  assert.equal(status, 413);
});

test("a success is recorded with who, what and for what", async () => {
  await server.post(v2, good);
  const application = server.cloud.model.applications.get(ids.appObject)!;
  const { time, correlationId: _, ...record } = server.cloud.recorder.signIns().at(-1)!;
  assert.equal(time, "2026-03-01T12:00:00.000Z");
  assert.deepEqual(record, {
    requestId,
    appId: ids.app,
    principalId: ids.appPrincipal,
    userPrincipalName: "",
    resource: "https://management.azure.com",
    grant: "client_credentials",
    credentialKeyId: application.passwordCredentials[0]?.keyId,
    errorCode: 0,
  });
});

test("no record holds a secret, whichever field it was put into", async () => {
  const leaked = "S3cret-in-the-wrong-field";
  for (const field of ["client_id", "grant_type", "scope", "username", "client_secret", "password", "refresh_token"]) {
    for (const grant_type of ["client_credentials", "password", "refresh_token"]) {
      await server.post(v2, { ...good, grant_type, username: "x", password: "x", refresh_token: "x", [field]: leaked });
    }
  }
  assert.ok(!JSON.stringify(server.cloud.recorder.signIns()).includes(leaked));
});

test("whatever bytes are posted, the answer is an OAuth error", async () => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc
      .dictionary(
        fc.constantFrom(...Object.keys(good), "resource", "claims", "refresh_token", "username", "password"),
        fc.string({ unit: "binary" }),
      )
      .map((form) => Buffer.from(new URLSearchParams(Object.entries(form)).toString())),
  );
  await fc.assert(
    fc.asyncProperty(noise, async (body) => {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const answer = await server.send(v2, { method: "POST", headers, body });
      assert.ok([400, 401, 501].includes(answer.status), `${answer.status} ${answer.text}`);
      assert.equal(typeof answer.body.error, "string");
    }),
    { numRuns: 300 },
  );
  assert.equal((await server.post(v2, { ...good, nonce: randomBytes(4).toString("hex") as Guid })).status, 200);
});
