/** Which of the subscriptions is meant where none is named. */
import type { Subscription } from "../state/entities.ts";
import type { ReadModel } from "../state/read-model.ts";

/** The one that the cloud began with, or the oldest that is left; undefined where there is none. */
export function oldestSubscription({ subscriptions }: Pick<ReadModel, "subscriptions">): Subscription | undefined {
  return [...subscriptions.values()].sort((a, b) => a.createdDateTime.localeCompare(b.createdDateTime))[0];
}
