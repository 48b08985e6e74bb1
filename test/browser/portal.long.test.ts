/**
 * The how-to's fourteen steps of the portal, by mouse and keyboard in a real browser; then its steps 3 and 4: the secret that was read off the page
 * signs an unmodified app in, and the role that was assigned lets it write blobs. Makes docs/portal.md.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { cleanEnvironment, repository } from "../clients/cloud.ts";
import { assertSucceeded, execute } from "../clients/execution.ts";
import { scriptLines } from "../clients/notes-app.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { createAccount } from "../support/plane-client.ts";
import { startBrowser, type TestBrowser, type Window } from "./support/chromium.ts";
import { PortalGuide } from "./support/portal-guide.ts";
import { enterPortal, portalSkip, settle } from "./support/portal-person.ts";

const group = "msdocs-python-sdk-auth-example";
const account = "msdocsnotes";
const app = "msdocs-python-sdk-auth-prod";

/** What the person carried away from the page. */
type Carried = { readonly clientId: string; readonly tenantId: string; readonly secret: string };

describe("the how-to in the portal", { skip: portalSkip }, () => {
  let cloud: TestCloud;
  let browser: TestBrowser;
  let window: Window;
  let guide: PortalGuide;
  let carried: Carried;
  before(async () => {
    cloud = await startTestCloud();
    await createAccount(cloud.client, group, account);
    browser = await startBrowser(cloud.status);
    window = await browser.open();
    guide = new PortalGuide(window.page);
    await enterPortal(window.page, cloud);
  });
  after(async () => {
    await browser?.close();
    await cloud?.dispose();
  });

  it("registers an app and adds a client secret, in seven steps", async () => {
    const { page } = window;
    guide.chapter("Register the app", "An app registration gives an app an identity of its own to sign in with.");
    const search = page.getByRole("combobox", { name: /^Search/ });
    await search.fill("app registrations");
    const service = page.getByRole("option", { name: "App registrations" });
    await service.waitFor();
    await guide.step(
      "1. Find App registrations",
      "Enter *app registrations* in the search bar at the top, and select **App registrations** under **Services**.",
      search,
      service,
    );
    await service.click();

    const create = page.getByRole("button", { name: "New registration" });
    await create.waitFor();
    await settle(page);
    await guide.step("2. Begin a registration", "Select **+ New registration**.", create);
    await create.click();

    const name = page.getByRole("textbox", { name: "Name" });
    const single = page.getByRole("radio", { name: /this organizational directory only/ });
    const register = page.getByRole("button", { name: "Register", exact: true });
    await name.fill(app);
    await single.check();
    await guide.step(
      "3. Register the application",
      "Enter a **name** that says which app it is and where it runs. Under **Supported account types**, leave **Accounts in this organizational directory only**. Select **Register**; the service principal is made with it.",
      name,
      register,
    );
    await register.click();

    const ids = ["Application (client) ID", "Directory (tenant) ID"].map((label) =>
      page.locator(".property").filter({ hasText: label }),
    );
    const addCredential = page.getByRole("link", { name: "Add a certificate or secret" });
    await addCredential.waitFor();
    await guide.step(
      "4. Note the ids",
      "Copy the **Application (client) ID** and the **Directory (tenant) ID**: the app is configured with them. Then, beside **Client credentials**, select **Add a certificate or secret**.",
      ...ids,
      addCredential,
    );
    const [clientId = "", tenantId = ""] = await Promise.all(ids.map((id) => id.locator("code").innerText()));
    await addCredential.click();

    const newSecret = page.getByRole("button", { name: "New client secret" });
    await newSecret.waitFor();
    await settle(page);
    await guide.step(
      "5. Begin a client secret",
      "On **Certificates & secrets**, select **+ New client secret**.",
      newSecret,
    );
    await newSecret.click();

    const description = page.getByRole("textbox", { name: "Description" });
    const expires = page.getByRole("combobox", { name: "Expires" });
    const add = page.getByRole("button", { name: "Add", exact: true });
    await description.fill("Current");
    await expires.selectOption({ label: "730 days (24 months)" });
    await guide.step(
      "6. Describe it",
      "Enter *Current* as the **Description**, and select *730 days (24 months)* under **Expires**. Select **Add**.",
      description,
      expires,
      add,
    );
    await add.click();

    const value = page.getByTestId("secret-value");
    await value.waitFor();
    await settle(page);
    await guide.step(
      "7. Copy the value",
      "Copy the **Value** of the secret now. It is shown this once: only its hash is kept.",
      page.locator(".message.warning"),
    );
    carried = { clientId, tenantId, secret: await value.innerText() };
    assert.match(carried.secret, /^[\w.~-]{40}$/);
    assert.equal(carried.tenantId, cloud.status.tenantId);
    assert.deepEqual(window.takeComplaints(), []);
  });

  it("shows the secret never again, and keeps it nowhere", async () => {
    const { page } = window;
    await page.reload();
    await page.getByRole("table").waitFor();
    const kept = JSON.stringify(
      await page.evaluate("[document.body.innerHTML, {...sessionStorage}, {...localStorage}, document.cookie]"),
    );
    assert.ok(!kept.includes(carried.secret));
    assert.ok(kept.includes(carried.secret.slice(0, 3)), "the hint tells which secret it is");
  });

  it("assigns the app a role on a resource group, in seven steps", async () => {
    const { page } = window;
    guide.chapter(
      "Assign a role",
      "A role on a resource group counts for everything in it. The app gets no more than the one role.",
    );
    const search = page.getByRole("combobox", { name: /^Search/ });
    await search.fill(group.slice(0, 12));
    const found = page.getByRole("group", { name: "Resource Groups" }).getByRole("option", { name: new RegExp(group) });
    await found.waitFor();
    await guide.step(
      "8. Find the resource group",
      "Enter the name of the resource group in the search bar, and select it under **Resource Groups**.",
      search,
      found,
    );
    await found.click();

    const iam = page.getByRole("link", { name: "Access control (IAM)" });
    await iam.waitFor();
    await settle(page);
    await guide.step("9. Open Access control", "Select **Access control (IAM)** from the menu at the left.", iam);
    await iam.click();

    const tab = page.getByRole("tab", { name: "Role assignments" });
    await tab.click();
    await page.getByRole("table", { name: "Role assignments" }).waitFor();
    await settle(page);
    const add = page.getByRole("button", { name: "Add", exact: true });
    await add.click();
    const addAssignment = page.getByRole("menuitem", { name: "Add role assignment" });
    await guide.step(
      "10. Begin a role assignment",
      "Select the **Role assignments** tab. It shows who has which role here, also by what was assigned above. Select **+ Add**, then **Add role assignment**.",
      tab,
      addAssignment,
    );
    await addAssignment.click();

    const filter = page.getByRole("searchbox", { name: /^Search by role name/ });
    await filter.fill("storage blob");
    const role = page.getByRole("radio", { name: "Select Storage Blob Data Contributor" });
    await role.check();
    const next = page.getByRole("button", { name: "Next" });
    await guide.step(
      "11. Select the role",
      "Filter the roles, here for *storage blob*, and select **Storage Blob Data Contributor**. **View** shows what a role may do. Select **Next**.",
      filter,
      role,
      next,
    );
    await next.click();

    const anyone = page.getByRole("radio", { name: "User, group, or service principal" });
    const selectMembers = page.getByRole("button", { name: "Select members" });
    await anyone.check();
    await guide.step(
      "12. Assign access to",
      "Select **User, group, or service principal** under **Assign access to**, then **+ Select members**.",
      anyone,
      selectMembers,
    );
    await selectMembers.click();

    const words = page.getByRole("textbox", { name: "Select", exact: true });
    await words.fill(app.slice(0, 12));
    await page.getByRole("button", { name: `Add ${app}` }).click();
    const select = page.getByRole("button", { name: "Select", exact: true });
    await guide.step(
      "13. Select the app",
      "Enter the first letters of the app's name under **Select**, select the app, then **Select** at the bottom.",
      words,
      select,
    );
    await select.click();

    const assign = page.getByRole("button", { name: "Review + assign" });
    await guide.step(
      "14. Review and assign",
      "The app stands under **Members**. Select **Review + assign**, and once more on the last page.",
      page.locator(".pick-list.picked"),
      assign,
    );
    await assign.click();
    await page.getByText(`/resourceGroups/${group}`).waitFor();
    await assign.click();
    const mine = page.getByRole("row", { name: new RegExp(`${app}.*Storage Blob Data Contributor.*This resource`) });
    await mine.waitFor();
    assert.equal(await mine.count(), 1);
    assert.deepEqual(window.takeComplaints(), []);
  });

  it("lets the unmodified app sign in with that secret and write blobs by that role", async () => {
    const env = cleanEnvironment({
      AZURE_CLIENT_ID: carried.clientId,
      AZURE_TENANT_ID: carried.tenantId,
      AZURE_CLIENT_SECRET: carried.secret,
      HTTPS_PROXY: cloud.status.proxyUrl,
      NODE_EXTRA_CA_CERTS: cloud.status.caBundle,
      NODE_USE_ENV_PROXY: "1",
    });
    const script = join(repository, "examples", "typescript-app", "app.ts");
    const done = assertSucceeded(await execute([process.execPath, script, account], { env }));
    assert.deepEqual(done.stdout.trimEnd().split("\n"), scriptLines(account));
    assert.ok(!(done.stdout + done.stderr).includes(carried.secret));
  });

  it("wrote the guide", () => {
    guide.finish(
      [
        "# The portal",
        "`postern up` serves it at `https://localhost:PORT/portal`; `postern status` says where. It does by clicking what the commands do, with the same names as Azure's portal, and calls the same public APIs with the rights of whoever is signed in. The operator's name and password are in `operator.json` of the state folder.",
        "Below are steps 1 and 2 of the how-to. This page and its pictures are made by the test that goes through them (`test/browser/portal.long.test.ts`).",
      ].join("\n\n"),
    );
  });
});
