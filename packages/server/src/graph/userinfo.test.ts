import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { VerifiedToken } from "../tokens/token.ts";
import { errorFor } from "./errors.ts";
import { TrialGraph } from "./trial-graph.ts";
import { answerUserinfo, isUserinfo, userinfoOperations } from "./userinfo.ts";

let graph: TrialGraph;
before(async () => {
  graph = await TrialGraph.start();
});
after(() => graph.stop());

test("tells a person's token who it is for, and no other", () => {
  const { operatorUser, operatorApplication } = graph.directory;
  const token = (change: Partial<VerifiedToken>) =>
    ({
      kind: "user",
      principalId: operatorUser.id,
      appId: operatorApplication.appId,
      scopes: ["openid"],
      ...change,
    }) as VerifiedToken;
  const { status, body } = answerUserinfo(graph.cloud, token({}));
  const { sub, ...rest } = body as Record<string, unknown>;
  assert.deepEqual([status, rest], [200, { name: "Operator", preferred_username: operatorUser.userPrincipalName }]);
  assert.match(String(sub), /^[\w-]{43}$/);
  const refused = (change: Partial<VerifiedToken>) => {
    try {
      answerUserinfo(graph.cloud, token(change));
    } catch (cause) {
      return errorFor(cause)?.status;
    }
    return 200;
  };
  assert.equal(refused({ scopes: ["User.Read"] }), 403);
  assert.equal(refused({ kind: "app", scopes: [] }), 400);
});

test("is beside the versions, for GET and POST only", () => {
  assert.deepEqual(
    userinfoOperations.map(({ method, match }) => `${method} ${match}`),
    ["GET /oidc/userinfo", "POST /oidc/userinfo"],
  );
  assert.equal(isUserinfo("GET", "/OIDC/userinfo"), true);
  assert.equal(isUserinfo("DELETE", "/oidc/userinfo"), false);
  assert.equal(isUserinfo("GET", "/v1.0/oidc/userinfo"), false);
});

test("a stranger is refused there as everywhere", async () => {
  for (const { method, sample } of userinfoOperations) {
    // Two slashes: the trial's client then leaves the version out, and the edge, which is not here, would make them one.
    assert.equal((await graph.ask(`/${sample.target}`, { as: "", method })).status, 401);
  }
});
