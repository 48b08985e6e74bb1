/** Mix-up: what one authorization server answered is brought to another, which goes by the same names. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { askTokens, proofKey, redirectUri, signInAtPages } from "../support/page-sign-in.ts";

let cloud: TestCloud;
let other: TestCloud;
before(async () => {
  [cloud, other] = await Promise.all([startTestCloud(), startTestCloud()]);
});
after(() => Promise.all([cloud.dispose(), other.dispose()]));

test("a code and a refresh token of one server are nothing at another, and are not spent by it", async () => {
  const { username, password } = JSON.parse(readFileSync(join(cloud.status.stateDir, "operator.json"), "utf8"));
  const { headers } = await signInAtPages(cloud.client, username, password);
  const code = new URL(String(headers.location)).searchParams.get("code")!;
  assert.ok(code);
  const redemption = { grant_type: "authorization_code", code, redirect_uri: redirectUri };
  const form = { ...redemption, code_verifier: proofKey.verifier };
  assert.match((await askTokens(other.client, form)).text, /AADSTS70000:/);
  const redeemed = await askTokens(cloud.client, form);
  assert.equal(redeemed.status, 200, redeemed.text);
  const { refresh_token } = JSON.parse(redeemed.text);
  const renewal = { grant_type: "refresh_token", refresh_token, scope: "openid offline_access" };
  assert.match((await askTokens(other.client, renewal)).text, /AADSTS70000:/);
  const renewed = await askTokens(cloud.client, renewal);
  assert.equal(renewed.status, 200, renewed.text);
});
