/** A single-page app signs people in with @azure/msal-browser in a real browser, by the public names and by this machine's own address. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { chromiumSkip, startBrowser, type TestBrowser, type Window } from "./support/chromium.ts";
import { walkByTab } from "./support/page-checks.ts";
import { type AppServer, addPerson, type Person, registerApp, startAppServer } from "./support/people-cloud.ts";

describe("@azure/msal-browser in a real browser", { skip: chromiumSkip }, () => {
  let cloud: TestCloud;
  let browser: TestBrowser;
  let app: AppServer;
  let person: Person;
  before(async () => {
    cloud = await startTestCloud();
    browser = await startBrowser(cloud.status);
    app = await startAppServer();
    person = await addPerson(cloud, "ada", "Ada Lovelace");
  });
  after(async () => {
    await browser?.close();
    await app?.close();
    await cloud?.dispose();
  });

  const addressOf = (client: string, entra: string, graph: string) =>
    `${app.url}/app?${new URLSearchParams({ client, authority: `${entra}/${cloud.status.tenantId}`, graph })}`;
  const said = ({ page }: Window, text: string) => page.locator("#out").getByText(text, { exact: true }).waitFor();

  for (const [name, entra, graph] of [
    ["by Azure's own names", () => "https://login.microsoftonline.com", () => "https://graph.microsoft.com"],
    ["by this machine's own address", () => cloud.status.baseUrl, () => cloud.status.baseUrl],
  ] as const)
    it(`signs in, calls Graph, comes back silently, and signs out, ${name}`, async () => {
      const window = await browser.open();
      const { page } = window;
      const client = await registerApp(cloud, `App ${name}`);
      const web = { logoutUrl: `${app.url}/web` };
      await cloud.client.must("graph", "PATCH", `/v1.0/applications(appId='${client}')`, { web });
      await page.goto(addressOf(client, entra(), graph()));
      await said(window, "nobody");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByLabel("User name").fill(person.name);
      await page.getByRole("button", { name: "Next" }).click();
      await page.getByLabel("Password").fill("wrong");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("The user name or the password is not right").waitFor();
      await page.getByLabel("Password").fill(person.password);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("button", { name: "Accept" }).click();
      await said(window, `signed in: ${person.name}`);
      await page.reload();
      await said(window, `kept: ${person.name}`);
      assert.equal(page.url().includes("code="), false);
      // The page of the sign-out tells the app in a frame, and then leads back.
      const told = page.waitForResponse((answer) => answer.url().startsWith(web.logoutUrl));
      await page.getByRole("button", { name: "Sign out" }).click();
      const frame = await told;
      const { iss, sid } = Object.fromEntries(new URL(frame.url()).searchParams);
      assert.deepEqual([frame.status(), iss?.endsWith(`/${cloud.status.tenantId}/v2.0`), sid?.length], [200, true, 36]);
      await said(window, "nobody");
      // Signed out of the browser too: the next sign-in asks again.
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByLabel("User name").waitFor();
      assert.deepEqual(window.takeComplaints(), []);
      await window.close();
    });

  it("signs in by the keyboard alone", async () => {
    const window = await browser.open();
    const { page } = window;
    const client = await registerApp(cloud, "Keyboard app");
    await page.goto(addressOf(client, cloud.status.baseUrl, cloud.status.baseUrl));
    await said(window, "nobody");
    await page.getByRole("button", { name: "Sign in" }).press("Enter");
    await page.waitForURL(/\/authorize/);
    // What is typed before a field has the focus is nobody's.
    const focused = (label: string) => page.getByLabel(label).and(page.locator(":focus")).waitFor();
    await focused("User name");
    await page.keyboard.type(person.name);
    const stops = await walkByTab(page, 2);
    assert.deepEqual(
      stops.map(({ tag, text, isVisible }) => [tag, text, isVisible]),
      [
        ["button", "Next", true],
        ["button", "Cancel", true],
      ],
    );
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Enter your password" }).waitFor();
    await focused("Password");
    await page.keyboard.type("wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await focused("Password");
    await page.keyboard.type(person.password);
    const rest = await walkByTab(page, 3);
    assert.deepEqual(
      rest.map(({ tag, text, isVisible }) => [tag, text, isVisible]),
      [
        ["input", "yes", true],
        ["button", "Sign in", true],
        ["button", "Use another account", true],
      ],
    );
    await page.getByLabel("Password").press("Enter");
    await page.getByRole("heading", { name: "Permissions requested" }).waitFor();
    const [first, second] = await walkByTab(page, 2);
    assert.deepEqual([first?.text, second?.text], ["Cancel", "Accept"]);
    await page.keyboard.press("Enter");
    await said(window, `signed in: ${person.name}`);
    assert.deepEqual(window.takeComplaints(), []);
    await window.close();
  });
});
