/** A person at the sign-in pages, for tests of the whole cloud: sends the forms that a browser would. Owns: the way through the pages. */
import { type Answer, type PlaneClient, planeHosts } from "./plane-client.ts";

export const azureCli = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/** Where the code goes; nobody is there. */
export const redirectUri = "http://localhost";
/** RFC 7636 appendix B. */
export const proofKey = {
  verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
  challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
} as const;

const formHeaders = { "content-type": "application/x-www-form-urlencoded" };

/** Signs in for the Azure CLI. @returns the answer to the password: a page, or a redirect with the code. */
export async function signInAtPages(client: PlaneClient, username: string, password: string): Promise<Answer> {
  const question = {
    client_id: azureCli,
    response_type: "code",
    redirect_uri: redirectUri,
    scope: "openid offline_access",
    code_challenge: proofKey.challenge,
    code_challenge_method: "S256",
  };
  const target = `/organizations/oauth2/v2.0/authorize?${new URLSearchParams(question)}`;
  let answer = await client.send(planeHosts.entra, "GET", target);
  const cookie = String(answer.headers["set-cookie"]).split(";")[0]!;
  for (const fields of [
    { step: "username", username },
    { step: "password", password },
  ]) {
    const flow = /name="flow" value="([^"]*)"/.exec(answer.text)![1]!;
    answer = await client.send(planeHosts.entra, "POST", "/common/login", {
      headers: { ...formHeaders, origin: `https://${planeHosts.entra}`, cookie },
      body: new URLSearchParams({ flow, ...fields }).toString(),
    });
  }
  return answer;
}

/** Asks for tokens by any grant, as the Azure CLI. */
export function askTokens(client: PlaneClient, form: Readonly<Record<string, string>>): Promise<Answer> {
  return client.send(planeHosts.entra, "POST", "/organizations/oauth2/v2.0/token", {
    headers: formHeaders,
    body: new URLSearchParams({ client_id: azureCli, ...form }).toString(),
  });
}
