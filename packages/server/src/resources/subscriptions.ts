/**
 * Subscriptions: the rules.
 * @see https://learn.microsoft.com/rest/api/resources/subscriptions
 */
import type { Subscription } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { SubscriptionId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";

/** @throws Refusal `subscription-not-found`. */
export function requireSubscription(model: ReadModel, subscriptionId: SubscriptionId): Subscription {
  return model.subscriptions.get(subscriptionId) ?? refuse({ kind: "subscription-not-found", subscriptionId });
}
