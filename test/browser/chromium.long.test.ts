/** The browser that the other tests here use: it trusts this server for what its CA is for, and nothing else. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { chromiumSkip, startBrowser, type TestBrowser, type Window } from "./support/chromium.ts";
import { findAccessibilityFaults, measureSidewaysScroll } from "./support/page-checks.ts";

describe("a real browser", { skip: chromiumSkip }, () => {
  let cloud: TestCloud;
  let browser: TestBrowser;
  let window: Window;
  before(async () => {
    cloud = await startTestCloud();
    browser = await startBrowser(cloud.status);
    window = await browser.open();
  });
  after(async () => {
    await browser?.close();
    await cloud?.dispose();
  });

  it("reaches the local address and Azure's own names, with certificates it believes", async () => {
    const discovery = "common/v2.0/.well-known/openid-configuration";
    for (const origin of [cloud.status.baseUrl, "https://login.microsoftonline.com"]) {
      const answer = await window.page.goto(`${origin}/${discovery}`);
      assert.equal(answer?.status(), 200, origin);
      assert.ok((await answer!.json()).token_endpoint.startsWith(origin));
    }
    const blob = await window.page.goto("https://someaccount.blob.core.windows.net/c?restype=container");
    assert.equal((await blob!.securityDetails())?.subjectName !== undefined, true);
  });

  it("reaches nothing outside, and does not believe another server's certificate", async () => {
    const other = await startTestCloud();
    const outside = await browser.open();
    try {
      await assert.rejects(outside.page.goto("https://example.com/"), /net::ERR_TUNNEL_CONNECTION_FAILED/);
      await assert.rejects(outside.page.goto(other.status.baseUrl), /net::ERR_CERT_AUTHORITY_INVALID/);
    } finally {
      await outside.close();
      await other.dispose();
    }
  });

  it("finds what is wrong with a page that is wrong", async () => {
    const { page, takeComplaints } = await browser.open();
    await page.setContent("<body><input><div style='width:9000px'>x</div>");
    assert.match((await findAccessibilityFaults(page)).join("\n"), /label: input/);
    assert.ok((await measureSidewaysScroll(page)) > 1000);
    takeComplaints();
    const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'">`;
    await page.setContent(`${policy}<p style="color: red">x</p>`);
    assert.match(takeComplaints().join("\n"), /Content Security Policy/);
  });
});
