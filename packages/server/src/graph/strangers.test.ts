/** Who is let in: strangers, powerless apps and bad tokens are refused by every row of the table, in Graph's own words. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TokenRefusal } from "../tokens/token.ts";
import { errorFor } from "./errors.ts";
import { graphOperations } from "./surface.ts";
import { assertError, TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
before(async () => {
  graph = await TrialGraph.start();
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

test("a stranger is refused by every operation, before anything else is said", async () => {
  const challenge =
    /^Bearer realm="", authorization_uri="https:\/\/login\.microsoftonline\.com\/common\/oauth2\/authorize", client_id="0{7}3-/;
  for (const { operation, method, sample } of graphOperations) {
    const request = { as: "", method, ...(sample.body === undefined ? {} : { body: sample.body }) };
    const answer = await graph.ask(sample.target, request);
    assertError(answer, 401, "InvalidAuthenticationToken", "Access token is empty.");
    assert.match(answer.headers.get("www-authenticate") ?? "", challenge, operation);
  }
  assertError(await graph.ask("/nothing", { as: "" }), 401, "InvalidAuthenticationToken");
  assertError(await graph.ask("/me", { as: "forged" }), 401, "InvalidAuthenticationToken", /^IDX14100/);
  graph.addCaller("arm-token", { audience: "https://management.azure.com" });
  assertError(await graph.ask("/me", { as: "arm-token" }), 401, "InvalidAuthenticationToken", /Invalid audience/);
  assertError(
    await graph.ask("/me", { as: "", headers: { authorization: "Basic b3A6b3A=" } }),
    401,
    "InvalidAuthenticationToken",
  );
});

test("an app without any permission or role is refused by every operation, and changes nothing", async () => {
  const { servicePrincipalId } = await graph.addApp("ordinary");
  const { revision } = graph.cloud.model;
  for (const { operation, method, sample, isDelegatedOnly, permission, action } of graphOperations) {
    // A batch is open to whoever is signed in; its parts are not, and have a test of their own.
    if (permission === "signed-in") continue;
    const target = sample.target.replace(/11111111-[0-9a-f-]+/, servicePrincipalId);
    const answer = await graph.ask(target, {
      as: "ordinary",
      method,
      ...(sample.body === undefined ? {} : { body: sample.body }),
    });
    if (isDelegatedOnly === true) assertError(answer, 400, "BadRequest");
    // What an app may do to itself needs proof that it is the app.
    else if (action === "roll-own-key" && target.includes("/servicePrincipals/"))
      assertError(answer, 400, "Request_BadRequest", /proof of possession/);
    else assertError(answer, 403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    assert.ok(operation);
  }
  assert.equal(graph.cloud.model.revision, revision);
});

test("every fault of a token has its own words and a challenge", () => {
  const faults = [
    { kind: "token-malformed" },
    { kind: "token-algorithm", algorithm: "none" },
    { kind: "token-key-unknown" },
    { kind: "token-signature" },
    { kind: "token-issuer", issuer: "x", tenantId: "y" },
    { kind: "token-audience", audience: "x" },
    { kind: "token-expired", expiredAt: new Date(0) },
    { kind: "token-not-yet-valid", validFrom: new Date(0) },
    { kind: "token-claims" },
    { kind: "token-principal", principalId: "x" },
  ] as const;
  for (const fault of faults) {
    const error = errorFor(new TokenRefusal(fault));
    assert.equal(error?.status, 401, fault.kind);
    assert.ok(error?.headers?.["www-authenticate"], fault.kind);
  }
});
