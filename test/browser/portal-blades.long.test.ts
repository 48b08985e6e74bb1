/** What the portal's blades do, beside the how-to's way: credentials of every kind, bin, resources, roles with conditions, checking access. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { makeSampleCertificate } from "../../packages/server/src/tokens/sample-certificate.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { createApp } from "../support/plane-client.ts";
import { startBrowser, type TestBrowser, type Window } from "./support/chromium.ts";
import { enterPortal, openPlace, portalSkip } from "./support/portal-person.ts";

type App = Awaited<ReturnType<typeof createApp>>;

describe("blades of the portal", { skip: portalSkip }, () => {
  let cloud: TestCloud;
  let browser: TestBrowser;
  let window: Window;
  let page: Page;
  let app: App;
  let scope: string;
  before(async () => {
    cloud = await startTestCloud();
    app = await createApp(cloud.client, "notes-prod");
    scope = `/subscriptions/${cloud.status.subscriptionId}`;
    browser = await startBrowser(cloud.status);
    window = await browser.open();
    page = window.page;
    await enterPortal(page, cloud);
  });
  after(async () => {
    await browser?.close();
    await cloud?.dispose();
  });

  const open = (place: string) => openPlace(page, cloud, place);
  const press = (name: string | RegExp) => page.getByRole("button", { name, exact: typeof name === "string" }).click();
  const confirm = (name: string) => page.getByRole("dialog").getByRole("button", { name, exact: true }).click();
  const read = async <T>(target: string) => (await cloud.client.must("graph", "GET", `/v1.0${target}`)) as T;

  it("makes a secret with dates of one's own, and deletes it", async () => {
    await open(`/portal/app-registrations/${app.objectId}/credentials`);
    await press("New client secret");
    await page.getByRole("textbox", { name: "Description" }).fill("next year");
    await page.getByRole("combobox", { name: "Expires" }).selectOption("Custom");
    await page.getByLabel("Start").fill("2030-01-02");
    await page.getByLabel("End").fill("2029-01-02");
    await press("Add");
    await page.getByText("The end must be after the start.").waitFor();
    await page.getByLabel("End").fill("2031-01-02");
    await press("Add");
    const row = page.getByRole("row", { name: /next year/ });
    await row.waitFor();
    assert.match(await row.innerText(), /1\/2\/2031/);
    const { passwordCredentials } = await read<{
      passwordCredentials: { displayName: string; startDateTime: string }[];
    }>(`/applications/${app.objectId}`);
    const made = passwordCredentials.find(({ displayName }) => displayName === "next year");
    assert.equal(made?.startDateTime.slice(0, 10), "2030-01-02");
    await row.getByRole("button", { name: "Delete secret" }).click();
    await confirm("Delete");
    await row.waitFor({ state: "detached" });
  });

  it("adds a certificate and a federated credential", async () => {
    await open(`/portal/app-registrations/${app.objectId}/credentials?tab=certificates`);
    await press("Upload certificate");
    const { pem } = await makeSampleCertificate();
    const file = { name: "notes.pem", mimeType: "application/x-pem-file", buffer: Buffer.from(pem) };
    await page.getByLabel("Certificate (.cer, .pem, .crt)").setInputFiles(file);
    await page.getByRole("textbox", { name: "Description" }).fill("our own");
    await press("Add");
    await page.getByRole("row", { name: /our own/ }).waitFor();
    await page.getByRole("tab", { name: /^Federated credentials/ }).click();
    await press("Add credential");
    await page.getByRole("textbox", { name: "Name" }).fill("from-github");
    await page.getByRole("textbox", { name: "Issuer" }).fill("https://token.actions.githubusercontent.com");
    await page.getByRole("textbox", { name: "Subject identifier" }).fill("repo:notes/app:ref:refs/heads/main");
    await press("Add");
    await page.getByRole("row", { name: /from-github/ }).waitFor();
    await page.getByRole("tab", { name: "Federated credentials (1)" }).waitFor();
    await page.getByRole("tab", { name: "Certificates (1)" }).waitFor();
  });

  it("asks for a permission, grants it for everyone, and names an owner", async () => {
    await open(`/portal/app-registrations/${app.objectId}/api-permissions`);
    await press("Add a permission");
    await page.getByRole("radio", { name: "Application", exact: true }).check();
    await page.getByRole("searchbox", { name: "Filter permissions" }).fill("User.Read.All");
    await page.getByRole("checkbox", { name: /^User\.Read\.All/ }).check();
    await press("Add permissions");
    const row = page.getByRole("row", { name: /User\.Read\.All/ });
    await row.waitFor();
    assert.match(await row.innerText(), /Not granted/);
    await press("Grant admin consent");
    await confirm("Grant admin consent");
    await page.getByRole("row", { name: /User\.Read\.All.*\bGranted/s }).waitFor();
    const { value } = await read<{ value: unknown[] }>(`/servicePrincipals/${app.principalId}/appRoleAssignments`);
    assert.equal(value.length, 1);

    await page.getByRole("link", { name: "Owners" }).click();
    await press("Add owners");
    await page.getByRole("button", { name: "Add Operator" }).click();
    await press("Select");
    await page.getByRole("row", { name: /operator@/ }).waitFor();
  });

  it("deletes an application, and gets it back with what it had", async () => {
    await open(`/portal/app-registrations/${app.objectId}`);
    await press("Delete");
    await confirm("Delete");
    await page.getByRole("tab", { name: "Deleted applications" }).click();
    const row = page.getByRole("row", { name: /notes-prod/ });
    await row.getByRole("button", { name: "Restore" }).click();
    await row.waitFor({ state: "detached" });
    await page.getByRole("tab", { name: "All applications" }).click();
    await page.getByRole("link", { name: "notes-prod" }).click();
    await page.getByRole("link", { name: "1 certificate, 1 secret" }).waitFor();
  });

  it("makes a resource group and a storage account in it", async () => {
    await open("/portal/resource-groups");
    await press("Create");
    await page.getByRole("textbox", { name: "Resource group" }).fill("made-here");
    await confirm("Create");
    await page.getByRole("link", { name: "made-here" }).click();
    await press("Create a storage account");
    await page.getByRole("textbox", { name: "Storage account name" }).fill("Not A Name");
    await confirm("Create");
    await page.getByText("lowercase letters and digits only").waitFor();
    await page.getByRole("textbox", { name: "Storage account name" }).fill("madehere1");
    await confirm("Create");
    await page.getByRole("link", { name: "madehere1" }).click();
    await page
      .getByText(/madehere1\/?$/)
      .first()
      .waitFor();
    await page.getByText("Succeeded").waitFor();
  });

  it("makes a custom role and assigns it with a condition", async () => {
    await open(`/portal/resource-groups/${cloud.status.subscriptionId}/made-here/access-control/add-custom-role`);
    await page.getByRole("textbox", { name: "Custom role name" }).fill("Note reader");
    await page
      .getByRole("textbox", { name: "DataActions", exact: true })
      .fill("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read");
    await press("Create");
    await page.getByRole("searchbox").fill("note reader");
    await page.getByRole("row", { name: /Note reader.*CustomRole/s }).waitFor();

    await press("Add");
    await page.getByRole("menuitem", { name: "Add role assignment" }).click();
    await page.getByRole("searchbox").fill("note reader");
    await page.getByRole("radio", { name: "Select Note reader" }).check();
    await press("Next");
    await press("Select members");
    await page.getByRole("textbox", { name: "Select", exact: true }).fill("notes");
    await press(/^Add notes-prod/);
    await press("Select");
    await press("Next");
    const condition = page.getByRole("textbox", { name: "Condition" });
    await condition.fill("@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals");
    await page.getByText(/unexpected end/).waitFor();
    await condition.fill(
      "(@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'notes')",
    );
    await page.getByText("The condition can be read.").waitFor();
    await press("Review + assign");
    await page.getByText("StringEquals 'notes'").waitFor();
    await press("Review + assign");
    const row = page.getByRole("row", { name: /notes-prod.*Note reader/s });
    await row.getByRole("button", { name: "View" }).click();
    await page.getByRole("dialog").getByText("StringEquals 'notes'").waitFor();
    await page.keyboard.press("Escape");
  });

  it("removes what was assigned here, and leaves what is inherited", async () => {
    const table = page.getByRole("table", { name: "Role assignments" });
    await table.getByRole("checkbox", { name: /notes-prod, Note reader/ }).check();
    await table
      .getByRole("checkbox", { name: /Operator, Owner/ })
      .first()
      .check();
    await press("Remove");
    await page.getByText("Inherited assignments are removed where they were made.").waitFor();
    await confirm("Remove");
    await page.getByRole("row", { name: /notes-prod, Note reader/ }).waitFor({ state: "detached" });
    assert.ok((await page.getByRole("row", { name: /Owner/ }).count()) > 1);
  });

  it("says why access is denied, and assigns the role that mends it", async () => {
    await open(`/portal/resource-groups/${cloud.status.subscriptionId}/made-here/access-control`);
    const choose = async () => {
      await press("Select a user, group, or service principal");
      await page.getByRole("textbox", { name: "Select", exact: true }).fill("notes");
      await press(/^Add notes-prod/);
      await press("Select");
      await press("Explain");
    };
    await choose();
    await page.getByText("Denied (no-assignment)").waitFor();
    await page.getByRole("link", { name: "Assign Storage Blob Data Reader" }).click();
    await page.getByRole("tab", { name: "Review + assign", selected: true }).waitFor();
    await press("Review + assign");
    await page.getByRole("row", { name: /notes-prod.*Storage Blob Data Reader/s }).waitFor();
    await page.getByRole("tab", { name: "Check access" }).click();
    await choose();
    await page.getByText("The role “Storage Blob Data Reader” at").waitFor();
  });

  it("deletes a resource group only when its name was typed", async () => {
    await open(`/portal/resource-groups/${cloud.status.subscriptionId}/made-here`);
    await press("Delete resource group");
    const dialog = page.getByRole("dialog");
    const remove = dialog.getByRole("button", { name: "Delete", exact: true });
    await dialog.getByRole("textbox").fill("made-her");
    assert.equal(await remove.isDisabled(), true);
    await dialog.getByRole("textbox").fill("made-here");
    await remove.click();
    await page.getByRole("heading", { name: "Resource groups", level: 1 }).waitFor();
    const answer = await cloud.client.call("arm", "GET", `${scope}/resourcegroups/made-here?api-version=2022-09-01`);
    assert.notEqual(answer.status === 200 && JSON.parse(answer.text).properties.provisioningState, "Succeeded");
  });

  it("has made the browser complain of nothing", () => {
    assert.deepEqual(window.takeComplaints(), []);
  });
});
