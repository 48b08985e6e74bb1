/** Finding a managed identity by what people call it. May use: this folder, http/, session.ts. */
import { failure, notFound } from "../faults.ts";
import type { Json } from "../http/service-client.ts";
import type { Session } from "../session.ts";
import { encodeScope, isGuid } from "./identifiers.ts";
import { versioned } from "./resource-manager.ts";

/** Every identity of a subscription that the caller may see, or of one of its groups. */
export function listManagedIdentities(
  session: Session,
  subscriptionId: string,
  group: string | undefined,
): Promise<Json[]> {
  const scope = group === undefined ? "" : `/resourceGroups/${encodeURIComponent(group)}`;
  const path = `/subscriptions/${subscriptionId}${scope}/providers/Microsoft.ManagedIdentity/userAssignedIdentities`;
  return session.resourceManager.list(versioned(path, "managedIdentities"));
}

/**
 * Finds one identity.
 * @param name its name, resource id, client id or principal id.
 * @throws CliFault (not-found) when there is none, (failure) when several groups have one of that name.
 */
export async function findManagedIdentity(session: Session, subscriptionId: string, name: string): Promise<Json> {
  if (name.startsWith("/"))
    return session.resourceManager.json("GET", versioned(encodeScope(name), "managedIdentities"));
  const wanted = name.toLowerCase();
  const matches = (await listManagedIdentities(session, subscriptionId, undefined)).filter((identity) => {
    const { clientId, principalId } = identity.properties as Json;
    return isGuid(name) ? [clientId, principalId].includes(wanted) : String(identity.name).toLowerCase() === wanted;
  });
  const [identity] = matches;
  if (identity === undefined) {
    throw notFound(
      `There is no managed identity '${name}'.`,
      "See which there are: postern identity list --output table",
      "Make one: postern identity create --name NAME --resource-group GROUP",
    );
  }
  if (matches.length > 1) {
    throw failure(
      `Several managed identities are called '${name}'; name one by its resource id:`,
      ...matches.map(({ id }) => String(id)),
    );
  }
  return identity;
}
