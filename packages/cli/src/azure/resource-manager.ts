/**
 * Which API version is asked of each resource provider, and the paths several commands use. May use: identifiers.ts.
 * The versions are az 2.74's.
 */
import { encodeScope } from "./identifiers.ts";

export const apiVersions = {
  subscriptions: "2022-12-01",
  resourceGroups: "2024-11-01",
  roleDefinitions: "2022-05-01-preview",
  roleAssignments: "2022-04-01",
  storage: "2024-01-01",
  managedIdentities: "2023-01-31",
  identityResources: "2022-01-31-preview",
  activityLog: "2015-04-01",
  managementGroups: "2021-04-01",
  deployments: "2024-11-01",
} as const;

export function versioned(path: string, api: keyof typeof apiVersions, filter?: string): string {
  const query = filter === undefined ? "" : `$filter=${encodeURIComponent(filter)}&`;
  return `${path}?${query}api-version=${apiVersions[api]}`;
}

export function resourceGroupPath(subscriptionId: string, name: string): string {
  return encodeScope(`/subscriptions/${subscriptionId}/resourcegroups/${name}`);
}

export function storageAccountPath(subscriptionId: string, group: string, name: string): string {
  return encodeScope(
    `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.Storage/storageAccounts/${name}`,
  );
}

export function managedIdentityPath(subscriptionId: string, group: string, name: string): string {
  return encodeScope(
    `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
  );
}
