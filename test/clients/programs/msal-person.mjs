// Signs people in by @azure/msal-node alone: `code` (a web server with a secret, or a program with a proof key) or `device`; then silently.
// Arguments: kind, tenant, client id, redirect URI. The web server's secret is in APP_SECRET. The person is the program $PERSON.
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { ConfidentialClientApplication, CryptoProvider, PublicClientApplication } from "@azure/msal-node";

const [kind, tenant, clientId] = process.argv.slice(2);
const clientSecret = process.env.APP_SECRET;
const auth = { clientId, authority: `https://login.microsoftonline.com/${tenant}` };
const application =
  clientSecret === undefined
    ? new PublicClientApplication({ auth })
    : new ConfidentialClientApplication({ auth: { ...auth, clientSecret } });
const scopes = ["User.Read"];
const run = promisify(execFile);

const first = kind === "code" ? await signInByCode() : await signInByDevice();
const account = first.account;
const silent = await application.acquireTokenSilent({ scopes, account, forceRefresh: true });
console.log(
  JSON.stringify({
    username: account.username,
    nonce: first.idTokenClaims.nonce,
    audience: first.idTokenClaims.aud,
    scopes: first.scopes,
    isRenewed: !silent.fromCache,
  }),
);

async function signInByCode() {
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  let arrive;
  const arrived = new Promise((resolve) => {
    arrive = resolve;
  });
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url, "http://localhost");
    response.end("<title>Done</title>");
    if (searchParams.has("code") || searchParams.has("error")) arrive(Object.fromEntries(searchParams));
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  const redirectUri = `http://localhost:${server.address().port}${process.argv[5] ?? ""}`;
  const request = { scopes, redirectUri, codeChallenge: challenge, codeChallengeMethod: "S256" };
  const url = await application.getAuthCodeUrl({ ...request, state: "s1", nonce: "n1", prompt: "select_account" });
  await run(process.execPath, [process.env.PERSON, url]);
  const { code, state, error_description } = await arrived;
  server.close();
  if (state !== "s1" || code === undefined) throw new Error(`no code: ${error_description}`);
  return application.acquireTokenByCode({ code, scopes, redirectUri, codeVerifier: verifier, nonce: "n1" });
}

function signInByDevice() {
  return application.acquireTokenByDeviceCode({
    scopes,
    deviceCodeCallback: ({ userCode, verificationUri }) =>
      run(process.execPath, [process.env.PERSON, verificationUri], {
        env: { ...process.env, PERSON_CODE: userCode },
      }),
  });
}
