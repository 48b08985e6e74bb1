/** The regions resources can be made in. */
import { armAll } from "../api/arm.ts";

export type Location = { readonly name: string; readonly displayName: string };

/** Chosen first when it is there: one that every account type has. */
const usual = "westeurope";

const known = new Map<string, Promise<readonly Location[]>>();

export function listLocations(subscriptionId: string): Promise<readonly Location[]> {
  if (subscriptionId === "") return Promise.resolve([]);
  const asked =
    known.get(subscriptionId) ?? armAll<Location>(`/subscriptions/${subscriptionId}/locations`, "subscriptions");
  known.set(subscriptionId, asked);
  asked.catch(() => known.delete(subscriptionId));
  return asked;
}

export function usualLocation(locations: readonly Location[] | undefined): string {
  return locations?.find(({ name }) => name === usual)?.name ?? locations?.[0]?.name ?? "";
}
