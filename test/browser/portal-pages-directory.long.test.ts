/** Users, groups, enterprise applications and managed identities in the portal: what is clicked there counts at once for those who sign in. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { planeScopes } from "../support/plane-client.ts";
import { startBrowser, type TestBrowser, type Window } from "./support/chromium.ts";
import { type Furniture, furnishCloud, placesOf } from "./support/portal-furniture.ts";
import { enterPortal, openPlace, portalSkip } from "./support/portal-person.ts";

describe("the portal's directory", { skip: portalSkip }, () => {
  let cloud: TestCloud;
  let browser: TestBrowser;
  let made: Furniture;
  let window: Window;
  let page: Page;
  before(async () => {
    cloud = await startTestCloud();
    made = await furnishCloud(cloud);
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
  const press = (name: string | RegExp) => page.getByRole("button", { name, exact: true }).click();
  const pressInDialog = (name: string) => page.getByRole("dialog").getByRole("button", { name, exact: true }).click();

  it("makes a user whose password is shown once and signs them in; blocks, deletes and restores them", async () => {
    await open("/portal/users");
    await press("New user");
    await page.getByRole("textbox", { name: "User name" }).fill("grace");
    await page.getByRole("textbox", { name: "Display name" }).fill("Grace Hopper");
    await page.getByRole("checkbox", { name: /must be chosen at the next/ }).uncheck();
    await pressInDialog("Create");
    const value = page.getByTestId("password-value");
    const password = await value.innerText();
    assert.match(password, /^[\w.~-]{20}$/);
    await pressInDialog("Done");
    assert.ok(!(await page.content()).includes(password));
    const person = { name: `grace@${made.reader.name.split("@")[1]}`, password };

    const other = await browser.open();
    await enterPortal(other.page, cloud, "/portal", person);
    await other.close();

    await page.getByRole("link", { name: "Grace Hopper" }).click();
    await press("Block sign-in");
    await pressInDialog("Block sign-in");
    await page.getByText("Blocked", { exact: true }).waitFor();
    const blocked = await browser.open();
    await blocked.page.goto(`${cloud.status.baseUrl}/portal`);
    await blocked.page.getByLabel("User name").fill(person.name);
    await blocked.page.getByRole("button", { name: "Next" }).click();
    await blocked.page.getByLabel("Password").fill(person.password);
    await blocked.page.getByRole("button", { name: "Sign in" }).click();
    await blocked.page.getByRole("alert").waitFor();
    await blocked.close();

    await press("Delete");
    await pressInDialog("Delete user");
    await page.getByRole("heading", { name: "Users" }).waitFor();
    await page.getByRole("tab", { name: "Deleted" }).click();
    await press("Restore Grace Hopper");
    await page.getByText("Nothing was deleted").waitFor();
    await page.getByRole("tab", { name: "All" }).click();
    await page.getByRole("link", { name: "Grace Hopper" }).waitFor();
    assert.deepEqual(window.takeComplaints(), []);
  });

  it("resets a password", async () => {
    await open(`/portal/users/${made.reader.id}`);
    await press("Reset password");
    await page.getByRole("checkbox", { name: /must be chosen at the next/ }).uncheck();
    await pressInDialog("Reset password");
    const password = await page.getByTestId("password-value").innerText();
    await pressInDialog("Done");
    const other = await browser.open();
    await enterPortal(other.page, cloud, "/portal", { name: made.reader.name, password });
    await other.close();
  });

  it("shows the groups of a user, group in group, and the roles that come by them", async () => {
    await open(`/portal/users/${made.reader.id}`);
    await page.getByRole("link", { name: "Azure role assignments" }).click();
    await page
      .getByRole("row", { name: /Storage Blob Data Reader.*notesaccount.*Notes team › Everyone at notes/ })
      .waitFor();
    await page.getByRole("link", { name: "Groups" }).click();
    await page.getByRole("link", { name: "Notes team" }).click();
    await page.getByRole("heading", { name: "Notes team" }).waitFor();
    await page.getByRole("combobox", { name: /^Search/ }).fill("Ada");
    await page.getByRole("option", { name: /Ada Lovelace.*User/ }).click();
    await page.getByRole("heading", { name: "Ada Lovelace" }).waitFor();
    assert.deepEqual(window.takeComplaints(), []);
  });

  it("makes a group, and puts members into it and takes them out", async () => {
    await open("/portal/groups");
    await press("New group");
    await page.getByRole("textbox", { name: "Group name" }).fill("Auditors");
    await pressInDialog("Create");
    await page.getByText("The group has no members").waitFor();
    await press("Add members");
    await page.getByRole("textbox", { name: "Select", exact: true }).fill("Notes team");
    await page.getByRole("button", { name: "Add Notes team" }).click();
    await pressInDialog("Select");
    await page.getByRole("row", { name: /Notes team.*Group/ }).waitFor();
    await press("Remove Notes team");
    await page.getByText("The group has no members").waitFor();
    assert.deepEqual(window.takeComplaints(), []);
  });

  it("switches an application off and on", async () => {
    const ask = () => cloud.client.askToken(made.app.appId, made.app.secret, planeScopes.arm);
    await open(placesOf(cloud, made)["enterprise application"]!);
    const enabled = page.getByRole("switch", { name: /Enabled for sign-in/ });
    await enabled.click();
    await page.getByText("Sign-in disabled").waitFor();
    assert.match((await ask()).text, /AADSTS7000112/);
    await enabled.click();
    await page.getByText("Sign-in enabled").waitFor();
    assert.equal((await ask()).status, 200);
    assert.deepEqual(window.takeComplaints(), []);
  });

  it("makes a managed identity with a federated credential, and deletes it", async () => {
    await open("/portal/managed-identities");
    await press("Create");
    await page.getByRole("textbox", { name: "Name" }).fill("ci-identity");
    await pressInDialog("Create");
    await page.getByRole("link", { name: "ci-identity" }).click();
    await page.getByText("postern run --identity ci-identity").waitFor();
    await page.getByRole("link", { name: "Federated credentials" }).click();
    await press("Add credential");
    await page.getByRole("textbox", { name: "Name" }).fill("ci-main");
    await page.getByRole("textbox", { name: "Issuer" }).fill("https://issuer.example");
    await page.getByRole("textbox", { name: "Subject" }).fill("repo:notes:main");
    await pressInDialog("Add");
    await page.getByRole("row", { name: /ci-main.*https:\/\/issuer\.example.*repo:notes:main/ }).waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await press("Delete");
    await page.getByRole("textbox", { name: "Enter the name of the identity" }).fill("ci-identity");
    await pressInDialog("Delete");
    await page.getByRole("heading", { name: "Managed identities" }).waitFor();
    await page.getByRole("link", { name: "notes-identity" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "ci-identity" }).count(), 0);
    assert.deepEqual(window.takeComplaints(), []);
  });
});
