/**
 * What of a cloud is written down by `export`: resources, registrations, roles and who has them; no data, no secret, nothing of the cloud's own.
 *
 * May use: application-properties.ts, azure/, http/, session.ts. People are named, not made: their passwords are nobody's business.
 */

import { getObjects } from "../azure/principals.ts";
import { versioned } from "../azure/resource-manager.ts";
import { listRoleDefinitions } from "../azure/roles.ts";
import { shapeRoleAssignment } from "../azure/shapes.ts";
import type { Json } from "../http/service-client.ts";
import type { Session } from "../session.ts";
import { applicationMark, readProperties } from "./application-properties.ts";

/** Stands for the subscription's ID wherever it is in what was read: another cloud has another. */
export const SUBSCRIPTION = "@SUBSCRIPTION@";

export interface Inventory {
  readonly groups: readonly { readonly name: string; readonly location: string; readonly tags: Json | null }[];
  readonly accounts: readonly StorageAccount[];
  readonly identities: readonly {
    readonly name: string;
    readonly group: string;
    readonly location: string;
    readonly tags: Json | null;
  }[];
  readonly applications: readonly RegisteredApplication[];
  readonly directoryGroups: readonly {
    readonly displayName: string;
    readonly mailNickname: string;
    readonly description: string | null;
  }[];
  readonly roles: readonly CustomRole[];
  readonly assignments: readonly Assignment[];
}

export interface StorageAccount {
  readonly name: string;
  readonly group: string;
  readonly location: string;
  readonly sku: string;
  readonly kind: string;
  readonly tags: Json | null;
  readonly properties: Json;
}

export interface RegisteredApplication {
  readonly displayName: string;
  /** What a new registration has not, in Graph's shape; registrations' IDs in it are marks, see `applicationMark`. */
  readonly properties: Json;
  readonly hasPrincipal: boolean;
  readonly federated: readonly Json[];
}

export interface CustomRole {
  readonly roleName: string;
  readonly description: string;
  readonly permissions: readonly Json[];
  readonly assignableScopes: readonly string[];
}

export interface Assignment {
  readonly scope: string;
  readonly role: string;
  readonly principal: { readonly kind: "application" | "identity" | "group" | "user"; readonly name: string };
  readonly description: string | null;
  readonly condition: string | null;
  readonly conditionVersion: string | null;
}

export async function takeInventory(session: Session, subscriptionId: string): Promise<Inventory> {
  const { resourceManager: client } = session;
  const subscription = `/subscriptions/${subscriptionId}`;
  const inSubscription = (path: string) => `${subscription}/${path}`;
  const [groups, accounts, identities, roles, assignments] = await Promise.all([
    client.list(versioned(inSubscription("resourcegroups"), "resourceGroups")),
    client.list(versioned(inSubscription("providers/Microsoft.Storage/storageAccounts"), "storage")),
    client.list(
      versioned(inSubscription("providers/Microsoft.ManagedIdentity/userAssignedIdentities"), "managedIdentities"),
    ),
    listRoleDefinitions(client, subscription),
    client.list(versioned(inSubscription("providers/Microsoft.Authorization/roleAssignments"), "roleAssignments")),
  ]);
  const applications = await readApplications(session);
  const shaped = assignments.map(shapeRoleAssignment);
  const principals = await namePrincipals(session, shaped, identities);
  const names = new Map(roles.map(({ name, roleName }) => [String(name), String(roleName)]));
  const inventory: Inventory = {
    groups: groups.map(({ name, location, tags }) => ({
      name: String(name),
      location: String(location),
      tags: tagsOf(tags),
    })),
    accounts: accounts.map(readAccount),
    identities: identities.map(({ id, name, location, tags }) => {
      return { name: String(name), group: groupOf(id), location: String(location), tags: tagsOf(tags) };
    }),
    applications,
    directoryGroups: (await session.graph.list("/groups")).map(({ displayName, mailNickname, description }) => {
      return {
        displayName: String(displayName),
        mailNickname: String(mailNickname),
        description: description === null || description === undefined ? null : String(description),
      };
    }),
    roles: roles.filter(({ roleType }) => roleType === "CustomRole").map(readRole),
    assignments: shaped.flatMap((one) => {
      const principal = principals.get(String(one.principalId));
      const role = names.get(String(one.roleDefinitionId).split("/").at(-1)!);
      return principal === undefined || role === undefined ? [] : [readAssignment(one, role, principal)];
    }),
  };
  // One replacement for all: scopes, assignable scopes and conditions may name the subscription.
  return JSON.parse(JSON.stringify(inventory).replaceAll(subscriptionId, SUBSCRIPTION)) as Inventory;
}

function tagsOf(tags: unknown): Json | null {
  return typeof tags === "object" && tags !== null && Object.keys(tags).length > 0 ? (tags as Json) : null;
}

function groupOf(id: unknown): string {
  return String(id).split("/")[4] ?? "";
}

/** Settings that decide who gets in; those that the service makes up by itself are left to it. */
const accountProperties = [
  "accessTier",
  "allowBlobPublicAccess",
  "allowSharedKeyAccess",
  "minimumTlsVersion",
  "publicNetworkAccess",
  "supportsHttpsTrafficOnly",
] as const;

function readAccount({ id, name, location, sku, kind, tags, properties }: Json): StorageAccount {
  const all = (properties ?? {}) as Json;
  const kept = accountProperties.filter((key) => all[key] !== undefined && all[key] !== null);
  return {
    name: String(name),
    group: groupOf(id),
    location: String(location),
    sku: String((sku as Json | undefined)?.name ?? "Standard_LRS"),
    kind: String(kind ?? "StorageV2"),
    tags: tagsOf(tags),
    properties: Object.fromEntries(kept.map((key) => [key, all[key]])),
  };
}

function readRole({ roleName, description, permissions, assignableScopes }: Json): CustomRole {
  const parts = ["actions", "notActions", "dataActions", "notDataActions"] as const;
  return {
    roleName: String(roleName),
    description: String(description ?? ""),
    permissions: (permissions as Json[]).map((one) => Object.fromEntries(parts.map((part) => [part, one[part] ?? []]))),
    assignableScopes: (assignableScopes as string[]) ?? [],
  };
}

function readAssignment(one: Json, role: string, principal: Assignment["principal"]): Assignment {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
  return {
    scope: String(one.scope),
    role,
    principal,
    description: text(one.description),
    condition: text(one.condition),
    conditionVersion: text(one.conditionVersion),
  };
}

async function readApplications({ graph, local }: Session): Promise<RegisteredApplication[]> {
  const principals = new Set((await graph.list("/servicePrincipals")).map(({ appId }) => String(appId)));
  const own = (await graph.list("/applications")).filter(({ appId }) => appId !== local?.operator.clientId);
  // Another cloud gives other IDs; an API and its clients name each other by them.
  const mark = (properties: Json) =>
    JSON.parse(
      own.reduce(
        (text, { appId, displayName }) => text.replaceAll(String(appId), () => applicationMark(String(displayName))),
        JSON.stringify(properties),
      ),
    ) as Json;
  const found: RegisteredApplication[] = [];
  for (const application of own) {
    const { id, appId, displayName } = application;
    const federated = await graph.list(`/applications/${String(id)}/federatedIdentityCredentials`);
    found.push({
      displayName: String(displayName),
      properties: mark(readProperties(application)),
      hasPrincipal: principals.has(String(appId)),
      federated: federated.map(({ name, issuer, subject, audiences }) => ({ name, issuer, subject, audiences })),
    });
  }
  return found;
}

/** By their object IDs; the operator, and who is gone, are not among them. */
async function namePrincipals({ graph, local }: Session, assignments: readonly Json[], identities: readonly Json[]) {
  const ids = [...new Set(assignments.map(({ principalId }) => String(principalId)))];
  const machines = new Map(
    identities.map(({ id, name, properties }) => [(properties as Json).principalId, `${groupOf(id)}/${String(name)}`]),
  );
  const named = new Map<string, Assignment["principal"]>();
  for (const object of await getObjects(graph, ids)) {
    const id = String(object.id);
    const machine = machines.get(id);
    const type = String(object["@odata.type"]);
    if (object.appId !== undefined && object.appId === local?.operator.clientId) continue;
    if (object.userPrincipalName !== undefined && object.userPrincipalName === local?.operator.username) continue;
    if (machine !== undefined) named.set(id, { kind: "identity", name: machine });
    else if (type.endsWith(".group")) named.set(id, { kind: "group", name: String(object.displayName) });
    else if (type.endsWith(".user")) named.set(id, { kind: "user", name: String(object.userPrincipalName) });
    else named.set(id, { kind: "application", name: String(object.displayName) });
  }
  return named;
}
