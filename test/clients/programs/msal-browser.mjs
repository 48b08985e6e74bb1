// Signs a person in by @azure/msal-browser alone, as a single-page app does it: away by redirect, back with a code in the fragment, the code
// redeemed by the page itself; then silently by refresh token. The page's surroundings (window, storage, Origin) are played here, because msal-browser
// runs in a browser only; the person is the program $PERSON. Arguments: tenant, client id.
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { promisify } from "node:util";

const [tenant, clientId] = process.argv.slice(2);
const run = promisify(execFile);
const server = createServer((_, response) => response.end("<title>App</title>"));
await new Promise((resolve) => server.listen(0, "localhost", resolve));
const page = new URL(`http://localhost:${server.address().port}/spa`);

class PageStorage {
  #items = new Map();
  get length() {
    return this.#items.size;
  }
  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }
  getItem(name) {
    return this.#items.get(name) ?? null;
  }
  setItem(name, value) {
    this.#items.set(name, String(value));
    this[name] = String(value);
  }
  removeItem(name) {
    this.#items.delete(name);
    delete this[name];
  }
}

globalThis.window = globalThis;
const define = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
define("location", page);
define("sessionStorage", new PageStorage());
define("localStorage", new PageStorage());
define("history", { replaceState: (_, __, address) => (page.href = new URL(address, page).href) });
define("parent", globalThis);
define("addEventListener", () => {});
define("removeEventListener", () => {});
define("document", {
  cookie: "",
  addEventListener: () => {},
  removeEventListener: () => {},
  visibilityState: "visible",
});
const realFetch = globalThis.fetch;
// What a browser does by itself, and no page can change.
define("fetch", (target, init) => {
  const headers = new Headers(init?.headers);
  headers.set("Origin", page.origin);
  return realFetch(target, { ...init, headers });
});

const { PublicClientApplication, NavigationClient } = await import("@azure/msal-browser");

class PersonNavigation extends NavigationClient {
  async navigateExternal(url) {
    const { stdout } = await run(process.execPath, [process.env.PERSON, url]);
    page.href = JSON.parse(stdout).url;
    return false;
  }
}

const application = new PublicClientApplication({
  auth: { clientId, authority: `https://login.microsoftonline.com/${tenant}`, redirectUri: page.href },
  system: { navigationClient: new PersonNavigation(), allowPlatformBroker: false },
});
await application.initialize();
await application.handleRedirectPromise();
const scopes = ["User.Read"];
await application.acquireTokenRedirect({ scopes, redirectStartPage: page.href }).catch((error) => {
  // The page lives on where a real one would have been left.
  if (error.errorCode !== "timed_out") throw error;
});
const returned = page.hash;
const first = await application.handleRedirectPromise({ hash: returned, navigateToLoginRequestUrl: false });
const silent = await application.acquireTokenSilent({ scopes, account: first.account, forceRefresh: true });
console.log(
  JSON.stringify({
    username: first.account.username,
    isCodeInFragment: returned.startsWith("#code="),
    audience: first.idTokenClaims.aud,
    isRenewed: !silent.fromCache,
  }),
);
process.exit(0);
