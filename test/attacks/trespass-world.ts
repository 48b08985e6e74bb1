/**
 * The place in which one who holds something tries for more: two accounts in two groups, an app that may write to one container, and one that owns one group.
 * Every request goes over the wire.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { connect } from "node:tls";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import {
  type Answer,
  assignRole,
  createAccount,
  createApp,
  planeHosts,
  planeScopes,
  roleIds,
} from "../support/plane-client.ts";

export type App = Awaited<ReturnType<typeof createApp>>;
type Plane = keyof typeof planeScopes;

export const account = "trespassdata";
export const other = "trespassother";
export const host = `${account}.blob.core.windows.net`;
export const secret = "kept-from-trespassers";

export let cloud: TestCloud;
export let group: string;
export let neighbour: string;
export let reader: App;
export let owner: App;
export let readerToken: string;
let ownerToken: string;

/** Makes the place; the tests of a file share it. */
export async function openWorld(): Promise<void> {
  cloud = await startTestCloud();
  const { client } = cloud;
  const accountId = await createAccount(client, "rg1", account);
  neighbour = (await createAccount(client, "rg10", other)).split("/providers/")[0]!;
  group = accountId.split("/providers/")[0]!;
  [reader, owner] = [await createApp(client, "reader"), await createApp(client, "owner")];
  await mustBlob("PUT", "/open?restype=container");
  await mustBlob("PUT", "/closed?restype=container");
  await mustBlob("PUT", "/closed/letter", secret);
  await mustBlob("PUT", "/open/letter", "for all to read");
  await mustAssign(
    `${accountId}/blobServices/default/containers/open`,
    roleIds.blobDataContributor,
    reader.principalId,
  );
  await mustAssign(group, roleIds.owner, owner.principalId);
  readerToken = await client.token(reader.appId, reader.secret, planeScopes.blob);
  ownerToken = await client.token(owner.appId, owner.secret, planeScopes.arm);
}

export function closeWorld(): Promise<void> {
  return cloud.dispose();
}

export async function mustAssign(scope: string, role: string, principalId: string): Promise<string> {
  const name = randomUUID();
  const answer = await assignRole(cloud.client, name, scope, role, principalId);
  assert.equal(answer.status, 201, answer.text);
  return name;
}

/** As the operator, who is given the data role first. */
export async function mustBlob(method: string, target: string, body?: string, at = host): Promise<void> {
  const { client } = cloud;
  const operator = cloud.model.servicePrincipals.findOne(
    "appId",
    JSON.parse(Buffer.from((await client.operatorToken("arm")).split(".")[1]!, "base64url").toString()).appid,
  )!;
  await assignRole(
    client,
    "00000000-0000-4000-8000-000000000001",
    `/subscriptions/${cloud.status.subscriptionId}`,
    roleIds.blobDataOwner,
    operator.id,
  );
  const answer = await client.send(at, method, target, {
    headers: {
      authorization: `Bearer ${await client.operatorToken("blob")}`,
      "x-ms-version": "2023-11-03",
      "x-ms-blob-type": "BlockBlob",
    },
    ...(body === undefined ? {} : { body }),
  });
  assert.equal(answer.status, 201, answer.text);
}

export function readBlob(
  target: string,
  headers: Record<string, string> = {},
  method = "GET",
  at = host,
): Promise<Answer> {
  return cloud.client.send(at, method, target, {
    headers: { authorization: `Bearer ${readerToken}`, "x-ms-version": "2023-11-03", ...headers },
  });
}

export function asOwner(method: string, target: string, body?: object): Promise<Answer> {
  return cloud.client.send(planeHosts.arm, method, target, {
    headers: { authorization: `Bearer ${ownerToken}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

export async function asApp(app: App, plane: Plane, method: string, target: string, body?: object): Promise<Answer> {
  const token = await cloud.client.token(app.appId, app.secret, planeScopes[plane]);
  const at = plane === "blob" ? host : planeHosts[plane];
  return cloud.client.send(at, method, target, {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "x-ms-version": "2023-11-03" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Sends bytes no HTTP library would. */
export function sendBytes(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: "127.0.0.1",
      port: Number(new URL(cloud.status.baseUrl).port),
      servername: "localhost",
      rejectUnauthorized: false,
    });
    let answer = "";
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
    socket.on("secureConnect", () => socket.write(text));
  });
}
