/** Identities of machines and pods, from stand-ins for each kind of endpoint. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { AzurePipelinesCredential, ManagedIdentityCredential, WorkloadIdentityCredential } from "@postern/credential";
import { type Asked, entraError, failure, granted, type Script, setVariables, standIn } from "./stand-in.ts";

const scope = "https://storage.azure.com/.default";
const resource = "https://storage.azure.com";
const retryOptions = { retryDelayInMs: 1 };
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

async function machine(context: TestContext, script: Script, variables: (url: string) => Record<string, string>) {
  const endpoint = await standIn(context, script);
  setVariables(context, variables(endpoint.url));
  return endpoint;
}

const seen = ({ method, url, headers }: Asked) => [
  method,
  url.pathname,
  Object.fromEntries(url.searchParams),
  headers.metadata ?? headers["x-identity-header"] ?? headers.secret,
];

test("App Service: the header, and the identity that is meant", async (context) => {
  const script = () => ({ body: { access_token: "one", expires_on: String(inAnHour()) } });
  const variables = (url: string) => ({ IDENTITY_ENDPOINT: `${url}/msi/token`, IDENTITY_HEADER: "key" });
  const { asked } = await machine(context, script, variables);
  const token = await new ManagedIdentityCredential({ clientId: "c" }).getToken(scope);
  assert.equal(token.token, "one");
  assert.ok(token.expiresOnTimestamp > Date.now() + 3590_000);
  await new ManagedIdentityCredential({ resourceId: "/r" }).getToken(scope);
  await new ManagedIdentityCredential({ objectId: "o" }).getToken(scope);
  const common = { "api-version": "2019-08-01", resource };
  assert.deepEqual(asked.map(seen), [
    ["GET", "/msi/token", { ...common, client_id: "c" }, "key"],
    ["GET", "/msi/token", { ...common, mi_res_id: "/r" }, "key"],
    ["GET", "/msi/token", { ...common, object_id: "o" }, "key"],
  ]);
});

test("a virtual machine: metadata, tries again while busy, and says what it refused", async (context) => {
  const script: Script = ({ url }, index) => {
    if (url.searchParams.has("client_id")) {
      return { status: 400, body: { error: "invalid_request", error_description: "Identity not found" } };
    }
    return index === 0 ? { status: 410 } : granted("one");
  };
  const { asked } = await machine(context, script, (url) => ({
    AZURE_POD_IDENTITY_AUTHORITY_HOST: `${url}/of/a/pod/`,
  }));
  assert.equal((await new ManagedIdentityCredential({ retryOptions }).getToken(scope)).token, "one");
  const path = "/of/a/pod/metadata/identity/oauth2/token";
  assert.deepEqual(seen(asked[1]!), ["GET", path, { "api-version": "2018-02-01", resource }, "true"]);
  const error = await failure(new ManagedIdentityCredential({ clientId: "other" }).getToken(scope));
  assert.equal(error.name, "CredentialUnavailableError");
  assert.match(error.message, /answered 400: Identity not found\b.*AZURE_CLIENT_ID/);
});

test("Cloud Shell takes a form, and no other identity", async (context) => {
  const { asked } = await machine(
    context,
    () => granted("one"),
    (url) => ({ MSI_ENDPOINT: `${url}/oauth2/token` }),
  );
  await new ManagedIdentityCredential().getToken(scope);
  assert.deepEqual([asked[0]?.method, asked[0]?.form, asked[0]?.headers.metadata], ["POST", { resource }, "true"]);
  assert.throws(() => new ManagedIdentityCredential({ clientId: "c" }), /CloudShell gives the one identity/);
});

test("Arc: a challenge that names a file elsewhere is not answered", async (context) => {
  const challenge = { status: 401, headers: { "www-authenticate": "Basic realm=/etc/shadow.key" } };
  const variables = (url: string) => ({ IDENTITY_ENDPOINT: `${url}/arc`, IMDS_ENDPOINT: url });
  const { asked } = await machine(context, () => challenge, variables);
  const error = await failure(new ManagedIdentityCredential().getToken(scope));
  assert.match(error.message, /challenge names no file/);
  assert.deepEqual(
    asked.map(({ headers }) => headers.authorization),
    [undefined],
  );
});

test("one identity only; one resource only", async (context) => {
  setVariables(context, {});
  assert.throws(() => new ManagedIdentityCredential({ clientId: "c", objectId: "o" }), /Only one of/);
  const error = await failure(new ManagedIdentityCredential().getToken([scope, "https://vault.azure.net/.default"]));
  assert.match(error.message, /exactly one scope/);
});

test("a pod's token file is read for each request, and an empty one is not sent", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "postern-credential-"));
  context.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "token");
  const { asked } = await machine(
    context,
    () => granted("one"),
    (url) => ({
      AZURE_AUTHORITY_HOST: url,
      AZURE_TENANT_ID: "t",
      AZURE_CLIENT_ID: "a",
      AZURE_FEDERATED_TOKEN_FILE: file,
    }),
  );
  assert.match((await failure(new WorkloadIdentityCredential().getToken(scope))).message, /cannot be read \(ENOENT\)/);
  await writeFile(file, "first\n");
  const credential = new WorkloadIdentityCredential();
  await credential.getToken(scope);
  await writeFile(file, "second");
  await credential.getToken(scope, { claims: "{}" });
  await writeFile(file, "");
  assert.match((await failure(new WorkloadIdentityCredential().getToken(scope))).message, /is empty/);
  assert.deepEqual(
    asked.map(({ form }) => form.client_assertion),
    ["first", "second"],
  );
});

test("Azure Pipelines: the job's token is exchanged", async (context) => {
  const script: Script = ({ url }) => (url.pathname === "/oidc" ? { body: { oidcToken: "job-jwt" } } : granted("one"));
  const { asked, url } = await machine(context, script, (url) => ({ SYSTEM_OIDCREQUESTURI: `${url}/oidc` }));
  const credential = new AzurePipelinesCredential("t", "a", "connection", "system", { authorityHost: url });
  assert.equal((await credential.getToken(scope)).token, "one");
  assert.deepEqual(
    [asked[0]?.headers.authorization, asked[0]?.url.search, asked[1]?.form.client_assertion],
    ["Bearer system", "?api-version=7.1&serviceConnectionId=connection", "job-jwt"],
  );
  const refusing = await standIn(context, () => entraError(1, "no", "no"));
  process.env.SYSTEM_OIDCREQUESTURI = refusing.url;
  const other = new AzurePipelinesCredential("t", "a", "connection", "system", { authorityHost: url });
  assert.match((await failure(other.getToken(scope))).message, /Azure Pipelines answered 400/);
});
