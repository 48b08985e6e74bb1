/** Soft mode lets through what no role grants. Whoever may switch it on in a group must not get by it past what was forbidden above the group. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { assignRole, createAccount, createApp, planeHosts, planeScopes, roleIds } from "../support/plane-client.ts";

const account = "softmodedata";

let cloud: TestCloud;
before(async () => {
  cloud = await startTestCloud();
});
after(() => cloud.dispose());

test("the owner of a group does not get past a deny assignment of the subscription by soft mode, with a role or without", async () => {
  const { client } = cloud;
  const group = (await createAccount(client, "soft", account)).split("/providers/")[0]!;
  const owner = await createApp(client, "owner");
  assert.equal((await assignRole(client, randomUUID(), group, roleIds.owner, owner.principalId)).status, 201);
  const subscription = `/subscriptions/${cloud.status.subscriptionId}`;
  const deny = `${subscription}/providers/Microsoft.Authorization/denyAssignments/${randomUUID()}?api-version=2022-04-01`;
  const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers";
  await client.must("arm", "PUT", deny, {
    properties: {
      denyAssignmentName: "no reading of blobs, no keys",
      permissions: [
        {
          actions: ["Microsoft.Storage/storageAccounts/listKeys/action"],
          notActions: [],
          dataActions: [`${blobs}/blobs/read`],
          notDataActions: [],
        },
      ],
      principals: [{ id: owner.principalId, type: "ServicePrincipal" }],
      excludePrincipals: [],
      doNotApplyToChildScopes: false,
    },
  });
  const token = await client.token(owner.appId, owner.secret, planeScopes.arm);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const blobToken = await client.token(owner.appId, owner.secret, planeScopes.blob);
  const read = () =>
    client.send(`${account}.blob.core.windows.net`, "GET", "/any/blob", {
      headers: { authorization: `Bearer ${blobToken}`, "x-ms-version": "2023-11-03" },
    });
  const keys = `${group}/providers/Microsoft.Storage/storageAccounts/${account}/listKeys?api-version=2022-09-01`;
  const listKeys = async () => (await client.send(planeHosts.arm, "POST", keys, { headers })).status;
  assert.deepEqual([(await read()).status, await listKeys()], [403, 403]);
  const mode = await client.send("localhost", "PUT", `/postern/access/softModes/${randomUUID()}`, {
    headers,
    body: JSON.stringify({ scope: group, seconds: 60 }),
  });
  assert.equal(mode.status, 201, mode.text);
  assert.deepEqual([(await read()).status, await listKeys()], [403, 403]);
  await client.must("arm", "DELETE", deny);
  assert.deepEqual([(await read()).status, await listKeys()], [404, 200], "soft mode is on, then");
});
