/**
 * People who sign in with real, unmodified clients: by a browser and by a device code, with az, the SDKs and MSAL. The person is a program
 * that reads the pages and sends their forms.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { freshAz, operatorAz } from "./az.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { assertRefused, assertSucceeded } from "./execution.ts";
import { az245, az274, nodes, python311, python313 } from "./installed.ts";
import { makeBrowser, type Person, personVariables, runWithCode } from "./person.ts";
import { callGraph } from "./seed.ts";

const programs = join(import.meta.dirname, "programs");
const cliId = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const signInPages = ["Sign in", "Enter your password"];

interface App {
  readonly appId: string;
  readonly secret: string;
}

/** An application that people sign in to: a web server, and a program. As `az ad app create` leaves it: its principal comes with the first consent. */
async function createPeopleApp(cloud: Cloud, displayName: string): Promise<App> {
  const arm = {
    resourceAppId: "797f4846-ba00-4fd7-ba43-dac1f8f63013",
    resourceAccess: [{ id: "41094075-9dad-400e-a0bd-54e686782033", type: "Scope" }],
  };
  const { id, appId } = await callGraph<{ id: string; appId: string }>(cloud, "POST", "/applications", {
    displayName,
    web: { redirectUris: ["http://localhost/web"] },
    spa: { redirectUris: ["http://localhost/spa"] },
    publicClient: { redirectUris: ["http://localhost"] },
    isFallbackPublicClient: true,
    requiredResourceAccess: [arm],
  });
  const added = await callGraph<{ secretText: string }>(cloud, "POST", `/applications/${id}/addPassword`, {});
  return { appId, secret: added.secretText };
}

describe("people", () => {
  let cloud: Cloud;
  let person: Person;
  before(async () => {
    cloud = await startCloud();
    const { username, password } = await cloud.credentials("operator");
    person = { name: username!, password: password! };
  });
  after(() => cloud.stop());

  for (const installation of [az245, az274]) {
    describe(installation.name, { skip: installation.skip }, () => {
      it("az login, by the browser", async () => {
        const browser = await makeBrowser(cloud, installation.name.replaceAll(/[^a-z0-9]/g, "-"));
        const az = await freshAz(cloud, installation);
        const variables = Object.entries({ ...personVariables(person), BROWSER: `${browser.path} %s &` });
        for (const [name, value] of variables) process.env[name] = value;
        try {
          const [account] = await az.json<{ user: { name: string; type: string } }[]>("login");
          assert.deepEqual(account?.user, { name: person.name, type: "user" });
        } finally {
          for (const [name] of variables) delete process.env[name];
        }
        const [seen] = await browser.seen();
        assert.deepEqual(seen?.titles.slice(0, 2), signInPages);
        assert.match(seen!.end, /^http:\/\/localhost:\d+$/);
        const me = await az.json<{ userPrincipalName: string }>("ad", "signed-in-user", "show");
        assert.equal(me.userPrincipalName, person.name);
        assert.deepEqual(await az.json("group", "list"), []);
      });

      it("az login --use-device-code, with the page opened by a browser that knows no proxy", async () => {
        const path = `${installation.path}:${process.env.PATH}`;
        const folder = join(cloud.workDir, `az-device-${installation.name.replaceAll(/[^a-z0-9]/g, "-")}`);
        const client = ["env", `AZURE_CONFIG_DIR=${folder}`, "az", "login", "--use-device-code", "--output", "json"];
        const { outcome, seen } = await runWithCode(cloud, client, person, { PATH: path });
        const [account] = JSON.parse(assertSucceeded(outcome).stdout) as { user: { name: string } }[];
        assert.equal(account?.user.name, person.name);
        assert.deepEqual(seen.titles, ["Enter the code", ...signInPages, "Confirm the sign-in", "You have signed in"]);
        assert.equal(seen.end, cloud.status.baseUrl);
      });

      it("az ad user create --force-change-password-next-sign-in: the password serves to be changed, and for nothing else", async () => {
        const az = operatorAz(cloud, installation);
        const nickname = `new${installation.name.replaceAll(/[^0-9]/g, "")}`;
        const newcomer = { name: `${nickname}@${person.name.split("@")[1]}`, password: "Tidal-Harbour-27" };
        const created = await az.json<{ id: string; userPrincipalName: string }>(
          ...["ad", "user", "create", "--display-name", nickname, "--user-principal-name", newcomer.name],
          ...["--password", newcomer.password, "--force-change-password-next-sign-in", "true"],
        );
        assert.equal(created.userPrincipalName, newcomer.name);
        // A folder of its own each time: az keeps a refusal for a minute, and gives it again without asking.
        const login = async (password: string) => {
          const fresh = await freshAz(cloud, installation);
          return fresh.run("login", "--username", newcomer.name, "--password", password, "--allow-no-subscriptions");
        };
        assertRefused(await login(newcomer.password), /AADSTS50055|password (is|has) expired/i);
        const variables = { PERSON_NEW_PASSWORD: "Quiet-Lantern-31" };
        const path = `${installation.path}:${process.env.PATH}`;
        const folder = join(cloud.workDir, `az-new-${nickname}`);
        const options = ["--use-device-code", "--allow-no-subscriptions", "--output", "json"];
        const client = ["env", `AZURE_CONFIG_DIR=${folder}`, "az", "login", ...options];
        const { outcome, seen } = await runWithCode(cloud, client, newcomer, { PATH: path }, variables);
        assertSucceeded(outcome);
        assert.ok(seen.titles.includes("Update your password"), seen.titles.join());
        assertRefused(await login(newcomer.password), /AADSTS50126|invalid username or password/i);
        assertSucceeded(await login(variables.PERSON_NEW_PASSWORD));
        await az.json("ad", "user", "update", "--id", created.id, "--force-change-password-next-sign-in", "true");
        assertRefused(await login(variables.PERSON_NEW_PASSWORD), /AADSTS50055|password (is|has) expired/i);
      });
    });
  }

  for (const { name, node, skip } of nodes) {
    describe(name, { skip }, () => {
      it("@azure/identity: InteractiveBrowserCredential, then silently for another resource", async () => {
        const browser = await makeBrowser(cloud, `identity-${process.hrtime.bigint()}`);
        const client = [node, join(programs, "interactive-browser.mjs"), cloud.status.tenantId];
        const done = await cloud.run(client, { env: { ...personVariables(person), BROWSER: browser.path } });
        const { upn, aud, appid, isSilentForAnother } = JSON.parse(assertSucceeded(done).stdout);
        assert.deepEqual([upn, aud, appid], [person.name, "https://management.azure.com", cliId]);
        assert.equal(isSilentForAnother, true);
      });

      it("@azure/identity: DeviceCodeCredential, with consent to an application of the tenant", async () => {
        const app = await createPeopleApp(cloud, "Device app");
        const client = [node, join(programs, "device-code.mjs"), cloud.status.tenantId, app.appId];
        const { outcome, seen } = await runWithCode(cloud, client, person);
        const [, token] = assertSucceeded(outcome).stdout.trim().split("\n");
        assert.deepEqual(JSON.parse(token!), { upn: person.name, appid: app.appId });
        assert.deepEqual(seen.titles.slice(-3), ["Confirm the sign-in", "Permissions requested", "You have signed in"]);
      });

      it("@azure/msal-node: a code with a proof key, a code with a secret too, a device code; each silently renewed", async () => {
        const app = await createPeopleApp(cloud, "MSAL app");
        const run = async (kind: string, env: NodeJS.ProcessEnv, path = "") => {
          const client = [node, join(programs, "msal-person.mjs"), kind, cloud.status.tenantId, app.appId, path];
          const done = await cloud.run(client, { env: { ...personVariables(person), ...env } });
          return JSON.parse(assertSucceeded(done).stdout);
        };
        const expected = { username: person.name, audience: app.appId, isRenewed: true };
        const program = await run("code", {});
        assert.deepEqual({ ...expected, nonce: "n1", scopes: program.scopes }, program);
        assert.ok(program.scopes.includes("User.Read"));
        const server = await run("code", { APP_SECRET: app.secret }, "/web");
        assert.deepEqual({ ...expected, nonce: "n1", scopes: server.scopes }, server);
        const device = await run("device", {});
        assert.deepEqual({ ...expected, scopes: device.scopes }, device);
      });

      it("@azure/msal-browser: away by redirect, back with a code that the page redeems itself, silently renewed", async () => {
        const app = await createPeopleApp(cloud, "Single-page app");
        const client = [node, join(programs, "msal-browser.mjs"), cloud.status.tenantId, app.appId];
        const done = await cloud.run(client, { env: personVariables(person) });
        const expected = { username: person.name, isCodeInFragment: true, audience: app.appId, isRenewed: true };
        assert.deepEqual(JSON.parse(assertSucceeded(done).stdout), expected);
      });

      it("@azure/msal-node: a server with a wrong secret is told so after the person has signed in", async () => {
        const app = await createPeopleApp(cloud, "MSAL app with a wrong secret");
        const client = [node, join(programs, "msal-person.mjs"), "code", cloud.status.tenantId, app.appId, "/web"];
        const done = await cloud.run(client, { env: { ...personVariables(person), APP_SECRET: "not-the-secret" } });
        assertRefused(done, /AADSTS7000215/);
      });
    });
  }

  for (const { name, python, skip } of [python311, python313]) {
    it(`${name}: DeviceCodeCredential`, { skip }, async () => {
      const client = [python, join(programs, "device_code.py"), cloud.status.tenantId, cliId];
      const { outcome, seen } = await runWithCode(cloud, client, person);
      const [, token] = assertSucceeded(outcome).stdout.trim().split("\n");
      assert.deepEqual(JSON.parse(token!), { upn: person.name, appid: cliId });
      assert.ok(seen.titles.includes("Confirm the sign-in"));
    });
  }
});
