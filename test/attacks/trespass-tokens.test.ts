/** Tokens of those who are gone, and tokens for another plane. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { armVersion, createApp, planeHosts, planeScopes, roleIds } from "../support/plane-client.ts";
import { closeWorld, cloud, group, host, mustAssign, openWorld } from "./trespass-world.ts";

before(openWorld);
after(closeWorld);

describe("tokens: who is gone is gone", () => {
  test("a token that was taken before is refused once its principal is disabled, and once it is deleted, on every plane", async () => {
    const { client } = cloud;
    for (const how of ["disabled", "deleted"] as const) {
      const app = await createApp(client, how);
      await mustAssign(group, roleIds.blobDataOwner, app.principalId);
      await mustAssign(group, roleIds.reader, app.principalId);
      const [arm, blob] = [
        await client.token(app.appId, app.secret, planeScopes.arm),
        await client.token(app.appId, app.secret, planeScopes.blob),
      ];
      const ask = async () => [
        (
          await client.send(planeHosts.arm, "GET", `${group}?${armVersion}`, {
            headers: { authorization: `Bearer ${arm}` },
          })
        ).status,
        (
          await client.send(host, "GET", "/closed/letter", {
            headers: { authorization: `Bearer ${blob}`, "x-ms-version": "2023-11-03" },
          })
        ).status,
      ];
      assert.deepEqual(await ask(), [200, 200]);
      if (how === "disabled")
        await client.must("graph", "PATCH", `/v1.0/servicePrincipals/${app.principalId}`, { accountEnabled: false });
      else await client.must("graph", "DELETE", `/v1.0/servicePrincipals/${app.principalId}`);
      assert.deepEqual(await ask(), [401, 401]);
      assert.ok((await client.askToken(app.appId, app.secret, planeScopes.arm)).status >= 400);
    }
  });

  test("a token for one plane opens no other", async () => {
    const operator = {
      graph: await cloud.client.operatorToken("graph"),
      arm: await cloud.client.operatorToken("arm"),
      blob: await cloud.client.operatorToken("blob"),
    };
    const targets = {
      graph: [planeHosts.graph, "/v1.0/users"],
      arm: [planeHosts.arm, `${group}?${armVersion}`],
      blob: [host, "/closed/letter"],
    } as const;
    for (const [of, token] of Object.entries(operator)) {
      for (const [plane, [at, target]] of Object.entries(targets)) {
        const { status } = await cloud.client.send(at, "GET", target, {
          headers: { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" },
        });
        assert.equal(status, of === plane ? 200 : 401, `${of} token at ${plane}`);
      }
    }
  });
});
