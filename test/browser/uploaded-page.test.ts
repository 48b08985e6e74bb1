/** A page that somebody uploaded as a blob is at the origin of the portal and the sign-in pages when it is read by this machine's own address. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { assignRole, createAccount, createApp, planeScopes, roleIds } from "../support/plane-client.ts";
import { chromiumSkip, startBrowser, type TestBrowser, type Window } from "./support/chromium.ts";

const account = "uploads";
/** Says in the title that it ran, and what it found. */
const script = `document.title = "ran: " + (function () { try { return sessionStorage.getItem("token"); } catch { return "nothing"; } })()`;
const files = {
  "page.html": ["text/html", `<title>still</title><script>${script}</script><body onload='${script}'>`],
  // What a browser would sniff as a page.
  "page.txt": ["text/plain", `<title>still</title><script>${script}</script>`],
  "picture.svg": ["image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"><script>${script}</script></svg>`],
} as const;

describe("an uploaded page in a real browser", { skip: chromiumSkip }, () => {
  let cloud: TestCloud;
  let browser: TestBrowser;
  let window: Window;
  before(async () => {
    cloud = await startTestCloud();
    browser = await startBrowser(cloud.status);
    const { client } = cloud;
    const scope = await createAccount(client, "rg", account);
    const app = await createApp(client, "uploader");
    const name = "11111111-2222-4333-8444-555555555555";
    const assigned = await assignRole(client, name, scope, roleIds.blobDataContributor, app.principalId);
    assert.equal(assigned.status, 201, assigned.text);
    const authorization = `Bearer ${await client.token(app.appId, app.secret, planeScopes.blob)}`;
    const put = async (target: string, headers: Record<string, string>, body = "") => {
      const sent = { "x-ms-version": "2024-11-04", authorization, ...headers };
      const made = await client.send(`${account}.blob.core.windows.net`, "PUT", target, { headers: sent, body });
      assert.equal(made.status, 201, made.text);
    };
    await put("/site?restype=container", {});
    for (const [file, [type, text]] of Object.entries(files))
      await put(`/site/${file}`, { "x-ms-blob-type": "BlockBlob", "content-type": type }, text);
    window = await browser.open();
    // A browser sends no token by itself; what reads a blob without one (a signature, a public container) is no other answer.
    await window.context.setExtraHTTPHeaders({ authorization, "x-ms-version": "2024-11-04" });
  });
  after(async () => {
    await browser?.close();
    await cloud?.dispose();
  });

  for (const file of Object.keys(files)) {
    it(`by this machine's own address ${file} runs nothing, and has neither the origin nor the storage of the portal`, async () => {
      const { page } = window;
      // Of the same origin as the portal, whose own page goes on to sign in.
      await page.goto(`${cloud.status.baseUrl}/healthz`);
      await page.evaluate("sessionStorage.setItem('token', 'secret')");
      const answer = await page.goto(`${cloud.status.baseUrl}/${account}/site/${file}`);
      assert.equal(answer?.status(), 200);
      assert.equal(answer?.headers()["x-content-type-options"], "nosniff");
      assert.equal(await page.evaluate("self.origin"), "null");
      assert.doesNotMatch(await page.title(), /ran/);
      await assert.rejects(page.evaluate("sessionStorage.getItem('token')"), /SecurityError/);
      await page.goto(`${cloud.status.baseUrl}/healthz`);
      assert.equal(await page.evaluate("sessionStorage.getItem('token')"), "secret", "it was there to be taken");
    });
  }

  it("an error there is no page either", async () => {
    const answer = await window.page.goto(`${cloud.status.baseUrl}/${account}/site/none`);
    assert.deepEqual(
      [answer?.status(), answer?.headers()["content-security-policy"]],
      [404, "sandbox; default-src 'none'"],
    );
  });

  it("by the account's own name it is what Azure makes of it: a page at an origin where nothing else is", async () => {
    const { page } = window;
    const answer = await page.goto(`https://${account}.blob.core.windows.net/site/page.html`);
    assert.equal(answer?.headers()["content-security-policy"], undefined);
    assert.equal(await page.title(), "ran: null");
  });
});
