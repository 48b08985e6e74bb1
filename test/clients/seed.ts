/**
 * What the suites need to be there before a client starts: places, apps and roles, made by `postern`'s own commands, and the one
 * thing those cannot make (a secret that has expired), made through Graph. May use: cloud.ts and node:https.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import type { Cloud } from "./cloud.ts";
import { assertSucceeded } from "./execution.ts";

/** What `create-for-rbac` prints. */
export interface Registration {
  readonly appId: string;
  readonly displayName: string;
  readonly password: string;
  readonly tenant: string;
}

/** A resource group with one storage account in it. */
export interface Place {
  readonly group: string;
  readonly account: string;
  readonly scope: string;
}

export const BLOB_CONTRIBUTOR = "Storage Blob Data Contributor";
export const BLOB_READER = "Storage Blob Data Reader";

export function groupScope(cloud: Cloud, group: string): string {
  return `/subscriptions/${cloud.status.subscriptionId}/resourceGroups/${group}`;
}

export async function createPlace(cloud: Cloud, group: string, account: string): Promise<Place> {
  assertSucceeded(await cloud.postern("group", "create", "--name", group, "--location", "westeurope"));
  assertSucceeded(
    await cloud.postern(
      "storage",
      "account",
      "create",
      "--name",
      account,
      "--resource-group",
      group,
      "--location",
      "westeurope",
    ),
  );
  return { group, account, scope: groupScope(cloud, group) };
}

export function createApp(cloud: Cloud, name: string): Promise<Registration> {
  return cloud.posternJson<Registration>("ad", "sp", "create-for-rbac", "--name", name, "--output", "json");
}

/** The object id of an app's service principal. */
export async function principalIdOf(cloud: Cloud, appId: string): Promise<string> {
  const { id } = await cloud.posternJson<{ id: string }>("ad", "sp", "show", "--id", appId, "--output", "json");
  return id;
}

/** @param condition one of version 2.0; the role is given without any when left out. */
export async function assignRole(
  cloud: Cloud,
  appId: string,
  role: string,
  scope: string,
  condition?: string,
): Promise<void> {
  const args = ["--assignee", appId, "--role", role, "--scope", scope];
  if (condition !== undefined) args.push("--condition", condition, "--condition-version", "2.0");
  assertSucceeded(await cloud.postern("role", "assignment", "create", ...args));
}

/** An app that may read and write the blobs of one place: the state after step 2 of the walkthrough. */
export async function createWalkthrough(cloud: Cloud, name: string): Promise<Place & { app: Registration }> {
  const place = await createPlace(cloud, `${name}-group`, `${name.replaceAll("-", "")}data`);
  const app = await createApp(cloud, name);
  await assignRole(cloud, app.appId, BLOB_CONTRIBUTOR, place.scope);
  return { ...place, app };
}

/** Gives an app a second secret whose time has passed. @returns the secret. */
export async function addExpiredSecret(cloud: Cloud, appId: string): Promise<string> {
  const found = await callGraph<{ value: { id: string }[] }>(cloud, "GET", `/applications?$filter=appId eq '${appId}'`);
  const passwordCredential = {
    displayName: "expired",
    startDateTime: "2020-01-01T00:00:00Z",
    endDateTime: "2021-01-01T00:00:00Z",
  };
  const path = `/applications/${found.value[0]!.id}/addPassword`;
  return (await callGraph<{ secretText: string }>(cloud, "POST", path, { passwordCredential })).secretText;
}

/** Calls Graph as the operator at the path-style address, without a proxy. */
export function callGraph<T>(cloud: Cloud, method: string, path: string, body?: object): Promise<T> {
  return callAsOperator<T>(cloud, "https://graph.microsoft.com", method, `/v1.0${encodeURI(path)}`, body);
}

/** The same for Resource Manager; the path is sent as it is. */
export function callResourceManager<T>(cloud: Cloud, method: string, path: string, body?: object): Promise<T> {
  return callAsOperator<T>(cloud, "https://management.azure.com", method, path, body);
}

async function callAsOperator<T>(
  cloud: Cloud,
  resource: string,
  method: string,
  path: string,
  body?: object,
): Promise<T> {
  const operator = await cloud.credentials("operator");
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: operator.AZURE_CLIENT_ID,
    client_secret: operator.AZURE_CLIENT_SECRET,
    scope: `${resource}/.default`,
  });
  const tokenPath = `/${operator.AZURE_TENANT_ID}/oauth2/v2.0/token`;
  const formType = "application/x-www-form-urlencoded";
  const token = await send<{ access_token: string }>(cloud, "POST", tokenPath, `${form}`, { "content-type": formType });
  return send<T>(cloud, method, path, body && JSON.stringify(body), {
    authorization: `Bearer ${token.access_token}`,
    "content-type": "application/json",
    "client-request-id": randomUUID(),
  });
}

/** An answer without a body is undefined. */
async function send<T>(cloud: Cloud, method: string, path: string, body?: string, headers = {}): Promise<T> {
  const ca = await readFile(cloud.status.caBundle);
  return new Promise((resolve, reject) => {
    const sent = request(`${cloud.status.baseUrl}${path}`, { method, headers, ca }, async (answer) => {
      let text = "";
      for await (const part of answer.setEncoding("utf8")) text += part;
      try {
        assert.ok(answer.statusCode! < 300, `${method} ${path}: ${answer.statusCode} ${text}`);
        resolve((text === "" ? undefined : JSON.parse(text)) as T);
      } catch (error) {
        reject(error);
      }
    });
    sent.once("error", reject).end(body);
  });
}
