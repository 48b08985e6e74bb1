/** How much one application object may hold. Pure. */
import type { Application } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { maxApplicationItems } from "./limits.ts";

/** @throws Refusal `limit-reached` when the collections of the object hold too much together. */
export function checkApplicationSize(row: Application): void {
  const collections = [
    row.identifierUris,
    row.webRedirectUris,
    row.spaRedirectUris,
    row.publicClientRedirectUris,
    row.tags,
    row.appRoles,
    row.requiredResourceAccess,
    row.passwordCredentials,
    row.keyCredentials,
    row.oauth2PermissionScopes,
    row.preAuthorizedApplications,
  ];
  const items = collections.reduce((sum, collection) => sum + collection.length, 0);
  if (items > maxApplicationItems)
    refuse({ kind: "limit-reached", objectKind: "application", property: "items", limit: maxApplicationItems });
}
