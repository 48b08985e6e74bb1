// runtime.mjs: signs in by each kind of credential with @postern/credential as it is installed, reads a blob's list with one token, and
// prints what came of each. WAYS in the environment: what it is given.
import * as library from "@postern/credential";

const { tenant, secretApp, certificateApp, federatedApp, account } = JSON.parse(process.env.WAYS);
const storage = "https://storage.azure.com/.default";

/** Sets the AZURE_* variables of one way; those of the surroundings stay. */
const variables = (values) => {
  for (const name of ["CLIENT_ID", "CLIENT_SECRET", "CLIENT_CERTIFICATE_PATH", "FEDERATED_TOKEN_FILE"]) {
    delete process.env[`AZURE_${name}`];
  }
  Object.assign(process.env, { AZURE_TENANT_ID: tenant, ...values });
  return new library.DefaultAzureCredential();
};

const ways = {
  secret: () => new library.ClientSecretCredential(tenant, secretApp.appId, secretApp.password),
  "environment: secret": () => variables({ AZURE_CLIENT_ID: secretApp.appId, AZURE_CLIENT_SECRET: secretApp.password }),
  certificate: () => new library.ClientCertificateCredential(tenant, certificateApp.appId, certificateApp.pem),
  "environment: certificate": () =>
    variables({ AZURE_CLIENT_ID: certificateApp.appId, AZURE_CLIENT_CERTIFICATE_PATH: certificateApp.pem }),
  "environment: workload identity": () =>
    variables({ AZURE_CLIENT_ID: federatedApp.appId, AZURE_FEDERATED_TOKEN_FILE: federatedApp.tokenFile }),
  "wrong secret": () => new library.ClientSecretCredential(tenant, secretApp.appId, "wrong-secret-value"),
  "Azure CLI": () => new library.AzureCliCredential(),
};

const results = {};
for (const [name, make] of Object.entries(ways)) {
  try {
    const { token } = await make().getToken(storage);
    const { appid, aud, tid } = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
    results[name] = { appid, aud, tid };
    if (name === "secret" && account) {
      const headers = { authorization: `Bearer ${token}`, "x-ms-version": "2025-07-05" };
      results.blobs = (await fetch(`https://${account}.blob.core.windows.net/?comp=list`, { headers })).status;
    }
  } catch (error) {
    results[name] = { code: error.code, aadsts: error.aadsts, message: error.message };
  }
}
console.log(JSON.stringify(results));
