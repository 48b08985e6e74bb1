import assert from "node:assert/strict";
import { test } from "node:test";
import { startTrialCloud, trial } from "./trial-cloud.ts";

const claims = Buffer.from('{"access_token":{"nbf":{"essential":true, "value":"1767323045"}}}').toString("base64");

test("a revoked session is answered with a claims challenge, and nothing else is", async (context) => {
  const cloud = await startTrialCloud();
  context.after(() => cloud.close());
  const target = "/subscriptions?api-version=2022-12-01";
  const { status, headers, json } = await cloud.send("GET", target, { as: "token-revoked" });
  assert.equal(status, 401);
  assert.equal(
    headers["www-authenticate"],
    `Bearer authorization_uri="https://login.windows.net/${trial.tenantId}", error="insufficient_claims", error_description="User session has been revoked", claims="${claims}"`,
  );
  assert.equal(json.error.code, "InvalidAuthenticationToken");
  for (const as of ["token-expired", "token-signature", "token-audience", null]) {
    const refused = await cloud.send("GET", target, { as });
    assert.equal(refused.status, 401, String(as));
    assert.ok(!refused.headers["www-authenticate"]?.includes("claims="), String(as));
  }
});
