// Signs in by @azure/msal-node alone; prints the token's own claims as JSON.
import { ConfidentialClientApplication } from "@azure/msal-node";

const application = new ConfidentialClientApplication({
  auth: {
    clientId: process.env.AZURE_CLIENT_ID,
    authority: `https://login.microsoftonline.com/${process.env.AZURE_TENANT_ID}`,
    clientSecret: process.env.AZURE_CLIENT_SECRET,
  },
});
const scopes = ["https://storage.azure.com/.default"];
const first = await application.acquireTokenByClientCredential({ scopes });
const second = await application.acquireTokenByClientCredential({ scopes });
const claims = JSON.parse(Buffer.from(first.accessToken.split(".")[1], "base64url").toString());
console.log(JSON.stringify({ claims, isCached: second.fromCache }));
