/** The scopes of resources as text, and what hangs on them: role assignments and deny assignments go with the thing they were made at. */
import { isAtOrBelow, parseScope, type Scope } from "@postern/access";
import { type Change, remove } from "../state/change.ts";
import type { ManagedIdentity, ResourceGroup, StorageAccount } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";

export function scopeOfSubscription(subscriptionId: string): string {
  return `/subscriptions/${subscriptionId}`;
}

export function scopeOfResourceGroup(group: Pick<ResourceGroup, "subscriptionId" | "name">): string {
  return `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`;
}

export function scopeOfStorageAccount(
  account: Pick<StorageAccount, "subscriptionId" | "resourceGroup" | "name">,
): string {
  return `/subscriptions/${account.subscriptionId}/resourceGroups/${account.resourceGroup}/providers/Microsoft.Storage/storageAccounts/${account.name}`;
}

/** With `resourcegroups` in lower case, as Azure spells the ids of identities (and `xms_mirid`). */
export function scopeOfManagedIdentity(
  identity: Pick<ManagedIdentity, "subscriptionId" | "resourceGroup" | "name">,
): string {
  return `/subscriptions/${identity.subscriptionId}/resourcegroups/${identity.resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${identity.name}`;
}

export function scopeOfManagementGroup(name: string): string {
  return `/providers/Microsoft.Management/managementGroups/${name}`;
}

/** Reads a scope that is known to be one: a row's, or one made by this file. */
export function readScope(text: string): Scope {
  const parsed = parseScope(text);
  if (!parsed.isValid) throw new Error(`not a scope: ${parsed.fault.kind}`);
  return parsed.scope;
}

/** The removals of every role assignment and deny assignment at a scope or below it, by the scopes' text. */
export function removeAssignmentsAtOrBelow(model: ReadModel, scope: string): Change[] {
  const top = readScope(scope);
  const changes: Change[] = [];
  const isGone = (text: string): boolean => {
    const parsed = parseScope(text);
    return parsed.isValid && isAtOrBelow(parsed.scope, top);
  };
  for (const { id, scope: text } of model.access.assignmentsAtOrBelow(top)) {
    // The facts also know what is in a management group; that stays when the group goes.
    if (isGone(text)) changes.push(remove("roleAssignment", id));
  }
  for (const { name, scope: text } of model.denyAssignments.values()) {
    if (isGone(text)) changes.push(remove("denyAssignment", name));
  }
  return changes;
}
