/** What the browser tests of the sign-in begin with: people, an application, and the page of a single-page app that they sign in to. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import type { TestCloud } from "../../support/cloud-in-process.ts";

export type Person = { readonly name: string; readonly password: string };

/** A password that the rules take. */
export const goodPassword = "Tidal-Harbour-27";

/** The operator of the cloud, who is its Global Administrator. */
export function operatorOf(cloud: TestCloud): Person {
  const { username, password } = JSON.parse(readFileSync(join(cloud.status.stateDir, "operator.json"), "utf8"));
  return { name: username, password };
}

/** Makes a person without any role. */
export async function addPerson(cloud: TestCloud, nickname: string, displayName: string, mustChange = false) {
  const domain = operatorOf(cloud).name.split("@")[1];
  const name = `${nickname}@${domain}`;
  await cloud.client.must("graph", "POST", "/v1.0/users", {
    accountEnabled: true,
    displayName,
    mailNickname: nickname,
    userPrincipalName: name,
    passwordProfile: { password: goodPassword, forceChangePasswordNextSignIn: mustChange },
  });
  return { name, password: goodPassword };
}

/** Registers a single-page app at this machine's own address, whatever its port. @returns its appId. */
export async function registerApp(cloud: TestCloud, displayName: string): Promise<string> {
  const { appId } = (await cloud.client.must("graph", "POST", "/v1.0/applications", {
    displayName,
    spa: { redirectUris: ["http://localhost/app"] },
    web: { redirectUris: ["http://localhost/web"] },
    isFallbackPublicClient: true,
  })) as { appId: string };
  await cloud.client.must("graph", "POST", "/v1.0/servicePrincipals", { appId });
  return appId;
}

const msalFolder = dirname(createRequire(import.meta.url).resolve("@azure/msal-browser"));
const msalSource = readFileSync(join(msalFolder, "msal-browser.min.js"));
const pageSource = readFileSync(join(import.meta.dirname, "app-page.js"));
const page = `<!DOCTYPE html><html lang="en"><title>App</title><main id="out"></main>
<button id="in">Sign in</button><button id="out-button">Sign out</button>
<script src="msal.js"></script><script src="app.js"></script></html>`;

export type AppServer = { readonly url: string; close(): Promise<void> };

/**
 * Serves the page on a free port. Its query says whom to ask: `client`, `authority`, `graph`.
 * What is posted to `/web` is answered as text, for applications that want their answer in a form.
 */
export async function startAppServer(): Promise<AppServer> {
  const server = createServer((request, response) => {
    const path = request.url!.split("?")[0];
    const send = (type: string, body: string | Buffer) => response.setHeader("content-type", type).end(body);
    if (path === "/app") send("text/html", page);
    else if (path === "/msal.js") send("text/javascript", msalSource);
    else if (path === "/app.js") send("text/javascript", pageSource);
    else if (path === "/web") {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => send("text/plain", `${request.method} ${body}`));
    } else response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
