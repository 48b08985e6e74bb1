/** Scopes in paths: that they can be read, and that what they name is there. */
import type { Scope } from "@postern/access";
import { managedIdentityType, requireManagedIdentity } from "../resources/managed-identities.ts";
import { requireManagementGroup } from "../resources/management-groups.ts";
import { requireResourceGroup } from "../resources/resource-groups.ts";
import { requireStorageAccount, storageAccountType } from "../resources/storage-accounts.ts";
import { requireSubscription } from "../resources/subscriptions.ts";
import { refuse } from "../state/fault.ts";
import type { SubscriptionId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { type ArmContext, readCallerScope } from "./context.ts";

/** The `{scope}` of the path, as the caller spelled it. @throws ArmRefusal `path-malformed`, `subscription-id-malformed`. */
export function scopeOf({ params }: Pick<ArmContext, "params">): Scope {
  return readCallerScope(params.scope!);
}

/** The same as text, for the decision. */
export function scopeTextOf(context: Pick<ArmContext, "params">): string {
  return scopeOf(context).text;
}

/**
 * Demands that a scope names something that is there. What stands below a resource (a container, which is the blob engine's) is not
 * looked for, as on Azure.
 * @throws Refusal `subscription-not-found`, `resource-group-not-found`, `resource-not-found`, `object-not-found`, `scope-invalid`.
 */
export function requireScope(model: ReadModel, scope: Scope): void {
  const { kind, resourceGroupName } = scope;
  const subscriptionId = scope.subscriptionId as SubscriptionId | null;
  switch (kind) {
    case "tenant":
      return;
    case "management-group":
      requireManagementGroup(model, scope.managementGroupId!);
      return;
    case "subscription":
      requireSubscription(model, subscriptionId!);
      return;
    case "resource-group":
      requireResourceGroup(model, subscriptionId!, resourceGroupName!);
      return;
    case "provider":
      refuse({ kind: "scope-invalid", scope: scope.text });
      break;
    case "resource":
      requireResource(model, scope, subscriptionId, resourceGroupName);
  }
}

function requireResource(
  model: ReadModel,
  scope: Scope,
  subscriptionId: SubscriptionId | null,
  resourceGroup: string | null,
): void {
  if (subscriptionId === null) refuse({ kind: "scope-invalid", scope: scope.text });
  requireSubscription(model, subscriptionId);
  const steps = scope.steps.slice(resourceGroup === null ? 1 : 2).map((step) => step.split("/") as [string, string]);
  const namespace = steps[0]?.[1] ?? "";
  const [type, name] = steps[1] ?? ["", ""];
  const resourceType = `${namespace}/${type}`;
  if (resourceGroup === null) refuse({ kind: "resource-not-found", resourceType, name, resourceGroup: "" });
  if (resourceType.toLowerCase() === storageAccountType.toLowerCase()) {
    requireStorageAccount(model, { subscriptionId, resourceGroup, name });
    return;
  }
  if (resourceType.toLowerCase() === managedIdentityType.toLowerCase()) {
    requireManagedIdentity(model, { subscriptionId, resourceGroup, name });
    return;
  }
  requireResourceGroup(model, subscriptionId, resourceGroup);
  refuse({ kind: "resource-not-found", resourceType, name, resourceGroup });
}
