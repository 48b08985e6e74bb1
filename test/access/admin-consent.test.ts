/**
 * `az ad app permission admin-consent` at the service it asks, and what it changes: the roles in an application's tokens and what those open.
 * Nobody below a Global Administrator grants Graph's own permissions by it.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { claimsOf } from "../../packages/server/src/tokens/sample-claims.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { type Answer, createApp, planeHosts, planeScopes } from "../support/plane-client.ts";

const graphAppId = "00000003-0000-0000-c000-000000000000";
const readDirectory = "7ab1d382-f21e-4acd-a863-ba3e13f7da61";
const readGroups = "5f8c59db-677d-491f-a6b8-5f174b11ec1d";
const applicationAdministrator = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";

type App = Awaited<ReturnType<typeof createApp>>;

let cloud: TestCloud;
before(async () => {
  cloud = await startTestCloud();
});
after(() => cloud.dispose());

const graph = (method: string, target: string, body?: object) =>
  cloud.client.must("graph", method, `/v1.0${target}`, body) as Promise<{ value: unknown[]; id: string }>;

async function askFor(app: App, ...permissions: readonly (readonly [id: string, type: "Role" | "Scope"])[]) {
  const resourceAccess = permissions.map(([id, type]) => ({ id, type }));
  await graph("PATCH", `/applications/${app.objectId}`, {
    requiredResourceAccess: [{ resourceAppId: graphAppId, resourceAccess }],
  });
}

function consent(appId: string, token: string, query = "onBehalfOfAll=true"): Promise<Answer> {
  const target = `/api/RegisteredApplications/${appId}/Consent?${query}`;
  return cloud.client.send(planeHosts.iam, "POST", target, { headers: { authorization: `Bearer ${token}` } });
}

const tokenOf = (app: App, plane: keyof typeof planeScopes) =>
  cloud.client.token(app.appId, app.secret, planeScopes[plane]);
const listUsers = async (app: App): Promise<number> => {
  const authorization = `Bearer ${await tokenOf(app, "graph")}`;
  return (await cloud.client.send(planeHosts.graph, "GET", "/v1.0/users", { headers: { authorization } })).status;
};

describe("admin consent", () => {
  it("opens to an application what it asked for, and nothing before", async () => {
    const app = await createApp(cloud.client, "consented");
    await askFor(app, [readDirectory, "Role"], [readGroups, "Scope"]);
    assert.equal(await listUsers(app), 403);
    const operator = await cloud.client.operatorToken("iam");
    const answer = await consent(app.appId, operator);
    assert.equal(answer.status, 204, answer.text);
    assert.equal(await listUsers(app), 200);
    assert.deepEqual(claimsOf(await tokenOf(app, "graph")).roles, ["Directory.Read.All"]);
    const grants = await graph("GET", `/servicePrincipals/${app.principalId}/oauth2PermissionGrants`);
    assert.deepEqual(
      grants.value.map((grant) => (grant as { scope: string }).scope),
      ["Group.Read.All"],
    );
    assert.equal((await consent(app.appId, operator)).status, 204, "again changes nothing");
    const assigned = await graph("GET", `/servicePrincipals/${app.principalId}/appRoleAssignments`);
    assert.equal(assigned.value.length, 1);
  });

  it("makes the principal of an application that has none", async () => {
    const { id, appId } = (await cloud.client.must("graph", "POST", "/v1.0/applications", {
      displayName: "unused",
    })) as { id: string; appId: string };
    await askFor({ objectId: id, appId, secret: "", principalId: "" }, [readDirectory, "Role"]);
    assert.equal((await consent(appId, await cloud.client.operatorToken("iam"))).status, 204);
    const principals = await graph("GET", `/servicePrincipals?$filter=${encodeURIComponent(`appId eq '${appId}'`)}`);
    assert.equal(principals.value.length, 1);
  });

  it("is not an application administrator's to give where Graph's own permissions are asked for", async () => {
    const administrator = await createApp(cloud.client, "app administrator");
    await graph("POST", "/roleManagement/directory/roleAssignments", {
      principalId: administrator.principalId,
      roleDefinitionId: applicationAdministrator,
      directoryScopeId: "/",
    });
    const token = await tokenOf(administrator, "iam");
    const app = await createApp(cloud.client, "asks for much");
    await askFor(app, [readDirectory, "Role"]);
    const denied = await consent(app.appId, token);
    assert.equal(denied.status, 403, denied.text);
    assert.match(denied.text, /Insufficient privileges/);
    assert.equal(await listUsers(app), 403);
    await askFor(app, [readGroups, "Scope"]);
    assert.equal((await consent(app.appId, token)).status, 204, "a delegated permission is");
  });

  it("refuses who is nobody, and requests that are not right", async () => {
    const app = await createApp(cloud.client, "nobody's");
    assert.equal((await consent(app.appId, await tokenOf(app, "iam"))).status, 403);
    assert.equal((await consent(app.appId, await cloud.client.operatorToken("graph"))).status, 401, "Graph's token");
    const operator = await cloud.client.operatorToken("iam");
    assert.equal((await consent(app.appId, operator, "")).status, 400);
    assert.equal((await consent(randomUUID(), operator)).status, 404);
    assert.equal((await consent("x", operator)).status, 404);
    const headers = { authorization: `Bearer ${operator}` };
    const target = `/api/RegisteredApplications/${app.appId}/Consent?onBehalfOfAll=true`;
    assert.equal((await cloud.client.send(planeHosts.iam, "GET", target, { headers })).status, 405);
    assert.deepEqual(
      cloud.log.filter((line) => /fault/.test(line)),
      [],
    );
  });
});
