/** What holds for every page of the portal: by axe-core, on narrow screens, by keyboard, with hostile names, with long lists, and for its size. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Page, Route } from "playwright-core";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { assignRole, createAccount, createApp, roleIds } from "../support/plane-client.ts";
import { startBrowser, type TestBrowser, type Window } from "./support/chromium.ts";
import { findAccessibilityFaults, measureSidewaysScroll } from "./support/page-checks.ts";
import { addPerson } from "./support/people-cloud.ts";
import { enterPortal, portalSkip, settle } from "./support/portal-person.ts";

/** The bound for the first load, in bytes on the wire. */
const maxFirstLoadBytes = 200_000;

describe("the portal", { skip: portalSkip }, () => {
  let cloud: TestCloud;
  let browser: TestBrowser;
  let places: Readonly<Record<string, string>>;
  before(async () => {
    cloud = await startTestCloud();
    browser = await startBrowser(cloud.status);
    places = await furnish(cloud);
  });
  after(async () => {
    await browser?.close();
    await cloud?.dispose();
  });

  const open = (window: Window, place: string) => window.page.goto(`${cloud.status.baseUrl}${place}`);

  for (const isDark of [false, true]) {
    it(`has no serious fault of accessibility on any page, in the ${isDark ? "dark" : "light"} theme`, async () => {
      const window = await browser.open({ isDark });
      // What is half faded in has half its contrast.
      await window.page.emulateMedia({ reducedMotion: "reduce" });
      await enterPortal(window.page, cloud);
      for (const [name, place] of Object.entries(places)) {
        await open(window, place);
        await window.page.getByRole("heading", { level: 1 }).waitFor();
        await settle(window.page);
        assert.deepEqual(await findAccessibilityFaults(window.page), [], name);
      }
      await window.close();
    });
  }

  it("has no serious fault of accessibility in its panels, menus and dialogs", async () => {
    const window = await browser.open();
    const { page } = window;
    await page.emulateMedia({ reducedMotion: "reduce" });
    const check = async (what: string) => {
      await settle(page);
      assert.deepEqual(await findAccessibilityFaults(page), [], what);
    };
    const press = (name: string) => page.getByRole("button", { name, exact: true }).first().click();
    await enterPortal(page, cloud, places.credentials!);
    await press("New client secret");
    await check("panel");
    await press("Cancel");
    await press("Delete secret");
    await check("dialog");
    await press("Cancel");
    await open(window, places["role assignments"]!);
    await page.getByRole("row", { name: /This resource/ }).waitFor();
    await press("Add");
    await check("menu");
    await page.keyboard.press("Escape");
    await page.getByRole("combobox", { name: /^Search/ }).fill("notes");
    await page.getByRole("option").nth(1).waitFor();
    await check("search");
    await page.getByRole("button", { name: /^Account/ }).click();
    await check("account");
    assert.deepEqual(window.takeComplaints(), []);
    await window.close();
  });

  it("fits 360 pixels on every page", async () => {
    const window = await browser.open({ widthPx: 360, heightPx: 740 });
    await enterPortal(window.page, cloud);
    for (const [name, place] of Object.entries(places)) {
      await open(window, place);
      await window.page.getByRole("heading", { level: 1 }).waitFor();
      await settle(window.page);
      assert.equal(await measureSidewaysScroll(window.page), 0, name);
    }
    assert.deepEqual(window.takeComplaints(), []);
    await window.close();
  });

  it("registers an app by keyboard alone", async () => {
    const window = await browser.open();
    const { page } = window;
    await enterPortal(page, cloud);
    await tabTo(page, "combobox");
    await page.keyboard.type("app reg");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "App registrations" }).waitFor();
    await tabTo(page, "button", "New registration");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Register an application" }).waitFor();
    // The field has the focus already.
    await page.keyboard.type("by-keyboard");
    await tabTo(page, "button", "Register");
    await page.keyboard.press("Space");
    await page.getByRole("heading", { name: "by-keyboard" }).waitFor();
    assert.deepEqual(window.takeComplaints(), []);
    await window.close();
  });

  it("shows hostile names as the text they are", async () => {
    const window = await browser.open();
    const { page } = window;
    const names = hostileNames();
    await enterPortal(page, cloud);
    await page.route(/\/v1\.0\/applications\?/, (route) => serveNames(route, names));
    await open(window, "/portal/app-registrations");
    const links = page.getByRole("table").getByRole("link");
    await links.first().waitFor();
    assert.deepEqual(await links.evaluateAll((all) => all.map((link) => link.textContent)), names);
    // A name that turns the direction of writing turns its own only.
    assert.equal(await page.locator("[role=table] bdi").count(), names.length);
    assert.equal(await page.locator("script:not([src]), img, iframe, [onerror]").count(), 0);
    assert.equal(await measureSidewaysScroll(page), 0);
    assert.equal(await page.evaluate("globalThis.attacked"), undefined);
    assert.deepEqual(window.takeComplaints(), []);
    await window.close();
  });

  it("shows an error with Azure's code and text, and what it was asked by", async () => {
    const window = await browser.open();
    const { page } = window;
    const reader = await addPerson(cloud, "reader", "Reader");
    await giveReader(cloud, reader.name);
    await enterPortal(page, cloud, "/portal/resource-groups", reader);
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("textbox", { name: "Resource group" }).fill("not-mine");
    await page.getByRole("dialog").getByRole("button", { name: "Create", exact: true }).click();
    const alert = page.getByRole("dialog").getByRole("alert");
    await alert.waitFor();
    const text = await alert.innerText();
    assert.match(text, /^AuthorizationFailed/);
    assert.match(
      text,
      /does not have authorization to perform action 'Microsoft\.Resources\/subscriptions\/resourcegroups\/write'/i,
    );
    assert.match(text, /Request id [0-9a-f-]{36}/);
    await window.close();
  });

  it("keeps tokens in session storage only, and ends with the session", async () => {
    const window = await browser.open();
    const { page, context } = window;
    await enterPortal(page, cloud, places.overview!);
    const [session, local] = (await page.evaluate("[{...sessionStorage}, {...localStorage}].map(JSON.stringify)")) as [
      string,
      string,
    ];
    assert.match(session, /eyJ/);
    assert.doesNotMatch(local + JSON.stringify((await context.storageState()).origins), /eyJ|refreshtoken/i);
    for (const cookie of await context.cookies()) assert.equal(cookie.httpOnly, true, cookie.name);
    await page.getByRole("button", { name: /^Account/ }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You have signed out").waitFor();
    assert.doesNotMatch((await page.evaluate("JSON.stringify({...sessionStorage})")) as string, /eyJ/);
    await open(window, "/portal");
    await page.getByLabel("User name").waitFor();
    await window.close();
  });

  it("loads less than 200 KB before it can be used", async () => {
    const window = await browser.open();
    const { page } = window;
    await enterPortal(page, cloud);
    const fresh = await browser.open();
    await fresh.context.addCookies(await window.context.cookies());
    const sizes: Promise<number>[] = [];
    fresh.page.on("requestfinished", (request) => {
      if (!request.url().includes("/portal")) return;
      sizes.push(
        request.sizes().then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize),
      );
    });
    await open(fresh, "/portal");
    await fresh.page.getByRole("heading", { level: 1 }).waitFor();
    const sizeBytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    assert.ok(sizeBytes > 50_000, `only ${sizeBytes} bytes seen`);
    assert.ok(sizeBytes < maxFirstLoadBytes, `${sizeBytes} bytes`);
    await fresh.close();
    await window.close();
  });
});

/** Puts something on every page. @returns the pages, by what they show. */
async function furnish(cloud: TestCloud): Promise<Readonly<Record<string, string>>> {
  const { client } = cloud;
  const { subscriptionId } = cloud.status;
  const accountId = await createAccount(client, "notes-rg", "notesaccount");
  const app = await createApp(client, "notes-prod");
  const groupId = `/subscriptions/${subscriptionId}/resourceGroups/notes-rg`;
  const assigned = await assignRole(client, crypto.randomUUID(), groupId, roleIds.blobDataContributor, app.principalId);
  assert.equal(assigned.status, 201, assigned.text);
  assert.ok(accountId.startsWith(groupId));
  const registration = `/portal/app-registrations/${app.objectId}`;
  const group = `/portal/resource-groups/${subscriptionId}/notes-rg`;
  const account = `/portal/storage-accounts/${subscriptionId}/notes-rg/notesaccount`;
  return {
    home: "/portal",
    "app registrations": "/portal/app-registrations",
    "owned applications": "/portal/app-registrations?tab=owned",
    "deleted applications": "/portal/app-registrations?tab=deleted",
    register: "/portal/app-registrations/new",
    overview: registration,
    credentials: `${registration}/credentials`,
    certificates: `${registration}/credentials?tab=certificates`,
    "federated credentials": `${registration}/credentials?tab=federated`,
    permissions: `${registration}/api-permissions`,
    owners: `${registration}/owners`,
    "resource groups": "/portal/resource-groups",
    "resource group": group,
    "storage accounts": "/portal/storage-accounts",
    "storage account": account,
    subscriptions: "/portal/subscriptions",
    subscription: `/portal/subscriptions/${subscriptionId}`,
    "check access": `${group}/access-control`,
    "role assignments": `${group}/access-control?tab=assignments`,
    roles: `${account}/access-control?tab=roles`,
    "deny assignments": `/portal/subscriptions/${subscriptionId}/access-control?tab=deny`,
    "add role assignment": `${group}/access-control/add-role-assignment`,
    "add custom role": `/portal/subscriptions/${subscriptionId}/access-control/add-custom-role`,
    containers: `${account}/containers`,
    users: "/portal/users",
    groups: "/portal/groups",
    "enterprise applications": "/portal/enterprise-applications",
    "enterprise application": `/portal/enterprise-applications/${app.principalId}`,
    "managed identities": "/portal/managed-identities",
    activity: "/portal/activity",
    explain: "/portal/explain",
    learn: "/portal/learn",
    "access map": "/portal/access-map",
    "no such page": "/portal/nowhere",
  };
}

async function giveReader(cloud: TestCloud, userPrincipalName: string): Promise<void> {
  const { client } = cloud;
  const { id } = (await client.must("graph", "GET", `/v1.0/users/${userPrincipalName}`)) as { id: string };
  const scope = `/subscriptions/${cloud.status.subscriptionId}`;
  const definition = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${roleIds.reader}`;
  const target = `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`;
  const properties = { roleDefinitionId: definition, principalId: id, principalType: "User" };
  await client.must("arm", "PUT", target, { properties });
}

/** Most presses of Tab between two things on a page. */
const maxTabs = 40;

/** Goes on by Tab until something of a role and a name has the focus. */
async function tabTo(page: Page, role: string, name = ""): Promise<void> {
  const describe = `(() => { const it = document.activeElement; return [it.getAttribute("role") ?? it.tagName.toLowerCase(), (it.getAttribute("aria-label") ?? it.innerText ?? "").trim()]; })()`;
  for (let press = 0; press < maxTabs; press++) {
    await page.keyboard.press("Tab");
    const [found, text] = (await page.evaluate(describe)) as [string, string];
    if (found === role && text.startsWith(name)) return;
  }
  assert.fail(`no ${role} ${name} within ${maxTabs} presses of Tab`);
}

function hostileNames(): string[] {
  return [
    "<script>globalThis.attacked = 1</script>",
    `"><img src=x onerror="globalThis.attacked = 2">`,
    "\u202Etxt.exe\u202C \u2066abc\u2069 \u200F",
    "</title></bdi></div>",
    "{{constructor.constructor('globalThis.attacked = 3')()}}",
    "a".repeat(10_000),
    "\u0301".repeat(10_000),
    "👩‍👩‍👧‍👦".repeat(500),
  ];
}

/** Answers a list of applications with these names: longer ones than Graph takes could come from elsewhere. */
function serveNames(route: Route, names: readonly string[]): Promise<void> {
  const value = names.map((displayName, index) => ({
    id: `00000000-0000-4000-8000-00000000000${index}`,
    appId: `00000000-0000-4000-9000-00000000000${index}`,
    displayName,
    createdDateTime: "2026-01-01T00:00:00Z",
    passwordCredentials: [],
    keyCredentials: [],
  }));
  return route.fulfill({ json: { value, "@odata.count": value.length } });
}
