/**
 * Blobs and insight in the portal, as one goes through them: a refusal, its reason, the role that mends it one click away; files up and down; what
 * happens live; the smallest roles; the map of who has access and what it was before.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { planeScopes } from "../support/plane-client.ts";
import { startBrowser, type TestBrowser, type Window } from "./support/chromium.ts";
import { account, container, type Furniture, furnishCloud } from "./support/portal-furniture.ts";
import { enterPortal, openPlace, portalSkip } from "./support/portal-person.ts";

/** More than one block of four mebibytes. */
const largeSizeBytes = 9 * 1024 * 1024 + 1;

describe("the portal's data and insight", { skip: portalSkip }, () => {
  let cloud: TestCloud;
  let browser: TestBrowser;
  let made: Furniture;
  let window: Window;
  let page: Page;
  let blobs: string;
  before(async () => {
    cloud = await startTestCloud();
    made = await furnishCloud(cloud);
    browser = await startBrowser(cloud.status);
    window = await browser.open();
    page = window.page;
    blobs = `/portal/storage-accounts/${cloud.status.subscriptionId}/notes-rg/${account}/containers`;
    await enterPortal(page, cloud);
  });
  after(async () => {
    await browser?.close();
    await cloud?.dispose();
  });

  const open = (place: string) => openPlace(page, cloud, place);
  const press = (name: string) => page.getByRole("button", { name, exact: true }).first().click();
  const pressInDialog = (name: string) =>
    page.getByRole("dialog").getByRole("button", { name, exact: true }).first().click();

  it("makes a container; a refused upload leads to the role that mends it", async () => {
    await open(blobs);
    await press("Container");
    await page.getByRole("textbox", { name: "Name" }).fill(container);
    await pressInDialog("Create");
    await page.getByRole("link", { name: container, exact: true }).click();
    const refusal = page.getByRole("alert");
    await refusal.waitFor();
    assert.match(await refusal.innerText(), /^AuthorizationPermissionMismatch\s+This request is not authorized/);
    await refusal.getByRole("link", { name: "Which role would help?" }).click();
    await page.getByRole("heading", { name: "What was decided" }).waitFor();
    await page.getByText("data-action-not-granted").waitFor();
    await page.getByRole("link", { name: /^Assign Storage Blob Data Contributor at .*notesaccount$/ }).click();
    await page.getByRole("tab", { name: "Review + assign", selected: true }).waitFor();
    await page.getByText("Storage Blob Data Contributor").first().waitFor();
    await press("Review + assign");
    await page.getByRole("row", { name: /Operator.*Storage Blob Data Contributor/ }).waitFor();
    // The refusal was the only complaint: the browser notes answers of 403.
    assert.ok(window.takeComplaints().every((line) => line.includes("403")));
  });

  it("uploads several files, a large one in blocks; browses folders; downloads, shows and deletes", async () => {
    await open(`${blobs}/${container}`);
    await press("Upload");
    const large = Buffer.alloc(largeSizeBytes, "notes ");
    const files = [
      { name: "small.txt", mimeType: "text/plain", buffer: Buffer.from("small") },
      { name: "großer Plan #1.bin", mimeType: "application/octet-stream", buffer: large },
    ];
    await page.locator("input[type=file]").setInputFiles(files);
    await page.getByRole("textbox", { name: "Upload to folder" }).fill("2026/jan");
    const sent: string[] = [];
    page.on("request", (request) => request.method() === "PUT" && sent.push(new URL(request.url()).search));
    await press("Upload 2 files");
    await page.getByText("2 blobs uploaded").waitFor();
    assert.equal(sent.filter((query) => query.startsWith("?comp=block&")).length, 3);
    await pressInDialog("Close");

    await page.getByRole("link", { name: "2026" }).click();
    await page.getByRole("link", { name: "jan" }).click();
    await page.getByRole("row", { name: /großer Plan #1\.bin.*application\/octet-stream.*9 MiB/ }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download großer Plan #1.bin" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), "großer Plan #1.bin");
    assert.ok(readFileSync(await download.path()).equals(large));

    await page.getByRole("link", { name: "small.txt" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("content-type").waitFor();
    await dialog.getByText("text/plain").waitFor();
    assert.match(page.url(), /blob=2026%2Fjan%2Fsmall\.txt/);
    await dialog.getByRole("button", { name: "Close" }).first().click();

    await page.getByRole("checkbox", { name: "Select small.txt" }).check();
    await press("Delete");
    await pressInDialog("Delete");
    await page.getByRole("link", { name: "small.txt" }).waitFor({ state: "detached" });
    await page
      .getByRole("navigation", { name: "Location in the container" })
      .getByRole("link", { name: "2026" })
      .click();
    await page.getByRole("link", { name: "jan" }).waitFor();
    assert.deepEqual(window.takeComplaints(), []);
  });

  it("leaves a blob that is there already as it is, unless told otherwise", async () => {
    await open(`${blobs}/${container}?prefix=2026%2Fjan%2F`);
    await press("Upload");
    const file = { name: "großer Plan #1.bin", mimeType: "text/plain", buffer: Buffer.from("replaced") };
    await page.locator("input[type=file]").setInputFiles(file);
    await press("Upload 1 file");
    await page.getByRole("dialog").getByRole("alert").getByText("BlobAlreadyExists").waitFor();
    await page.getByRole("checkbox", { name: "Overwrite if files already exist" }).check();
    await press("Upload 1 file");
    await page.getByText("1 blob uploaded").waitFor();
    await pressInDialog("Close");
    await page.getByRole("row", { name: /großer Plan #1\.bin.*8 B/ }).waitFor();
    window.takeComplaints();
  });

  it("takes files that are dropped onto the list", async () => {
    await open(`${blobs}/${container}`);
    const dropped = await page.evaluateHandle(
      `(() => { const data = new DataTransfer(); data.items.add(new File(["dropped"], "dropped.txt")); return data; })()`,
    );
    await page.locator(".drop-place").dispatchEvent("drop", { dataTransfer: dropped });
    await press("Upload 1 file");
    await page.getByText("1 blob uploaded").waitFor();
    await pressInDialog("Close");
    await page.getByRole("row", { name: /dropped\.txt.*7 B/ }).waitFor();
    assert.deepEqual(window.takeComplaints(), []);
  });

  it("shows what is denied as it happens, on top, and why", async () => {
    await open("/portal/activity");
    await press("Clear");
    await page.getByText("Nothing has happened yet").waitFor();
    const { client } = cloud;
    const token = await client.token(made.app.appId, made.app.secret, planeScopes.blob);
    const headers = { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" };
    await client.send(`${account}.blob.core.windows.net`, "GET", `/${container}/secret.txt`, { headers });
    assert.equal((await client.askToken(made.app.appId, "a wrong secret", planeScopes.blob)).status, 401);
    const denied = page.getByRole("row", { name: /Denied.*notes-prod.*Get Blob/ });
    await denied.waitFor();
    await page.getByRole("row", { name: /Allowed.*notes-prod.*Sign-in by client_credentials/ }).waitFor();
    const rows = await page.getByRole("row").allInnerTexts();
    assert.ok(rows.findIndex((row) => row.includes("Get Blob")) < rows.findIndex((row) => row.startsWith("Allowed (")));

    await page
      .getByRole("row", { name: /Failed.*notes-prod/ })
      .getByRole("link")
      .click();
    await page.getByRole("dialog").getByText("AADSTS7000215").waitFor();
    await page
      .getByRole("dialog")
      .getByText(/the secret's value, not its id/)
      .waitFor();
    await pressInDialog("Close");

    await page.getByRole("combobox", { name: "Outcome" }).selectOption({ label: "Denied" });
    assert.equal(await page.getByRole("row", { name: /Sign-in/ }).count(), 0);
    await denied.getByRole("link").click();
    await page.getByText("no-assignment").waitFor();
    await page
      .getByRole("link", { name: /^Assign Storage Blob Data Reader at / })
      .first()
      .waitFor();
    assert.deepEqual(window.takeComplaints(), []);
  });

  it("explains a question, and who can", async () => {
    const operation = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
    const question = new URLSearchParams({ principal: made.reader.id, operation, scope: made.accountId });
    await open(`/portal/explain?${question}`);
    await page.getByText(/By the role/).waitFor();
    await page.getByText("Notes team › Everyone at notes").waitFor();
    await page.getByRole("tab", { name: "Who can" }).click();
    await page.getByRole("row", { name: /Ada Lovelace.*Storage Blob Data Reader/ }).waitFor();
    await page.getByRole("row", { name: /Operator.*Storage Blob Data Contributor/ }).waitFor();
    assert.equal(await page.getByRole("row", { name: /^notes-prod/ }).count(), 0);
  });

  it("learns the smallest roles, and gives them away as links and as a file", async () => {
    await open("/portal/learn");
    await press("Select a principal");
    await page.getByRole("textbox", { name: "Select", exact: true }).fill("notes-prod");
    await page.getByRole("button", { name: "Add notes-prod" }).click();
    await pressInDialog("Select");
    await page.getByText("The smallest roles that cover it").waitFor();
    await page.getByRole("row", { name: /containers\/blobs\/read/ }).waitFor();
    await page
      .getByRole("link", { name: /^Assign Storage Blob Data/ })
      .first()
      .waitFor();
    await page.getByRole("textbox", { name: "Role name" }).fill("Notes only");
    const [download] = await Promise.all([page.waitForEvent("download"), press("Download JSON")]);
    const role = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.equal(role.Name, "Notes only");
    assert.deepEqual(role.DataActions, ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]);
    await page
      .getByRole("link", { name: /^Assign Storage Blob Data/ })
      .first()
      .click();
    await page.getByRole("tab", { name: "Review + assign", selected: true }).waitFor();
    assert.deepEqual(window.takeComplaints(), []);
  });

  it("draws who has access, walked through by keyboard, now, before, and between", async () => {
    await open(`/portal/access-map?principal=${made.reader.id}`);
    const nodes = page.locator("[data-node]");
    await nodes.first().waitFor();
    await nodes.first().focus();
    const labels: string[] = [];
    for (let step = 0; step < 5; step++) {
      labels.push((await page.evaluate("document.activeElement.getAttribute('aria-label')")) as string);
      await page.keyboard.press("ArrowRight");
    }
    assert.deepEqual(
      labels.map((label) => label.split(",")[0]),
      [
        "Principal Ada Lovelace",
        "Group Notes team",
        "Group Everyone at notes",
        "Role Storage Blob Data Reader",
        `Scope ${account}`,
      ],
    );
    await page.keyboard.press("Enter");
    await page
      .getByRole("region", { name: "Selected" })
      .getByRole("row", { name: /Ada Lovelace/ })
      .waitFor();
    await page.getByRole("tab", { name: "Table" }).click();
    await page
      .getByRole("row", { name: /Ada Lovelace.*Notes team › Everyone at notes.*Storage Blob Data Reader/ })
      .waitFor();

    await open(`/portal/access-map?principal=${made.reader.id}&to=2020-01-01T00:00`);
    await page.getByText("Nobody has access here").waitFor();
    await open("/portal/access-map?mode=diff&from=2020-01-01T00:00&view=table");
    await page.getByRole("row", { name: /Gained.*Ada Lovelace/ }).waitFor();
    assert.deepEqual(window.takeComplaints(), []);
  });

  it("says where soft mode is on, and switches it off", async () => {
    const { baseUrl } = cloud.status;
    const askSoftModes = async (method: string, below: string, body?: object) => {
      const token = await cloud.client.operatorToken("arm");
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const sent = { headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
      const answer = await cloud.client.send(
        new URL(baseUrl).hostname,
        method,
        `/postern/access/softModes${below}`,
        sent,
      );
      assert.ok(answer.status < 300, answer.text);
      return JSON.parse(answer.text) as { readonly value?: readonly unknown[] };
    };
    const mode = { scope: made.groupId, principalId: made.app.principalId, seconds: 600 };
    await askSoftModes("PUT", `/${crypto.randomUUID()}`, mode);
    await open(`/portal/resource-groups/${cloud.status.subscriptionId}/notes-rg/access-control`);
    await page.getByText(/Nothing is denied to notes-prod at .*notes-rg and below until/).waitFor();
    await open("/portal/activity");
    await press("Switch off");
    await page.getByText("Soft mode is on").waitFor({ state: "detached" });
    assert.deepEqual((await askSoftModes("GET", "")).value, []);
  });
});
