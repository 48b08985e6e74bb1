import assert from "node:assert/strict";
import { test } from "node:test";
import { type LaunchRequest, launchEnvironment } from "./environment.ts";
import { cleanNoProxy } from "./no-proxy.ts";

const request: LaunchRequest = {
  parent: { PATH: "/bin", HOME: "/home/me" },
  proxyUrl: "http://localhost:9",
  caBundle: "/state/ca.pem",
  stateDir: "/state",
  azConfigDir: "/state/clients/az",
  preloadFile: "/package/preload.cjs",
};

function launch(parent: NodeJS.ProcessEnv, extra: Partial<LaunchRequest> = {}): NodeJS.ProcessEnv {
  return launchEnvironment({ ...request, parent: { ...request.parent, ...parent }, ...extra });
}

test("every client's own variable names the proxy and the CA bundle, whatever the parent had", () => {
  const env = launch({
    https_proxy: "http://corporate:3128",
    REQUESTS_CA_BUNDLE: "/etc/ssl/certs/ca-certificates.crt",
  });
  for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"])
    assert.equal(env[name], request.proxyUrl);
  for (const name of ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"]) {
    assert.equal(env[name], request.caBundle);
  }
  assert.equal(env.PATH, "/bin");
});

test("ALL_PROXY is replaced where it is set, and not invented", () => {
  assert.equal(launch({ ALL_PROXY: "socks5://corporate" }).ALL_PROXY, request.proxyUrl);
  assert.equal("ALL_PROXY" in launch({}), false);
});

test("az gets a configuration folder of its own, even where the user named one", () => {
  const env = launch({ AZURE_CONFIG_DIR: "/home/me/.azure" });
  assert.equal(env.AZURE_CONFIG_DIR, "/state/clients/az");
  assert.equal(env.AZURE_CORE_COLLECT_TELEMETRY, "0");
});

test("an app's three variables are set with an app, and left alone without", () => {
  const own = { AZURE_CLIENT_ID: "theirs", AZURE_AUTHORITY_HOST: "https://login.example" };
  assert.equal(launch(own).AZURE_CLIENT_ID, "theirs");
  const env = launch(own, { credential: { tenantId: "t", appId: "a", clientSecret: "s" } });
  assert.deepEqual([env.AZURE_TENANT_ID, env.AZURE_CLIENT_ID, env.AZURE_CLIENT_SECRET], ["t", "a", "s"]);
  assert.equal(env.AZURE_AUTHORITY_HOST, "https://login.example");
});

test("the user's Node options stay, before ours", () => {
  assert.equal(
    launch({ NODE_OPTIONS: "--no-warnings" }).NODE_OPTIONS,
    '--no-warnings --require "/package/preload.cjs"',
  );
  assert.equal(launch({}, { preloadFile: '/a b/"c"' }).NODE_OPTIONS, '--require "/a b/\\"c\\""');
});

test("no host of Azure's is reached past the proxy; this machine always is", () => {
  const local = "localhost,127.0.0.1,::1";
  const past = [
    "*",
    "com",
    ".com",
    "azure.com",
    "*.azure.com",
    "management.azure.com:443",
    "acct.blob.core.windows.net",
    ".core.windows.net",
    "windows.net",
    "169.254.169.254",
    "169.254.0.0/16",
    "Login.MicrosoftOnline.com",
    "graph.*",
  ];
  for (const entry of past) assert.equal(cleanNoProxy(`a.example,${entry}`), `a.example,${local}`, entry);
});

test("the user's own hosts stay, once each", () => {
  assert.equal(
    cleanNoProxy("git.example.org, .intern 10.0.0.0/8,localhost"),
    "git.example.org,.intern,10.0.0.0/8,localhost,127.0.0.1,::1",
  );
  assert.equal(cleanNoProxy("azure.com.example.org"), "azure.com.example.org,localhost,127.0.0.1,::1");
});

test("a managed identity's variables come alone: nothing of the parent's signs the program in before it", () => {
  const parent = {
    AZURE_CLIENT_ID: "theirs",
    AZURE_TENANT_ID: "theirs",
    AZURE_CLIENT_SECRET: "theirs",
    AZURE_FEDERATED_TOKEN_FILE: "/theirs",
    IDENTITY_ENDPOINT: "http://theirs",
    IDENTITY_HEADER: "theirs",
    MSI_ENDPOINT: "http://theirs",
    AZURE_AUTHORITY_HOST: "https://login.example",
    no_proxy: "git.example.org",
  };
  const identityVariables = { AZURE_POD_IDENTITY_AUTHORITY_HOST: "http://127.0.0.1:9/secret" };
  const env = launch(parent, { identityVariables });
  assert.equal(env.AZURE_POD_IDENTITY_AUTHORITY_HOST, "http://127.0.0.1:9/secret");
  assert.deepEqual(
    Object.entries(env).filter(([, value]) => value?.includes("theirs")),
    [],
  );
  assert.equal(env.AZURE_AUTHORITY_HOST, "https://login.example");
  assert.equal(env.NO_PROXY, "git.example.org,localhost,127.0.0.1,::1");
});
