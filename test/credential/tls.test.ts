/** Certificates: an authority of the user's own, Service Fabric's by its thumbprint; and that nothing but tokens is asked for. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ClientSecretCredential, type CredentialError, ManagedIdentityCredential } from "@postern/credential";
import { writeCertificate } from "./certificate-files.ts";
import { failure, setVariables } from "./stand-in.ts";

const scope = "https://storage.azure.com/.default";
const retryOptions = { retryDelayInMs: 1 };

/** A server with a certificate that only its own file vouches for; gives every asker a token, and remembers what was asked. */
async function secureStandIn(context: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "postern-tls-"));
  context.after(() => rm(folder, { recursive: true }));
  const { key, certificate: caFile } = await writeCertificate(folder, "localhost", true);
  const certificate = await readFile(caFile, "utf8");
  const asked: { url: string; secret: unknown }[] = [];
  let connections = 0;
  const server = createServer({ key: await readFile(key), cert: certificate }, ({ url, headers }, response) => {
    asked.push({ url: url ?? "", secret: headers.secret });
    response.end(
      JSON.stringify({ token_type: "Bearer", access_token: "one", expires_in: 3599, expires_on: 4102444800 }),
    );
  });
  server.on("connection", () => {
    connections++;
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const url = `https://localhost:${typeof address === "object" ? address?.port : ""}`;
  const thumbprint = new X509Certificate(certificate).fingerprint.replaceAll(":", "");
  return { url, caFile, asked, thumbprint, connections: () => connections };
}

test("AZURE_CA_FILE and caFile: their authority is trusted for this library's requests, and without it the error names them", async (context) => {
  const { url, caFile, asked, connections } = await secureStandIn(context);
  setVariables(context, {});
  const make = (secret: string, options = {}) =>
    new ClientSecretCredential("t", "a", secret, { authorityHost: url, retryOptions, ...options }).getToken(scope);
  const error = (await failure(make("s1"))) as CredentialError;
  assert.equal(error.code, "network");
  assert.match(
    error.message,
    /could not be reached \(\w*CERT\w*\)\. Set AZURE_CA_FILE or NODE_EXTRA_CA_CERTS to its CA/,
  );
  assert.deepEqual([asked.length, connections()], [0, 1], "another try would not mend it");
  assert.equal((await make("s2", { caFile })).token, "one");
  process.env.AZURE_CA_FILE = caFile;
  assert.equal((await make("s3")).token, "one");
  process.env.AZURE_CA_FILE = "/nowhere/ca.pem";
  const missing = (await failure(make("s4"))) as CredentialError;
  assert.deepEqual(
    [missing.code, missing.meaning],
    ["misconfigured", "The CA file /nowhere/ca.pem cannot be read (ENOENT)."],
  );
});

test("no instance discovery, whatever AZURE_DISABLE_INSTANCE_DISCOVERY and the option say", async (context) => {
  const { url, caFile, asked } = await secureStandIn(context);
  for (const [index, value] of ["", "true", "false"].entries()) {
    setVariables(context, { AZURE_CA_FILE: caFile, AZURE_DISABLE_INSTANCE_DISCOVERY: value });
    const options = { authorityHost: url, disableInstanceDiscovery: value !== "false" };
    await new ClientSecretCredential("t", "a", `secret-${index}`, options).getToken(scope);
  }
  assert.deepEqual(
    asked.map((one) => one.url),
    Array(3).fill("/t/oauth2/v2.0/token"),
  );
});

test("Service Fabric: its certificate counts by the thumbprint, and the secret goes to no other", async (context) => {
  const { url, asked, thumbprint } = await secureStandIn(context);
  const fabric = { IDENTITY_ENDPOINT: `${url}/metadata/identity`, IDENTITY_HEADER: "fabric-secret" };
  setVariables(context, { ...fabric, IDENTITY_SERVER_THUMBPRINT: "00".repeat(20) });
  const error = (await failure(new ManagedIdentityCredential({ retryOptions }).getToken(scope))) as CredentialError;
  assert.match(error.message, /No managed identity endpoint answers here \(ServiceFabric/);
  assert.equal(asked.length, 0);
  process.env.IDENTITY_SERVER_THUMBPRINT = thumbprint;
  assert.equal((await new ManagedIdentityCredential({ retryOptions }).getToken(scope)).token, "one");
  const query = new URLSearchParams({ "api-version": "2019-07-01-preview", resource: "https://storage.azure.com" });
  assert.deepEqual(asked, [{ url: `/metadata/identity?${query}`, secret: "fabric-secret" }]);
  assert.throws(() => new ManagedIdentityCredential({ clientId: "c" }), /ServiceFabric gives the one identity/);
});
