// scenarios.mjs LIBRARY GROUP: tries each credential of the library (SCENARIOS in the environment: what it is given) and prints what came of it,
// and what the endpoints and tools of machines, jobs and developers, which are stand-ins, were asked.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { machineScenarios, toolScenarios } from "./stand-in-scenarios.mjs";

const library = await import(process.argv[2]);
const given = JSON.parse(process.env.SCENARIOS);
const storage = "https://storage.azure.com/.default";
const { tenant, app, secret, certificatePath, otherCertificatePath, tokenFile } = given;
const arm = "https://management.azure.com/.default";

/** A person's token for the API, as the frontend that called it has. */
async function signInPerson({ frontend, scope, username, password }) {
  const form = { grant_type: "password", client_id: frontend, scope, username, password };
  const address = `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`;
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams(form) });
  return (await answer.json()).access_token;
}
// "entra", or the beginning of the stand-ins' names: MSAL keeps the first kind of machine it finds for good, so each has its own process.
const group = process.argv[3];
const isEntra = group === "entra";
if (isEntra) given.userToken = await signInPerson(given.person);
const user = { tenantId: tenant, clientId: app, clientSecret: secret, userAssertionToken: "not.a.token" };

const ofCredentials = /^(AZURE|IDENTITY|IMDS|MSI|SYSTEM_OIDC)/;

/** The AZURE_* variables of one scenario; all others of the kind are taken away. */
function variables(values) {
  for (const name of Object.keys(process.env)) if (ofCredentials.test(name)) delete process.env[name];
  Object.assign(process.env, values);
}
const environment = (values) => {
  variables(values);
  return new library.EnvironmentCredential();
};
const own = { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: app };
const secretOf = (value, id = app, tenantId = tenant) => new library.ClientSecretCredential(tenantId, id, value);
const { federatedApp, federatedFile } = given;
const federated = { tenantId: tenant, clientId: federatedApp, tokenFilePath: federatedFile };
const unknown = "00000000-0000-4000-8000-000000000000";

const scenarios = {
  "secret: right": () => secretOf(secret),
  "secret: wrong": () => secretOf("wrong-secret-value"),
  "secret: expired": () => secretOf(given.expiredSecret),
  "secret: unknown app": () => secretOf(secret, unknown),
  "secret: unknown tenant": () => secretOf(secret, app, unknown),
  "secret: unknown resource": [() => secretOf(secret), "https://nowhere.example/.default"],
  "secret: Resource Manager": [() => secretOf(secret), arm],
  "secret: another tenant asked for": [() => secretOf(secret), storage, { tenantId: unknown }],
  "secret: continuous access evaluation": [() => secretOf(secret), storage, { enableCae: true }],
  "certificate: registered": () => new library.ClientCertificateCredential(tenant, app, certificatePath),
  "certificate: not registered": () => new library.ClientCertificateCredential(tenant, app, otherCertificatePath),
  "certificate: no such file": () => new library.ClientCertificateCredential(tenant, app, "/nowhere/cert.pem"),
  "assertion: not a token": () => new library.ClientAssertionCredential(tenant, app, async () => "not.a.token"),
  "assertion: right": () =>
    new library.ClientAssertionCredential(tenant, federatedApp, async () => given.federatedToken),
  "assertion: of another subject": () =>
    new library.ClientAssertionCredential(tenant, federatedApp, async () => given.strangerToken),
  "on behalf of: right": [
    () => new library.OnBehalfOfCredential({ ...user, userAssertionToken: given.userToken }),
    arm,
  ],
  "on behalf of: wrong secret": () =>
    new library.OnBehalfOfCredential({
      ...user,
      userAssertionToken: given.userToken,
      clientSecret: "wrong-secret-value",
    }),
  "on behalf of: not a token": () => new library.OnBehalfOfCredential(user),
  "environment: secret": () => environment({ ...own, AZURE_CLIENT_SECRET: secret }),
  "environment: wrong secret": () => environment({ ...own, AZURE_CLIENT_SECRET: "wrong-secret-value" }),
  "environment: certificate": () => environment({ ...own, AZURE_CLIENT_CERTIFICATE_PATH: certificatePath }),
  "environment: empty": () => environment({}),
  "environment: no secret": () => environment(own),
  "environment: expired secret": () => environment({ ...own, AZURE_CLIENT_SECRET: given.expiredSecret }),
  "environment: no such certificate": () => environment({ ...own, AZURE_CLIENT_CERTIFICATE_PATH: "/nowhere/cert.pem" }),
  "workload: right": () => new library.WorkloadIdentityCredential(federated),
  "workload: no variables": () => {
    variables({});
    return new library.WorkloadIdentityCredential();
  },
  "workload: no file": () => new library.WorkloadIdentityCredential({ ...user, tokenFilePath: "/nowhere/token" }),
  "workload: not a token": () => new library.WorkloadIdentityCredential({ ...user, tokenFilePath: tokenFile }),
  "pipelines: not in one": () => new library.AzurePipelinesCredential(tenant, app, "connection", "token"),
  "az: not installed": () => new library.AzureCliCredential(),
  "azd: not installed": () => new library.AzureDeveloperCliCredential(),
  "PowerShell: not installed": () => new library.AzurePowerShellCredential(),
  "managed identity: none here": () => new library.ManagedIdentityCredential({ retryOptions: { maxRetries: 0 } }),
  "default: secret": () => {
    variables({ ...own, AZURE_CLIENT_SECRET: secret });
    return new library.DefaultAzureCredential();
  },
  "default: wrong secret": () => {
    variables({ ...own, AZURE_CLIENT_SECRET: "wrong-secret-value" });
    return new library.DefaultAzureCredential();
  },
  "default: workload identity": () => {
    variables({ AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: federatedApp, AZURE_FEDERATED_TOKEN_FILE: federatedFile });
    return new library.DefaultAzureCredential();
  },
  "default: nothing": () => {
    variables({});
    return new library.DefaultAzureCredential();
  },
  "default: only AzureCliCredential": () => {
    variables({ AZURE_TOKEN_CREDENTIALS: "AzureCliCredential" });
    return new library.DefaultAzureCredential();
  },
  "default: a wrong AZURE_TOKEN_CREDENTIALS": () => {
    variables({ AZURE_TOKEN_CREDENTIALS: "nonsense" });
    return new library.DefaultAzureCredential();
  },
  "default: required variables": () => {
    variables({});
    return new library.DefaultAzureCredential({ requiredEnvVars: ["AZURE_CLIENT_ID"] });
  },
  "chain: empty environment, then a secret": () =>
    new library.ChainedTokenCredential(environment({}), secretOf(secret)),
  "chain: wrong secret, then a right one": () =>
    new library.ChainedTokenCredential(secretOf("wrong-secret-value"), secretOf(secret)),
};

function describe({ token, tokenType }) {
  if (!token.includes(".")) return { tokenType, token };
  const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
  const { aud, iss, appid, oid, tid, idtyp, appidacr, ver, xms_cc, scp } = claims;
  return { tokenType, aud, iss, appid, oid, tid, idtyp, appidacr, ver, xms_cc, scp };
}

/** Answers as the running scenario says, and remembers what it was asked. */
let answer;
let asked = [];
async function respond(request, response) {
  let body = "";
  for await (const part of request.setEncoding("utf8")) body += part;
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  const proof = ["metadata", "x-identity-header", "authorization"].filter((name) => request.headers[name]);
  const query = Object.fromEntries([...searchParams].sort());
  asked.push({
    method: request.method,
    path: pathname.replace(/\/$/, ""),
    query,
    form: Object.fromEntries(new URLSearchParams(body)),
    proof,
  });
  const { status = 200, body: content } = answer;
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content));
}
const [key, cert] = await Promise.all([readFile(given.tlsKey), readFile(given.tlsCertificate)]);
const endpoint = createServer(respond);
const secureEndpoint = createSecureServer({ key, cert }, respond);
for (const server of [endpoint, secureEndpoint]) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}
const url = `http://127.0.0.1:${endpoint.address().port}`;
const secureUrl = `https://localhost:${secureEndpoint.address().port}`;
const all = isEntra
  ? scenarios
  : {
      ...machineScenarios(library, { url, secureUrl, variables, given }),
      ...(await toolScenarios(library, given.workDir)),
    };

const results = {};
for (const [name, scenario] of Object.entries(all).filter(
  ([name]) => isEntra || new RegExp(`^(${group})\\b`).test(name),
)) {
  const [make, scope = scenario.scope ?? storage, options = {}] = [
    typeof scenario === "object" && !Array.isArray(scenario) ? scenario.make : scenario,
  ].flat();
  answer = scenario.answer ?? {};
  asked = [];
  process.env.PATH = scenario.path ?? "/nowhere";
  try {
    results[name] = { token: describe(await make().getToken(scope, options)) };
  } catch (error) {
    const number = /AADSTS(\d+)|Error\(s\): (\d+)/.exec(error.message);
    results[name] = { error: error.name, aadsts: number?.[1] ?? number?.[2], message: error.message };
  }
  if (asked.length > 0) results[name].asked = asked;
}
for (const server of [endpoint, secureEndpoint]) {
  server.closeAllConnections();
  server.close();
}
console.log(JSON.stringify(results));
