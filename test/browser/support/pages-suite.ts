/**
 * Every page of the sign-in, as a person sees it: accessible by axe-core's rules, without sideways scrolling, and without one complaint of the
 * browser's about the page's own policy. The short tests look at a phone by day; the long ones at every scheme and width.
 *
 * POSTERN_TEST_SCREENSHOTS=FOLDER keeps a picture of each.
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startTestCloud, type TestCloud } from "../../support/cloud-in-process.ts";
import { planeHosts } from "../../support/plane-client.ts";
import { chromiumSkip, startBrowser, type TestBrowser, type Window } from "./chromium.ts";
import { findAccessibilityFaults, measureSidewaysScroll, readFocus } from "./page-checks.ts";
import {
  type AppServer,
  addPerson,
  goodPassword,
  operatorOf,
  type Person,
  registerApp,
  startAppServer,
} from "./people-cloud.ts";

const pictures = process.env.POSTERN_TEST_SCREENSHOTS;

/** How the pages are looked at. */
export type Looks = { readonly schemes: readonly ("light" | "dark")[]; readonly widthsPx: readonly number[] };

export function testPages({ schemes, widthsPx }: Looks): void {
  describe("the sign-in pages", { skip: chromiumSkip }, () => {
    let cloud: TestCloud;
    let browser: TestBrowser;
    let app: AppServer;
    let ada: Person;
    let clientId: string;
    before(async () => {
      cloud = await startTestCloud();
      browser = await startBrowser(cloud.status);
      app = await startAppServer();
      ada = await addPerson(cloud, "ada", "Ada Lovelace");
      clientId = await registerApp(cloud, "Notes for the Analytical Engine");
      if (pictures !== undefined) mkdirSync(pictures, { recursive: true });
    });
    after(async () => {
      await browser?.close();
      await app?.close();
      await cloud?.dispose();
    });

    /** @returns the address of the authorization endpoint. */
    const ask = (more: Readonly<Record<string, string>> = {}) => {
      const form = { client_id: clientId, response_type: "code", redirect_uri: `${app.url}/web`, scope: "User.Read" };
      return `${cloud.status.baseUrl}/${cloud.status.tenantId}/oauth2/v2.0/authorize?${new URLSearchParams({ ...form, ...more })}`;
    };
    const press = ({ page }: Window, name: string) => page.getByRole("button", { name, exact: true }).click();
    const isAt = ({ page }: Window, heading: string | RegExp) => page.getByRole("heading", { name: heading }).waitFor();

    /** Looks at the page that the window is at, in both schemes and widths. */
    async function look(window: Window, name: string, heading: string | RegExp): Promise<void> {
      const { page } = window;
      await isAt(window, heading);
      if (name.endsWith("-wrong")) await page.getByRole("alert").waitFor();
      for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme });
        for (const width of widthsPx) {
          await page.setViewportSize({ width, height: 800 });
          assert.equal(await measureSidewaysScroll(page), 0, `${name} at ${width} px`);
          if (pictures !== undefined)
            await page.screenshot({ path: join(pictures, `${name}-${colorScheme}-${width}.png`) });
        }
        // What a scheme can spoil is the contrast.
        const rules = colorScheme === "dark" ? ["color-contrast"] : [];
        assert.deepEqual(await findAccessibilityFaults(page, rules), [], `${name}, ${colorScheme}`);
      }
      assert.deepEqual(window.takeComplaints(), [], name);
    }

    async function signIn(window: Window, { name, password }: Person): Promise<void> {
      await window.page.getByLabel("User name").fill(name);
      await press(window, "Next");
      await window.page.getByLabel("Password").fill(password);
      await press(window, "Sign in");
    }

    /** What a person who cannot see the page is told of a field that is wrong, and that the focus is on it. */
    async function assertFocusOnProblem({ page }: Window, fieldId: string): Promise<void> {
      assert.deepEqual([(await readFocus(page)).id, (await readFocus(page)).isVisible], [fieldId, true]);
      const field = page.locator(`#${fieldId}`);
      assert.equal(await field.getAttribute("aria-invalid"), "true");
      assert.equal(await field.getAttribute("aria-describedby"), "problem");
      assert.equal(await page.locator("#problem").getAttribute("role"), "alert");
    }

    it("from the name to the consent, and the account picker", async () => {
      const window = await browser.open();
      const { page } = window;
      await page.goto(ask({ prompt: "consent" }));
      await look(window, "username", "Sign in");
      assert.equal((await readFocus(page)).id, "username");
      await page.getByLabel("User name").fill("somebody@somewhere@else");
      await page.evaluate("document.forms[0].noValidate = true");
      await press(window, "Next");
      await look(window, "username-wrong", "Sign in");
      await assertFocusOnProblem(window, "username");
      await page.getByLabel("User name").fill(ada.name);
      await press(window, "Next");
      await look(window, "password", "Enter your password");
      assert.equal((await readFocus(page)).id, "password");
      await page.getByLabel("Password").fill("wrong");
      await press(window, "Sign in");
      await look(window, "password-wrong", "Enter your password");
      await assertFocusOnProblem(window, "password");
      await page.getByLabel("Password").fill(ada.password);
      await press(window, "Sign in");
      await look(window, "consent", "Permissions requested");
      await press(window, "Accept");
      await page.getByText("GET").waitFor();
      assert.match(page.url(), /\/web\?code=/);

      await page.goto(ask({ prompt: "login" }));
      await signIn(window, operatorOf(cloud));
      await look(window, "consent-administrator", "Permissions requested");
      await page.goto(ask({ prompt: "select_account" }));
      await look(window, "accounts", "Pick an account");
      await press(window, `Ada Lovelace ${ada.name}`);
      await page.getByText("GET").waitFor();
      await window.close();
    });

    it("an application that needs an administrator", async () => {
      const window = await browser.open();
      await window.page.goto(ask({ scope: "Group.ReadWrite.All Directory.Read.All" }));
      await signIn(window, ada);
      await look(window, "administrator-needed", "Need admin approval");
      await press(window, "Return to the application without granting consent");
      await window.page.getByText("GET").waitFor();
      assert.match(window.page.url(), /AADSTS90094/);
      await window.close();
    });

    it("permissions for everyone, and who may not give them", async () => {
      const graph = (method: string, target: string, body?: object) =>
        cloud.client.must("graph", method, `/v1.0${target}`, body);
      const resourceAccess = [
        { id: "7ab1d382-f21e-4acd-a863-ba3e13f7da61", type: "Role" },
        { id: "5f8c59db-677d-491f-a6b8-5f174b11ec1d", type: "Scope" },
      ];
      const appId = await registerApp(cloud, "Ledger of the Analytical Engine");
      const requiredResourceAccess = [{ resourceAppId: "00000003-0000-0000-c000-000000000000", resourceAccess }];
      await graph("PATCH", `/applications(appId='${appId}')`, { requiredResourceAccess });
      const form = new URLSearchParams({ client_id: appId, redirect_uri: `${app.url}/web`, state: "kept" });
      const address = `${cloud.status.baseUrl}/${cloud.status.tenantId}/adminconsent?${form}`;
      const window = await browser.open();
      const { page } = window;
      await page.goto(address);
      await signIn(window, ada);
      await page.getByText(/AADSTS90094/).waitFor();
      assert.match(window.takeComplaints().join(), /^error: Failed to load resource: .* 400/);
      await page.goto(address);
      await press(window, "Use another account");
      await signIn(window, operatorOf(cloud));
      await look(window, "admin-consent", "Permissions requested for your organization");
      await press(window, "Cancel");
      await page.getByText("GET").waitFor();
      assert.match(page.url(), /admin_consent=True&error=access_denied&/);
      await page.goto(address);
      await press(window, `Operator ${operatorOf(cloud).name}`);
      await press(window, "Accept");
      await page.getByText("GET").waitFor();
      assert.match(page.url(), new RegExp(`admin_consent=True&tenant=${cloud.status.tenantId}&state=kept$`));
      const held = (await graph("GET", `/servicePrincipals(appId='${appId}')/appRoleAssignments`)) as {
        value: unknown[];
      };
      assert.equal(held.value.length, 1);
      await window.close();
    });

    it("a password that must be changed", async () => {
      const window = await browser.open();
      const { page } = window;
      const grace = await addPerson(cloud, "grace", "Grace Hopper", true);
      await page.goto(ask());
      await signIn(window, grace);
      await look(window, "change", "Update your password");
      assert.equal((await readFocus(page)).id, "password");
      const fill = async (current: string, wanted: string) => {
        await page.getByLabel("Current password").fill(current);
        await page.getByLabel("New password", { exact: true }).fill(wanted);
        await page.getByLabel("Confirm the new password").fill(wanted);
        await press(window, "Sign in");
      };
      await fill(goodPassword, "password1");
      await look(window, "change-wrong", "Update your password");
      await assertFocusOnProblem(window, "new_password");
      await fill("wrong", "Quiet-Lantern-31");
      await page.getByRole("alert").waitFor();
      await assertFocusOnProblem(window, "password");
      await fill(goodPassword, "Quiet-Lantern-31");
      await isAt(window, "Permissions requested");
      await press(window, "Accept");
      await page.getByText("GET").waitFor();
      assert.match(page.url(), /\/web\?code=/);
      await window.close();
    });

    it("a code of a device", async () => {
      const window = await browser.open();
      const { page } = window;
      const { text } = await cloud.client.send(
        planeHosts.entra,
        "POST",
        `/${cloud.status.tenantId}/oauth2/v2.0/devicecode`,
        {
          headers: { "content-type": "application/x-www-form-urlencoded" },
          body: new URLSearchParams({ client_id: clientId, scope: "User.Read" }).toString(),
        },
      );
      const { user_code, verification_uri } = JSON.parse(text) as Record<string, string>;
      await page.goto(verification_uri!);
      await look(window, "device-code", "Enter the code");
      assert.equal((await readFocus(page)).id, "user_code");
      await page.getByLabel("Code", { exact: true }).fill("WRONGCODE");
      await press(window, "Next");
      await look(window, "device-code-wrong", "Enter the code");
      await assertFocusOnProblem(window, "user_code");
      await page.getByLabel("Code", { exact: true }).fill(user_code!);
      await press(window, "Next");
      await signIn(window, ada);
      await look(window, "device-confirm", /^Are you trying to sign in to/);
      await press(window, "Continue");
      await page.getByRole("heading", { name: /^(Permissions requested|You have signed in)$/ }).waitFor();
      if ((await page.title()) === "Permissions requested") await press(window, "Accept");
      await look(window, "device-done", "You have signed in");
      await window.close();
    });

    it("an answer that the browser posts, by the one script there is", async () => {
      const window = await browser.open();
      const { page } = window;
      await page.goto(ask({ response_mode: "form_post", scope: "openid" }));
      await signIn(window, ada);
      await page.getByText(/POST code=|Permissions requested/).waitFor();
      if ((await page.title()) === "Permissions requested") await press(window, "Accept");
      await page.getByText("POST code=").waitFor();
      assert.deepEqual(window.takeComplaints(), []);
      await window.close();

      const slow = await browser.open();
      await slow.context.route("**/submit.js", (route) => route.abort());
      await slow.page.goto(ask({ response_mode: "form_post", scope: "openid", prompt: "login" }));
      await signIn(slow, ada);
      await isAt(slow, "Signing you in");
      slow.takeComplaints();
      await look(slow, "form-post", "Signing you in");
      await press(slow, "Continue");
      await slow.page.getByText("POST code=").waitFor();
      await slow.close();
    });

    it("what went wrong, and the end", async () => {
      const window = await browser.open();
      const { page } = window;
      const refused = await page.goto(ask({ redirect_uri: "https://evil.example/steal" }));
      assert.equal(refused?.status(), 400);
      // The browser says by itself that a page came with an error's status.
      assert.match(window.takeComplaints().join(), /^error: Failed to load resource: .* 400/);
      await look(window, "error", "Sorry, but we are having trouble signing you in");
      const focused = await readFocus(page);
      assert.match(focused.text, /^AADSTS50011/);
      await page.goto(`${cloud.status.baseUrl}/common/oauth2/v2.0/logout`);
      await look(window, "signed-out", "You have signed out");
      await window.close();
    });
  });
}
