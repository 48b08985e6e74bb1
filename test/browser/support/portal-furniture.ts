/** A cloud in which every page of the portal has something to show: people in groups in groups, an app that was denied, blobs in folders. */
import assert from "node:assert/strict";
import type { TestCloud } from "../../support/cloud-in-process.ts";
import {
  assignRole,
  authorizationVersion,
  createAccount,
  createApp,
  planeScopes,
  roleIds,
} from "../../support/plane-client.ts";
import { addPerson, operatorOf, type Person } from "./people-cloud.ts";

export const account = "notesaccount";
export const container = "notes";

export type Furniture = {
  readonly groupId: string;
  readonly accountId: string;
  readonly app: Awaited<ReturnType<typeof createApp>>;
  readonly operatorId: string;
  /** Reads blobs by a group within a group. */
  readonly reader: Person & { readonly id: string };
  readonly innerGroupId: string;
  readonly outerGroupId: string;
  /** The id of the app's refused request. */
  readonly deniedRequestId: string;
};

/** Makes all of it as the operator, and lets the app be refused once. */
export async function furnishCloud(cloud: TestCloud): Promise<Furniture> {
  const { client } = cloud;
  const accountId = await createAccount(client, "notes-rg", account);
  const groupId = accountId.slice(0, accountId.indexOf("/providers/"));
  const operatorId = await userId(cloud, operatorOf(cloud).name);
  const person = await addPerson(cloud, "ada", "Ada Lovelace");
  const reader = { ...person, id: await userId(cloud, person.name) };
  const innerGroupId = await addGroup(cloud, "Notes team", [reader.id]);
  const outerGroupId = await addGroup(cloud, "Everyone at notes", [innerGroupId]);
  await assign(cloud, accountId, roleIds.blobDataReader, outerGroupId, "Group");
  const identityId = `${groupId}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/notes-identity`;
  await client.must("arm", "PUT", `${identityId}?api-version=2023-01-31`, { location: "westeurope" });
  const app = await createApp(client, "notes-prod");
  assert.equal((await client.askToken(app.appId, "a wrong secret", planeScopes.blob)).status, 401);
  const token = await client.token(app.appId, app.secret, planeScopes.blob);
  const refused = await client.send(`${account}.blob.core.windows.net`, "PUT", `/${container}?restype=container`, {
    headers: { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" },
  });
  assert.equal(refused.status, 403, refused.text);
  const deniedRequestId = String(refused.headers["x-ms-request-id"]);
  return { groupId, accountId, app, operatorId, reader, innerGroupId, outerGroupId, deniedRequestId };
}

/** Lets the operator work with the account's data, and the app write to it; both then do. */
export async function fillContainer(cloud: TestCloud, { accountId, operatorId, app }: Furniture): Promise<void> {
  const { client } = cloud;
  await assign(cloud, accountId, roleIds.blobDataContributor, operatorId, "User");
  const assigned = await assignRole(
    client,
    crypto.randomUUID(),
    accountId,
    roleIds.blobDataContributor,
    app.principalId,
  );
  assert.equal(assigned.status, 201, assigned.text);
  const token = await client.token(app.appId, app.secret, planeScopes.blob);
  const send = async (method: string, target: string, headers: Record<string, string> = {}, body = "") => {
    const answer = await client.send(`${account}.blob.core.windows.net`, method, target, {
      headers: { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03", ...headers },
      body,
    });
    assert.ok(answer.status < 300, `${method} ${target}: ${answer.status} ${answer.text}`);
  };
  await send("PUT", `/${container}?restype=container`);
  for (const [name, text] of [
    ["readme.txt", "Notes are kept here.\n"],
    ["2026/january.txt", "It is cold.\n"],
    ["2026/drafts/plan.md", "# Plan\n"],
  ] as const)
    await send("PUT", `/${container}/${name}`, { "x-ms-blob-type": "BlockBlob", "content-type": "text/plain" }, text);
}

export async function assign(
  cloud: TestCloud,
  scope: string,
  roleId: string,
  principalId: string,
  principalType: "User" | "Group",
): Promise<void> {
  const { subscriptionId } = cloud.status;
  const roleDefinitionId = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roleId}`;
  const target = `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`;
  await cloud.client.must("arm", "PUT", `${target}?${authorizationVersion}`, {
    properties: { roleDefinitionId, principalId, principalType },
  });
}

async function userId(cloud: TestCloud, name: string): Promise<string> {
  return ((await cloud.client.must("graph", "GET", `/v1.0/users/${name}`)) as { id: string }).id;
}

async function addGroup(cloud: TestCloud, displayName: string, members: readonly string[]): Promise<string> {
  const { id } = (await cloud.client.must("graph", "POST", "/v1.0/groups", {
    displayName,
    mailNickname: displayName.replaceAll(" ", "-"),
    mailEnabled: false,
    securityEnabled: true,
    "members@odata.bind": members.map((member) => `https://graph.microsoft.com/v1.0/directoryObjects/${member}`),
  })) as { id: string };
  return id;
}

/** The pages of the directory, of data and of insight, by what they show. */
export function placesOf(cloud: TestCloud, made: Furniture): Readonly<Record<string, string>> {
  const { subscriptionId } = cloud.status;
  const storage = `/portal/storage-accounts/${subscriptionId}/notes-rg/${account}`;
  const identity = `/portal/managed-identities/${subscriptionId}/notes-rg/notes-identity`;
  const enterprise = `/portal/enterprise-applications/${made.app.principalId}`;
  const group = `/portal/groups/${made.innerGroupId}`;
  const user = `/portal/users/${made.reader.id}`;
  const question = new URLSearchParams({
    principal: made.reader.id,
    operation: "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    scope: made.accountId,
  });
  return {
    users: "/portal/users",
    "deleted users": "/portal/users?tab=deleted",
    user,
    "user's groups": `${user}/groups`,
    "user's roles": `${user}/access`,
    groups: "/portal/groups",
    group,
    members: `${group}/members`,
    "group owners": `${group}/owners`,
    memberships: `${group}/memberships`,
    "enterprise applications": "/portal/enterprise-applications",
    "enterprise application": enterprise,
    assigned: `${enterprise}/assigned`,
    granted: `${enterprise}/permissions`,
    "app's roles": `${enterprise}/access`,
    "managed identities": "/portal/managed-identities",
    "managed identity": identity,
    "identity's credentials": `${identity}/federated`,
    containers: `${storage}/containers`,
    blobs: `${storage}/containers/${container}`,
    folder: `${storage}/containers/${container}?prefix=2026%2F`,
    "blob's properties": `${storage}/containers/${container}?blob=readme.txt`,
    activity: "/portal/activity",
    "explain form": "/portal/explain",
    explanation: `/portal/explain?${question}`,
    record: `/portal/explain?request=${made.deniedRequestId}`,
    "who can": `/portal/explain?tab=who&${question}`,
    learn: "/portal/learn",
    learned: `/portal/learn?principal=${made.app.principalId}`,
    "access map": "/portal/access-map",
    "access map's table": "/portal/access-map?view=table",
    "access map's difference": "/portal/access-map?mode=diff&from=2020-01-01T00:00",
  };
}
