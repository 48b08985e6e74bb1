/**
 * Subscriptions: the rules.
 * @see https://learn.microsoft.com/rest/api/resources/subscriptions
 */
import { type Change, put } from "../state/change.ts";
import type { Subscription } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { SubscriptionId } from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import type { ReadModel } from "../state/read-model.ts";

/** Characters of a subscription's name; its alias API has the same bound. @see https://learn.microsoft.com/rest/api/subscription/alias/create */
export const maxSubscriptionNameLength = 64;

/** @throws Refusal `subscription-not-found`. */
export function requireSubscription(model: ReadModel, subscriptionId: SubscriptionId): Subscription {
  return model.subscriptions.get(subscriptionId) ?? refuse({ kind: "subscription-not-found", subscriptionId });
}

/**
 * Creates a subscription under a management group.
 * @throws Refusal `value-invalid` of displayName, `reference-not-found` of the management group, `value-taken` of the id.
 */
export function createSubscription(
  model: ReadModel,
  request: {
    readonly subscriptionId: SubscriptionId;
    readonly displayName: string;
    readonly managementGroupName: string;
  },
  ports: Pick<Ports, "now">,
): { readonly changes: readonly Change[]; readonly result: Subscription } {
  const { subscriptionId, displayName } = request;
  const objectKind = "subscription";
  if (displayName.trim() === "")
    refuse({ kind: "value-invalid", objectKind, property: "displayName", why: "required" });
  if (displayName.length > maxSubscriptionNameLength) {
    refuse({
      kind: "value-invalid",
      objectKind,
      property: "displayName",
      why: "too-long",
      limit: maxSubscriptionNameLength,
    });
  }
  if (model.subscriptions.has(subscriptionId)) {
    refuse({ kind: "value-taken", objectKind, property: "subscriptionId", value: subscriptionId });
  }
  const group =
    model.managementGroups.get(request.managementGroupName.toLowerCase()) ??
    refuse({
      kind: "reference-not-found",
      objectKind: "managementGroup",
      id: request.managementGroupName,
      property: "managementGroup",
    });
  const subscription: Subscription = {
    subscriptionId,
    displayName,
    managementGroupName: group.name,
    createdDateTime: ports.now().toISOString(),
  };
  return { changes: [put("subscription", subscription)], result: subscription };
}
