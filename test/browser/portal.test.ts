/** The portal at first sight: signed in to from a deep link, under its policy, without a word of complaint from the browser. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestCloud } from "../support/cloud-in-process.ts";
import { createApp } from "../support/plane-client.ts";
import { startBrowser } from "./support/chromium.ts";
import { enterPortal, portalSkip, settle } from "./support/portal-person.ts";

test("a link into the portal leads through the sign-in to its place", { skip: portalSkip }, async () => {
  const cloud = await startTestCloud();
  const browser = await startBrowser(cloud.status);
  try {
    const app = await createApp(cloud.client, "notes-prod");
    const { page, takeComplaints } = await browser.open();
    await enterPortal(page, cloud, `/portal/app-registrations/${app.objectId}/credentials`);
    await page.getByRole("heading", { name: "notes-prod" }).waitFor();
    await settle(page);
    assert.equal(await page.getByRole("row", { name: /\*{8}/ }).count(), 1);
    assert.ok(!(await page.content()).includes(app.secret));
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByText(app.appId).first().waitFor();
    await page.goBack();
    await page.getByRole("button", { name: "New client secret" }).waitFor();
    assert.deepEqual(takeComplaints(), []);
  } finally {
    await browser.close();
    await cloud.dispose();
  }
});
