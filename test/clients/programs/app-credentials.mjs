// Signs an application in by the credential named first, with @azure/identity or @azure/msal-node alone, and prints the claims of its tokens.
import { readFile } from "node:fs/promises";
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  DefaultAzureCredential,
  OnBehalfOfCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { ConfidentialClientApplication, PublicClientApplication } from "@azure/msal-node";

const [kind, ...args] = process.argv.slice(2);
const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client } = process.env;
const authority = `https://login.microsoftonline.com/${tenant}`;
const scopes = ["https://storage.azure.com/.default", "https://management.azure.com/.default"];
const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());

/** One after another with one credential: MSAL sends the same assertion for each. */
async function tokens(credential) {
  const claims = [];
  for (const scope of scopes) claims.push(claimsOf((await credential.getToken(scope)).token));
  return claims;
}

const kinds = {
  certificate: ([path]) => tokens(new ClientCertificateCredential(tenant, client, path)),
  "certificate-chain": ([path]) =>
    tokens(new ClientCertificateCredential(tenant, client, path, { sendCertificateChain: true })),
  assertion: ([path]) => tokens(new ClientAssertionCredential(tenant, client, () => readFile(path, "utf8"))),
  workload: () => tokens(new WorkloadIdentityCredential()),
  default: () => tokens(new DefaultAzureCredential()),
  async msal([path, thumbprintSha256]) {
    const privateKey = await readFile(path, "utf8");
    const clientCertificate = { thumbprintSha256, privateKey };
    const application = new ConfidentialClientApplication({ auth: { clientId: client, authority, clientCertificate } });
    const { accessToken } = await application.acquireTokenByClientCredential({ scopes: [scopes[0]] });
    return [claimsOf(accessToken)];
  },
  async "on-behalf-of"([frontend, username, password, scope, secret, ...target]) {
    const person = new PublicClientApplication({ auth: { clientId: frontend, authority } });
    const first = await person.acquireTokenByUsernamePassword({ scopes: [scope], username, password });
    const credential = new OnBehalfOfCredential({
      tenantId: tenant,
      clientId: client,
      clientSecret: secret,
      userAssertionToken: first.accessToken,
    });
    return [claimsOf(first.accessToken), claimsOf((await credential.getToken(target)).token)];
  },
};

try {
  console.log(JSON.stringify(await kinds[kind](args)));
} catch (error) {
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
