/** The owner of one resource group tries for its neighbours, and for what stands above. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { armVersion, authorizationVersion, createAccount, roleIds } from "../support/plane-client.ts";
import {
  asApp,
  asOwner,
  closeWorld,
  cloud,
  group,
  mustAssign,
  mustBlob,
  neighbour,
  openWorld,
  other,
  owner,
  readBlob,
  reader,
} from "./trespass-world.ts";

before(openWorld);
after(closeWorld);

describe("Resource Manager: the owner of rg1 stays there", () => {
  const roleOf = (id: string) =>
    `/subscriptions/${cloud.status.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${id}`;
  const assignment = () => `/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?${authorizationVersion}`;
  const ownership = () => ({
    properties: {
      roleDefinitionId: roleOf(roleIds.owner),
      principalId: owner.principalId,
      principalType: "ServicePrincipal",
    },
  });

  test("it cannot assign roles at any other scope, however the scope is spelled", async () => {
    const subscription = `/subscriptions/${cloud.status.subscriptionId}`;
    const scopes = [
      subscription,
      neighbour,
      "",
      `${subscription}/`,
      `${group}/..`,
      `${group}/%2e%2e/rg10`,
      `${group}%2F..%2Frg10`,
      `${group}0`,
      `${group}//../rg10`,
      `${subscription}//resourceGroups//rg10`,
      `${subscription}/RESOURCEGROUPS/RG10`,
      `${group}/providers/Microsoft.Authorization/roleAssignments/../../../../rg10`,
      `${group}/subscriptions/${cloud.status.subscriptionId}`,
      `${group}/resourceGroups/rg10`,
      `/providers/Microsoft.Management/managementGroups/${cloud.status.tenantId}`,
      `${subscription}/providers/x/y/z${group}`,
      `${neighbour}/providers/Microsoft.Storage/storageAccounts/${other}`,
      `${group};/../rg10`,
      `${group}%00`,
      `${subscription}/resourceGroups/%ef%ac%80`,
    ];
    for (const scope of scopes) {
      const { status, text } = await asOwner("PUT", `${scope}${assignment()}`, ownership());
      assert.ok(status >= 400 && status < 500, `${scope}: ${status} ${text}`);
    }
    const held = [...cloud.model.roleAssignments.values()].filter(
      ({ principalId }) => principalId === owner.principalId,
    );
    assert.deepEqual(
      held.map(({ scope }) => scope.toLowerCase()),
      [group.toLowerCase()],
    );
  });

  test("a scope in the body does not count", async () => {
    const body = {
      properties: {
        ...ownership().properties,
        roleDefinitionId: roleOf(roleIds.reader),
        scope: `/subscriptions/${cloud.status.subscriptionId}`,
      },
      scope: "/",
      id: "/x",
    };
    const { status, text } = await asOwner("PUT", `${group}${assignment()}`, body);
    if (status === 201) assert.equal(JSON.parse(text).properties.scope.toLowerCase(), group.toLowerCase());
    else assert.equal(status, 400, text);
  });

  test("it cannot take another scope's assignment over by its name, nor delete it by way of rg1", async () => {
    const name = await mustAssign(neighbour, roleIds.reader, reader.principalId);
    const target = `${group}/providers/Microsoft.Authorization/roleAssignments/${name}?${authorizationVersion}`;
    assert.ok((await asOwner("PUT", target, ownership())).status >= 400);
    assert.equal((await asOwner("DELETE", target)).status, 204);
    assert.equal(cloud.model.roleAssignments.get(name as never)?.principalId, reader.principalId);
  });

  test("it cannot make, widen or take over a custom role of a wider scope", async () => {
    const { client } = cloud;
    const subscription = `/subscriptions/${cloud.status.subscriptionId}`;
    const definition = (scope: string, id: string) =>
      `${scope}/providers/Microsoft.Authorization/roleDefinitions/${id}?${authorizationVersion}`;
    const role = (roleName: string, assignableScopes: string[], actions = ["*"]) => ({
      properties: { roleName, type: "CustomRole", permissions: [{ actions }], assignableScopes },
    });
    const wide = randomUUID();
    await client.must(
      "arm",
      "PUT",
      definition(subscription, wide),
      role("wide", [subscription], ["Microsoft.Storage/storageAccounts/read"]),
    );
    for (const scopes of [[group], [subscription], [group, subscription], [neighbour], ["/"]]) {
      assert.ok((await asOwner("PUT", definition(group, wide), role("wide", scopes))).status >= 400, scopes.join());
      const isOwn = scopes.length === 1 && scopes[0] === group;
      const fresh = await asOwner("PUT", definition(group, randomUUID()), role(`fresh ${scopes.join()}`, scopes));
      assert.equal(fresh.status === 201, isOwn, `${scopes.join()}: ${fresh.status}`);
    }
    assert.equal((await asOwner("DELETE", definition(group, wide))).status, 403);
    assert.deepEqual(cloud.model.roleDefinitions.get(wide as never)?.permissions[0]?.actions, [
      "Microsoft.Storage/storageAccounts/read",
    ]);
    assert.ok((await asOwner("PUT", definition(group, roleIds.reader), role("Reader", [group]))).status >= 400);
  });

  test("it cannot make, move or read management groups", async () => {
    const base = "/providers/Microsoft.Management/managementGroups";
    for (const [method, target, body] of [
      ["PUT", `${base}/mine?api-version=2020-05-01`, { properties: { displayName: "mine" } }],
      [
        "PUT",
        `${base}/${cloud.status.tenantId}/subscriptions/${cloud.status.subscriptionId}?api-version=2020-05-01`,
        {},
      ],
      ["GET", `${base}/${cloud.status.tenantId}?api-version=2020-05-01`, undefined],
      ["PUT", `/providers/Microsoft.Authorization/elevateAccess?${authorizationVersion}`, undefined],
      ["POST", `/providers/Microsoft.Authorization/elevateAccess?${authorizationVersion}`, undefined],
    ] as const) {
      const { status, text } = await asOwner(method, target, body);
      assert.ok(status >= 400, `${method} ${target}: ${status} ${text}`);
    }
  });

  test("what is there in another group is not told from what is not", async () => {
    const shape = async (target: string) => {
      const { status, text } = await asOwner("GET", `${target}?${armVersion}`);
      return [status, JSON.parse(text).error.code];
    };
    const accounts = `${neighbour}/providers/Microsoft.Storage/storageAccounts`;
    assert.deepEqual(await shape(`${accounts}/nosuchaccount`), await shape(`${accounts}/${other}`));
    assert.deepEqual(await shape(neighbour.replace("rg10", "rg99")), await shape(neighbour));
    const list = await asOwner("GET", `/subscriptions/${cloud.status.subscriptionId}/resourcegroups?${armVersion}`);
    assert.doesNotMatch(list.text, /rg10/);
  });

  test("a group and an account that are made anew inherit nothing", async () => {
    const { client } = cloud;
    const accountId = await createAccount(client, "reborn", "rebornaccount");
    const rebornGroup = accountId.split("/providers/")[0]!;
    const container = `${accountId}/blobServices/default/containers/secrets`;
    const names = [
      await mustAssign(
        rebornGroup.toUpperCase().replace("/SUBSCRIPTIONS/", "/subscriptions/"),
        roleIds.owner,
        reader.principalId,
      ),
      await mustAssign(accountId, roleIds.blobDataOwner, reader.principalId),
      await mustAssign(container, roleIds.blobDataReader, reader.principalId),
    ];
    await client.must("arm", "DELETE", `${accountId}?${armVersion}`);
    for (const name of names.slice(1)) assert.equal(cloud.model.roleAssignments.get(name as never), undefined);
    await createAccount(client, "reborn", "rebornaccount");
    await client.call("arm", "DELETE", `${rebornGroup}?${armVersion}`);
    for (
      let round = 0;
      round < 200 && (await client.call("arm", "GET", `${rebornGroup}?${armVersion}`)).status === 200;
      round++
    );
    await createAccount(client, "reborn", "rebornaccount");
    assert.equal(cloud.model.roleAssignments.get(names[0] as never), undefined);
    await mustBlob("PUT", "/secrets?restype=container", undefined, "rebornaccount.blob.core.windows.net");
    assert.equal(
      (await readBlob("/secrets?restype=container&comp=list", {}, "GET", "rebornaccount.blob.core.windows.net")).status,
      403,
    );
    assert.equal((await asApp(reader, "arm", "GET", `${rebornGroup}?${armVersion}`)).status, 403);
  });
});
