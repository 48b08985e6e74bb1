/** Consent phishing: a person who let an application read their name has not let it act for them in Azure. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { type Answer, createApp, planeHosts, roleIds } from "../support/plane-client.ts";

type App = Awaited<ReturnType<typeof createApp>>;

let cloud: TestCloud;
let phisher: App;
let victim: { username: string; password: string };

before(async () => {
  cloud = await startTestCloud();
  phisher = await createApp(cloud.client, "phisher");
  victim = JSON.parse(readFileSync(join(cloud.status.stateDir, "operator.json"), "utf8"));
});
after(() => cloud.dispose());

/** @param at what the Host header says. */
function askFor(form: Record<string, string>, app = phisher, at?: string): Promise<Answer> {
  return cloud.client.send(
    at === undefined ? planeHosts.entra : "localhost",
    "POST",
    `/${cloud.status.tenantId}/oauth2/v2.0/token`,
    {
      headers: { "content-type": "application/x-www-form-urlencoded", ...(at === undefined ? {} : { host: at }) },
      body: new URLSearchParams({ client_id: app.appId, client_secret: app.secret, ...form }).toString(),
    },
  );
}

const signIn = (scope: string) => ({ grant_type: "password", ...victim, scope });

describe("an application that a person only signed in to", () => {
  for (const scope of [
    "https://management.azure.com/.default",
    "https://management.azure.com/user_impersonation",
    "https://management.core.windows.net//.default",
    "https://storage.azure.com/user_impersonation",
    "797f4846-ba00-4fd7-ba43-dac1f8f63013/.default",
  ]) {
    test(`gets no token for ${scope}, neither by sign-in nor by its refresh token`, async () => {
      assert.match((await askFor(signIn(scope))).text, /AADSTS65001/);
      const first = JSON.parse((await askFor(signIn("openid offline_access User.Read"))).text);
      const again = await askFor({ grant_type: "refresh_token", refresh_token: first.refresh_token, scope });
      assert.match(again.text, /AADSTS65001/);
    });
  }

  test("has a token for this server's own address that Resource Manager, Blob's neighbours and sessions do not take", async () => {
    const origin = new URL(cloud.status.baseUrl).host;
    const at = (scope: string) => askFor(signIn(`${cloud.status.baseUrl}/${scope}`), phisher, origin);
    assert.match((await at("user_impersonation")).text, /AADSTS65001/);
    const token = JSON.parse((await at(".default")).text).access_token as string | undefined;
    assert.ok(token !== undefined);
    const headers = { host: origin, authorization: `Bearer ${token}`, "content-type": "application/json" };
    const target = `/subscriptions/${cloud.status.subscriptionId}/providers/Microsoft.Authorization/roleAssignments`;
    const read = await cloud.client.send("localhost", "GET", `${target}?api-version=2022-04-01`, { headers });
    assert.equal(read.status, 401, read.text);
    const roleDefinitionId = `/subscriptions/${cloud.status.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleIds.owner}`;
    const properties = { roleDefinitionId, principalId: phisher.principalId, principalType: "ServicePrincipal" };
    const body = JSON.stringify({ properties });
    const write = await cloud.client.send("localhost", "PUT", `${target}/${randomUUID()}?api-version=2022-04-01`, {
      headers,
      body,
    });
    assert.equal(write.status, 401, write.text);
    const own = cloud.surfaces.find(({ name }) => name === "postern")!.operations;
    const guarded = own.filter(({ permission }) => permission !== "public");
    assert.ok(guarded.length > 10, `${guarded.length}`);
    for (const { operation, method, sample } of guarded) {
      const { status, text } = await cloud.client.send("localhost", method, sample.target, {
        headers,
        body: sample.body ?? "{}",
      });
      // One operation is Graph's, whose tokens it takes: there the missing permission is what refuses.
      assert.equal(status, operation === "List credentials" ? 403 : 401, `${operation}: ${status} ${text}`);
    }
  });

  test("cannot use another application's refresh token", async () => {
    const other = await createApp(cloud.client, "other");
    const { refresh_token } = JSON.parse((await askFor(signIn("openid offline_access User.Read"))).text);
    const stolen = await askFor({ grant_type: "refresh_token", refresh_token, scope: "openid" }, other);
    assert.match(stolen.text, /AADSTS70000/);
    const unproved = await askFor({ grant_type: "refresh_token", refresh_token, scope: "openid", client_secret: "" });
    assert.match(unproved.text, /AADSTS7000218/);
    const asAz = await askFor({
      grant_type: "refresh_token",
      refresh_token,
      scope: "openid",
      client_id: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
      client_secret: "",
    });
    assert.match(asAz.text, /AADSTS70000/);
  });

  test("gains nothing by saying a parameter twice or a second client", async () => {
    const base = new URLSearchParams({
      client_id: phisher.appId,
      client_secret: phisher.secret,
      grant_type: "client_credentials",
      scope: "https://graph.microsoft.com/.default",
    }).toString();
    for (const more of [
      "&client_id=04b07795-8ddb-461a-bbee-02f9e1bf7b46",
      "&grant_type=password",
      "&scope=openid",
      "&client_secret=x",
      "&tenant=x&tenant=y",
      "&resource=x",
    ]) {
      const { status } = await cloud.client.send(
        planeHosts.entra,
        "POST",
        `/${cloud.status.tenantId}/oauth2/v2.0/token`,
        { headers: { "content-type": "application/x-www-form-urlencoded" }, body: `${base}${more}` },
      );
      assert.equal(status, 400, more);
    }
  });
});
