/** A list of ten thousand app registrations: read page by page as it is scrolled, with a screenful of rows in the page. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestCloud } from "../support/cloud-in-process.ts";
import { startBrowser } from "./support/chromium.ts";
import { enterPortal, portalSkip } from "./support/portal-person.ts";

const count = 10_000;

test("ten thousand registrations scroll by", { skip: portalSkip }, async () => {
  const cloud = await startTestCloud();
  const browser = await startBrowser(cloud.status);
  try {
    let made = 0;
    const makeSome = async () => {
      while (made < count)
        await cloud.client.must("graph", "POST", "/v1.0/applications", { displayName: `app-${made++}` });
    };
    await Promise.all(Array.from({ length: 32 }, makeSome));
    const { page, takeComplaints } = await browser.open();
    await enterPortal(page, cloud, "/portal/app-registrations");
    const list = page.getByRole("table");
    const foot = page.locator(".list-foot");
    await list.waitFor();
    for (let pages = 0; pages < count && (await foot.innerText()) !== "10,001 items"; pages++) {
      const before = await foot.innerText();
      await page.evaluate(
        "(() => { const list = document.querySelector('.list-scroller'); list.scrollTo(0, list.scrollHeight); })()",
      );
      await page.waitForFunction("(before) => document.querySelector('.list-foot').innerText !== before", before);
      assert.ok((await page.getByRole("row").count()) < 100);
    }
    await page.evaluate(
      "(() => { const list = document.querySelector('.list-scroller'); list.scrollTo(0, list.scrollHeight); })()",
    );
    await page.getByRole("link", { name: "Postern operator" }).waitFor();
    await page.getByRole("searchbox").fill("app-9999");
    await page.getByText("1 item", { exact: true }).waitFor();
    assert.deepEqual(takeComplaints(), []);
  } finally {
    await browser.close();
    await cloud.dispose();
  }
});
