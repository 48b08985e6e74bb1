/**
 * Management groups: the rules. The tenant's root group is named by the tenant's id and is never without.
 * @see https://learn.microsoft.com/azure/governance/management-groups/overview
 */
import { type Change, put, remove } from "../state/change.ts";
import type { ManagementGroup, Subscription } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { SubscriptionId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { checkGroupName } from "./names.ts";
import { removeAssignmentsAtOrBelow, scopeOfManagementGroup } from "./scopes.ts";
import { requireSubscription } from "./subscriptions.ts";

/** Levels of management groups under the root. Source: the page above, "important facts". */
const maxDepth = 6;
/** Management groups of one tenant. Source: the same. */
const maxGroups = 10_000;
/** Characters of a display name; our choice, that of the directory's. */
const maxDisplayNameLength = 256;

const objectKind = "managementGroup";

/** The tenant's root group. */
export function rootManagementGroup(model: ReadModel): ManagementGroup {
  return requireManagementGroup(model, model.tenant.tenantId);
}

/** @throws Refusal `object-not-found`. */
export function requireManagementGroup(model: ReadModel, name: string): ManagementGroup {
  return model.managementGroups.get(name.toLowerCase()) ?? refuse({ kind: "object-not-found", objectKind, id: name });
}

export type ManagementGroupRequest = {
  readonly name: string;
  /** undefined: the name for a new group, unchanged for an existing one. */
  readonly displayName: string | undefined;
  /** undefined: the root for a new group, unchanged for an existing one. */
  readonly parentName: string | undefined;
};

/**
 * Creates a management group, or renames or moves an existing one.
 * @throws Refusal `value-invalid` (name, displayName, parent), `reference-not-found` of the parent, `limit-reached` (depth, number).
 * @see https://learn.microsoft.com/rest/api/managementgroups/management-groups/create-or-update
 */
export function putManagementGroup(
  model: ReadModel,
  request: ManagementGroupRequest,
): { readonly changes: readonly Change[]; readonly result: ManagementGroup } {
  const existing = model.managementGroups.get(request.name.toLowerCase());
  if (existing === undefined) checkGroupName(objectKind, request.name);
  checkDisplayName(request.displayName);
  const parentName = resolveParent(model, existing, request.parentName);
  if (existing === undefined && model.managementGroups.size >= maxGroups) {
    refuse({ kind: "limit-reached", objectKind, property: "tenant", limit: maxGroups });
  }
  const group: ManagementGroup = {
    name: existing?.name ?? request.name,
    displayName: request.displayName ?? existing?.displayName ?? request.name,
    parentName,
  };
  return { changes: [put(objectKind, group)], result: group };
}

/**
 * Deletes a management group that has nothing under it, with the role assignments made at it.
 * @throws Refusal `object-not-found`, `value-invalid` for the root, `already-there` of `children`.
 */
export function deleteManagementGroup(
  model: ReadModel,
  name: string,
): { readonly changes: readonly Change[]; readonly result: ManagementGroup } {
  const group = requireManagementGroup(model, name);
  if (group.parentName === null)
    refuse({ kind: "value-invalid", objectKind, property: "name", why: "read-only", value: name });
  const key = group.name.toLowerCase();
  const hasChildren =
    model.managementGroups.find("parentName", key).length > 0 ||
    model.subscriptions.find("managementGroupName", key).length > 0;
  if (hasChildren) refuse({ kind: "already-there", objectKind, property: "children" });
  return {
    changes: [...removeAssignmentsAtOrBelow(model, scopeOfManagementGroup(group.name)), remove(objectKind, key)],
    result: group,
  };
}

/** Moves a subscription under a management group. @throws Refusal `object-not-found`, `subscription-not-found`. */
export function moveSubscription(
  model: ReadModel,
  subscriptionId: SubscriptionId,
  groupName: string,
): { readonly changes: readonly Change[]; readonly result: Subscription } {
  const group = requireManagementGroup(model, groupName);
  const subscription: Subscription = { ...requireSubscription(model, subscriptionId), managementGroupName: group.name };
  return { changes: [put("subscription", subscription)], result: subscription };
}

/** A group's ancestors, nearest first, the root last. */
export function ancestorsOf(model: ReadModel, group: ManagementGroup): ManagementGroup[] {
  const ancestors: ManagementGroup[] = [];
  for (let at = parentOf(model, group); at !== undefined; at = parentOf(model, at)) ancestors.push(at);
  return ancestors;
}

function parentOf(model: ReadModel, group: ManagementGroup): ManagementGroup | undefined {
  return group.parentName === null ? undefined : model.managementGroups.get(group.parentName.toLowerCase());
}

function checkDisplayName(displayName: string | undefined): void {
  if (displayName === undefined) return;
  if (displayName.trim() === "")
    refuse({ kind: "value-invalid", objectKind, property: "displayName", why: "required" });
  if (displayName.length > maxDisplayNameLength) {
    refuse({
      kind: "value-invalid",
      objectKind,
      property: "displayName",
      why: "too-long",
      limit: maxDisplayNameLength,
    });
  }
}

function resolveParent(
  model: ReadModel,
  existing: ManagementGroup | undefined,
  given: string | undefined,
): string | null {
  if (given === undefined) return existing === undefined ? rootManagementGroup(model).name : existing.parentName;
  if (existing?.parentName === null) {
    return refuse({ kind: "value-invalid", objectKind, property: "parent", why: "read-only" });
  }
  const parent =
    model.managementGroups.get(given.toLowerCase()) ??
    refuse({ kind: "reference-not-found", objectKind, id: given, property: "parent" });
  const above = [parent, ...ancestorsOf(model, parent)];
  if (existing !== undefined && above.some((group) => group.name.toLowerCase() === existing.name.toLowerCase())) {
    refuse({ kind: "value-invalid", objectKind, property: "parent", why: "not-allowed", value: given });
  }
  const height = existing === undefined ? 0 : heightOf(model, existing);
  // `above` counts the root, which is not one of the levels, and the group itself is one.
  if (above.length + height > maxDepth)
    refuse({ kind: "limit-reached", objectKind, property: "depth", limit: maxDepth });
  return parent.name;
}

function heightOf(model: ReadModel, group: ManagementGroup): number {
  const children = model.managementGroups.find("parentName", group.name.toLowerCase());
  return children.reduce((height, child) => Math.max(height, 1 + heightOf(model, child)), 0);
}
