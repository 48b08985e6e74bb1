// Scenarios of what cannot be here: Azure's machines and jobs, and developers' tools. Endpoints and programs stand in for them; each scenario
// is {make, answer?, path?}: the credential, what the endpoint answers, and the folder whose programs are found.
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const retryOptions = { maxRetries: 0 };
const inTenYears = Math.floor(Date.now() / 1000) + 315_360_000;
const issued = {
  body: { access_token: "machine-token", token_type: "Bearer", expires_in: "86399", expires_on: String(inTenYears) },
};
const notFound = { status: 400, body: { error: "invalid_request", error_description: "Identity not found" } };

/** Managed identities by each kind of endpoint, and the exchange of Azure Pipelines. */
export function machineScenarios(library, { url, secureUrl, variables, given }) {
  const managed = (values, options = {}) => {
    variables(values);
    return new library.ManagedIdentityCredential({ ...options, retryOptions });
  };
  const appService = { IDENTITY_ENDPOINT: `${url}/msi/token`, IDENTITY_HEADER: "header" };
  const imds = { AZURE_POD_IDENTITY_AUTHORITY_HOST: url };
  const cloudShell = { MSI_ENDPOINT: `${url}/oauth2/token` };
  const pipelines = (values = { SYSTEM_OIDCREQUESTURI: `${secureUrl}/oidc` }) => {
    variables(values);
    const { tenant, federatedApp, authorityHost } = given;
    const options = { retryOptions, authorityHost, disableInstanceDiscovery: true };
    return new library.AzurePipelinesCredential(tenant, federatedApp, "connection", "job-token", options);
  };
  return {
    "App Service: its identity": { make: () => managed(appService), answer: issued },
    "App Service: by client ID": { make: () => managed(appService, { clientId: "c" }), answer: issued },
    "App Service: by resource ID": { make: () => managed(appService, { resourceId: "/r" }), answer: issued },
    "App Service: by object ID": { make: () => managed(appService, { objectId: "o" }), answer: issued },
    "App Service: no such identity": { make: () => managed(appService, { clientId: "missing" }), answer: notFound },
    "virtual machine: its identity": { make: () => managed(imds), answer: issued },
    "virtual machine: by client ID": { make: () => managed(imds, { clientId: "c" }), answer: issued },
    "virtual machine: by resource ID": { make: () => managed(imds, { resourceId: "/r" }), answer: issued },
    "virtual machine: by object ID": { make: () => managed(imds, { objectId: "o" }), answer: issued },
    "virtual machine: no such identity": { make: () => managed(imds, { clientId: "missing" }), answer: notFound },
    "Cloud Shell: its identity": { make: () => managed(cloudShell), answer: issued },
    "Cloud Shell: by client ID": { make: () => managed(cloudShell, { clientId: "c" }), answer: issued },
    "App Service: by DefaultAzureCredential": {
      make: () => {
        variables(appService);
        return new library.DefaultAzureCredential({ retryOptions });
      },
      scope: "https://vault.azure.net/.default",
      answer: issued,
    },
    "pipelines: without https": {
      make: () => pipelines({ SYSTEM_OIDCREQUESTURI: "http://pipelines.example/oidc" }),
    },
    "pipelines: the job's token": { make: () => pipelines(), answer: { body: { oidcToken: given.federatedToken } } },
    "pipelines: refused": { make: () => pipelines(), answer: { status: 401, body: { message: "no" } } },
    "pipelines: no token in the answer": { make: () => pipelines(), answer: { body: {} } },
  };
}

const tools = {
  az: {
    credential: "AzureCliCredential",
    token: `{"accessToken":"tool-token","expires_on":${inTenYears},"expiresOn":"2036-01-01 00:00:00.000000"}`,
    login: "ERROR: Please run 'az login' to setup account.",
  },
  azd: {
    credential: "AzureDeveloperCliCredential",
    token: '{"token":"tool-token","expiresOn":"2036-01-01T00:00:00Z"}',
    login: "ERROR: not logged in, run `azd auth login` to login",
  },
  pwsh: {
    credential: "AzurePowerShellCredential",
    token: `{"Token":"tool-token","ExpiresOn":${inTenYears}}`,
    login: "Run Connect-AzAccount to login.",
  },
};

/** Developers' tools as shell scripts, each in a folder that is all there is to find. */
export async function toolScenarios(library, workDir) {
  const scenarios = {};
  for (const [program, { credential, token, login }] of Object.entries(tools)) {
    const behaviours = {
      "signed in": `cat <<'END'\n${token}\nEND`,
      "not signed in": `cat >&2 <<'END'\n${login}\nEND\nexit 1`,
      "fails otherwise": "echo 'something strange' >&2; exit 1",
      "prints no JSON": "echo hello",
    };
    for (const [behaviour, script] of Object.entries(behaviours)) {
      // A folder of this process alone: others write and run theirs at the same time.
      const path = join(workDir, `${process.pid}-${program}-${behaviour.replaceAll(" ", "-")}`);
      await mkdir(path, { recursive: true });
      await writeFile(join(path, program), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
      await chmod(join(path, program), 0o700);
      // The library runs tools through a shell, which it has to find.
      scenarios[`${program}: ${behaviour}`] = { make: () => new library[credential](), path: `${path}:/bin` };
    }
  }
  return scenarios;
}
