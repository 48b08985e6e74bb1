// scenarios.mjs LIBRARY: tries each credential of the library (SCENARIOS in the environment: what it is given) and prints what came of it.
const library = await import(process.argv[2]);
const given = JSON.parse(process.env.SCENARIOS);
const storage = "https://storage.azure.com/.default";
const { tenant, app, secret, certificatePath, otherCertificatePath, tokenFile } = given;
const user = { tenantId: tenant, clientId: app, clientSecret: secret, userAssertionToken: "not.a.token" };

/** The AZURE_* variables of one scenario; all others of the kind are taken away. */
function variables(values) {
  for (const name of Object.keys(process.env)) if (name.startsWith("AZURE_")) delete process.env[name];
  Object.assign(process.env, values);
}
const environment = (values) => {
  variables(values);
  return new library.EnvironmentCredential();
};
const own = { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: app };
const secretOf = (value, id = app, tenantId = tenant) => new library.ClientSecretCredential(tenantId, id, value);
const unknown = "00000000-0000-4000-8000-000000000000";

const scenarios = {
  "secret: right": () => secretOf(secret),
  "secret: wrong": () => secretOf("wrong-secret-value"),
  "secret: expired": () => secretOf(given.expiredSecret),
  "secret: unknown app": () => secretOf(secret, unknown),
  "secret: unknown tenant": () => secretOf(secret, app, unknown),
  "secret: unknown resource": [() => secretOf(secret), "https://nowhere.example/.default"],
  "secret: Resource Manager": [() => secretOf(secret), "https://management.azure.com/.default"],
  "secret: another tenant asked for": [() => secretOf(secret), storage, { tenantId: unknown }],
  "secret: continuous access evaluation": [() => secretOf(secret), storage, { enableCae: true }],
  "certificate: registered": () => new library.ClientCertificateCredential(tenant, app, certificatePath),
  "certificate: not registered": () => new library.ClientCertificateCredential(tenant, app, otherCertificatePath),
  "certificate: no such file": () => new library.ClientCertificateCredential(tenant, app, "/nowhere/cert.pem"),
  "assertion: not a token": () => new library.ClientAssertionCredential(tenant, app, async () => "not.a.token"),
  "on behalf of: not a token": () => new library.OnBehalfOfCredential(user),
  "environment: secret": () => environment({ ...own, AZURE_CLIENT_SECRET: secret }),
  "environment: wrong secret": () => environment({ ...own, AZURE_CLIENT_SECRET: "wrong-secret-value" }),
  "environment: certificate": () => environment({ ...own, AZURE_CLIENT_CERTIFICATE_PATH: certificatePath }),
  "environment: empty": () => environment({}),
  "environment: no secret": () => environment(own),
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
  const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
  const { aud, iss, appid, oid, tid, idtyp, appidacr, ver, xms_cc } = claims;
  return { tokenType, aud, iss, appid, oid, tid, idtyp, appidacr, ver, xms_cc };
}

const results = {};
for (const [name, scenario] of Object.entries(scenarios)) {
  const [make, scope = storage, options = {}] = [scenario].flat();
  try {
    results[name] = { token: describe(await make().getToken(scope, options)) };
  } catch (error) {
    const number = /AADSTS(\d+)|Error\(s\): (\d+)/.exec(error.message);
    results[name] = { error: error.name, aadsts: number?.[1] ?? number?.[2], message: error.message };
  }
}
console.log(JSON.stringify(results));
