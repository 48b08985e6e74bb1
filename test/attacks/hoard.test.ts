/** What a stranger can make the server keep, in memory and on disk, and who else can read what it keeps. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { createAccount, createApp, planeHosts } from "../support/plane-client.ts";

const azureCli = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

let cloud: TestCloud;
before(async () => {
  cloud = await startTestCloud();
});
after(() => cloud.dispose());

function post(target: string, form: Record<string, string>) {
  return cloud.client.send(planeHosts.entra, "POST", target, {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  });
}

describe("a stranger's words are not hoarded", () => {
  test("a device code is not to be had for 60 KB of scopes, however they are said", async () => {
    const target = `/${cloud.status.tenantId}/oauth2/v2.0/devicecode`;
    for (const scope of ["openid ".repeat(8000), `${" ".repeat(60_000)}openid`, `openid ${"x".repeat(60_000)}`]) {
      const { status, text } = await post(target, { client_id: azureCli, scope });
      assert.equal(status, 400, text.slice(0, 300));
    }
    assert.equal((await post(target, { client_id: azureCli, scope: "openid offline_access" })).status, 200);
    const v1 = `/${cloud.status.tenantId}/oauth2/devicecode`;
    const resource = "https://management.azure.com";
    assert.equal((await post(v1, { client_id: azureCli, resource, scope: "x".repeat(60_000) })).status, 400);
  });

  test("nothing of a refused sign-in is recorded but what the directory knows", async () => {
    const word = "hoarded".repeat(2000);
    const form = {
      grant_type: "password",
      client_id: azureCli,
      username: word,
      password: word,
      scope: "openid",
      resource: word,
    };
    await post(`/${cloud.status.tenantId}/oauth2/v2.0/token`, form);
    await post(`/${cloud.status.tenantId}/oauth2/token`, { ...form, client_id: word });
    await post(`/${cloud.status.tenantId}/oauth2/v2.0/token`, { ...form, grant_type: word });
    assert.ok(!JSON.stringify(cloud.recorder.signIns()).includes("hoarded"));
    assert.deepEqual(cloud.log, []);
  });
});

describe("the state folder", () => {
  test("nobody else may read a file of it, whatever has been done, and no secret stands in it as it was given out", async () => {
    await createAccount(cloud.client, "modes", "modesaccount");
    const app = await createApp(cloud.client, "modes");
    const files = readdirSync(cloud.status.stateDir, { recursive: true, withFileTypes: true });
    assert.ok(files.length > 10);
    for (const entry of files) {
      const path = join(entry.parentPath, entry.name);
      assert.equal((statSync(path).mode & 0o077).toString(8), "0", path);
      if (entry.isFile()) assert.ok(!readFileSync(path).includes(app.secret), `${path} holds a secret`);
    }
  });
});
