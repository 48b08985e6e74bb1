/**
 * Resource groups: the rules. Pure: each reads the model and answers with changes, or refuses.
 *
 * Owns: what a group may be called, where it may be, and what goes when it goes. May use: the state's shapes.
 * @see https://learn.microsoft.com/rest/api/resources/resource-groups
 */
import { type Change, put, remove } from "../state/change.ts";
import { type ResourceGroup, resourceGroupKey, type Tags } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { SubscriptionId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { findLocation } from "./locations.ts";
import { removeManagedIdentity } from "./managed-identity-deletion.ts";
import { checkGroupName } from "./names.ts";
import { removeAssignmentsAtOrBelow, scopeOfResourceGroup } from "./scopes.ts";
import { startAccountDeletion } from "./storage-account-deletion.ts";
import { requireSubscription } from "./subscriptions.ts";
import { checkTags } from "./tags.ts";

/** Groups of one subscription. @see https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits */
const maxGroupsPerSubscription = 980;

/** Longest `managedBy`, in characters; our choice, that of a scope. */
const maxManagedByLength = 2048;

export type ResourceGroupRequest = {
  readonly subscriptionId: SubscriptionId;
  readonly name: string;
  /** undefined when the caller left it out. */
  readonly location: string | undefined;
  readonly tags: Tags | undefined;
  readonly managedBy: string | null | undefined;
};

export type GroupOutcome = {
  readonly changes: readonly Change[];
  readonly result: { readonly group: ResourceGroup; readonly isNew: boolean };
};

/** The group of that name. @throws Refusal `subscription-not-found`, `resource-group-not-found`. */
export function requireResourceGroup(model: ReadModel, subscriptionId: SubscriptionId, name: string): ResourceGroup {
  requireSubscription(model, subscriptionId);
  return (
    model.resourceGroups.get(resourceGroupKey(subscriptionId, name)) ??
    refuse({ kind: "resource-group-not-found", name })
  );
}

/**
 * Creates a group, or replaces an existing one's tags.
 * @throws Refusal `subscription-not-found`, `value-invalid` (name, location, tags), `location-conflict`, `resource-group-being-deleted`,
 * `limit-reached`.
 * @see https://learn.microsoft.com/rest/api/resources/resource-groups/create-or-update
 */
export function putResourceGroup(model: ReadModel, request: ResourceGroupRequest): GroupOutcome {
  const { subscriptionId, name, managedBy } = request;
  requireSubscription(model, subscriptionId);
  checkGroupName("resourceGroup", name);
  const location = requireLocation(request.location);
  checkManagedBy(managedBy);
  const tags = request.tags ?? {};
  checkTags("resourceGroup", tags);
  const existing = model.resourceGroups.get(resourceGroupKey(subscriptionId, name));
  if (existing === undefined) {
    if (model.resourceGroups.find("subscriptionId", subscriptionId).length >= maxGroupsPerSubscription) {
      refuse({
        kind: "limit-reached",
        objectKind: "resourceGroup",
        property: "subscriptionId",
        limit: maxGroupsPerSubscription,
      });
    }
    const group: ResourceGroup = {
      subscriptionId,
      name,
      location,
      tags,
      provisioningState: "Succeeded",
      managedBy: managedBy ?? null,
    };
    return { changes: [put("resourceGroup", group)], result: { group, isNew: true } };
  }
  refuseWhileDeleting(existing);
  if (existing.location !== location) {
    refuse({
      kind: "location-conflict",
      objectKind: "resourceGroup",
      name: existing.name,
      existing: existing.location,
      given: location,
    });
  }
  const group: ResourceGroup = {
    ...existing,
    tags,
    managedBy: managedBy === undefined ? existing.managedBy : managedBy,
  };
  return { changes: [put("resourceGroup", group)], result: { group, isNew: false } };
}

/**
 * Changes a group's tags or managedBy; what is undefined stays.
 * @throws Refusal as {@link putResourceGroup}, and `resource-group-not-found`.
 * @see https://learn.microsoft.com/rest/api/resources/resource-groups/update
 */
export function updateResourceGroup(
  model: ReadModel,
  request: Pick<ResourceGroupRequest, "subscriptionId" | "name" | "tags" | "managedBy">,
): GroupOutcome {
  const existing = requireResourceGroup(model, request.subscriptionId, request.name);
  refuseWhileDeleting(existing);
  checkManagedBy(request.managedBy);
  if (request.tags !== undefined) checkTags("resourceGroup", request.tags);
  const group: ResourceGroup = {
    ...existing,
    tags: request.tags ?? existing.tags,
    managedBy: request.managedBy === undefined ? existing.managedBy : request.managedBy,
  };
  return { changes: [put("resourceGroup", group)], result: { group, isNew: false } };
}

/**
 * Starts a group's deletion: the group and its accounts are marked, and its identities and every role assignment at or below it are gone at
 * once, so that access ends before data does. Asked again while under way, it changes nothing.
 * @throws Refusal `subscription-not-found`, `resource-group-not-found`.
 */
export function startGroupDeletion(model: ReadModel, subscriptionId: SubscriptionId, name: string): GroupOutcome {
  const existing = requireResourceGroup(model, subscriptionId, name);
  if (existing.provisioningState === "Deleting") return { changes: [], result: { group: existing, isNew: false } };
  const group: ResourceGroup = { ...existing, provisioningState: "Deleting" };
  const key = resourceGroupKey(subscriptionId, name);
  const accounts = model.storageAccounts.find("resourceGroup", key);
  const identities = model.managedIdentities.find("resourceGroup", key);
  const changes = [
    put("resourceGroup", group),
    ...accounts.flatMap((account) => startAccountDeletion(model, account).filter(({ op }) => op === "put")),
    ...identities.flatMap((identity) => removeManagedIdentity(model, identity)),
    ...removeAssignmentsAtOrBelow(model, scopeOfResourceGroup(existing)),
  ];
  return { changes, result: { group, isNew: false } };
}

/** Ends a group's deletion, once its accounts' data are gone. A group that is not being deleted stays. */
export function finishGroupDeletion(model: ReadModel, subscriptionId: SubscriptionId, name: string): Change[] {
  const key = resourceGroupKey(subscriptionId, name);
  const group = model.resourceGroups.get(key);
  if (group?.provisioningState !== "Deleting") return [];
  return [
    ...model.storageAccounts.find("resourceGroup", key).map((account) => remove("storageAccount", account.name)),
    ...removeAssignmentsAtOrBelow(model, scopeOfResourceGroup(group)),
    remove("resourceGroup", key),
  ];
}

/** @throws Refusal `resource-group-being-deleted`. */
export function refuseWhileDeleting(group: ResourceGroup): void {
  if (group.provisioningState === "Deleting") refuse({ kind: "resource-group-being-deleted", name: group.name });
}

function requireLocation(given: string | undefined): string {
  const objectKind = "resourceGroup";
  if (given === undefined || given.trim() === "") {
    return refuse({ kind: "value-invalid", objectKind, property: "location", why: "required" });
  }
  return (
    findLocation(given) ??
    refuse({ kind: "value-invalid", objectKind, property: "location", why: "not-allowed", value: given.slice(0, 90) })
  );
}

function checkManagedBy(managedBy: string | null | undefined): void {
  if ((managedBy?.length ?? 0) > maxManagedByLength) {
    refuse({
      kind: "value-invalid",
      objectKind: "resourceGroup",
      property: "managedBy",
      why: "too-long",
      limit: maxManagedByLength,
    });
  }
}
