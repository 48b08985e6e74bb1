/**
 * What holds for the tenant's own APIs beside consent: clients they trust, an application that asks for itself, and people who must have been
 * assigned to an application before they may use it.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-permissions-and-consent
 */
import { appRoleAssignmentsAt } from "../directory/app-role-assignment.ts";
import { consentedScopes } from "../directory/consent.ts";
import { publishedScopes } from "../directory/delegated-scopes.ts";
import type { User } from "../state/entities.ts";
import { firstPartyAppIds } from "../state/first-party.ts";
import { type AppId, isGuid } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { Resource } from "../tokens/audiences.ts";
import type { Client } from "./client.ts";
import { refuse } from "./fault.ts";

/**
 * Permissions of an API that a client has without anybody's consent: those its owner authorized it for in advance, and all of an application's
 * own.
 */
export function trustedPermissions(model: ReadModel, clientId: AppId, resource: Resource): readonly string[] {
  if (resource.kind !== "application") return [];
  const published = publishedScopes(model, resource.appId);
  if (resource.appId === clientId) return published.map(({ value }) => value);
  const application = model.applications.findOne("appId", resource.appId);
  const trusted = application?.preAuthorizedApplications.find(({ appId }) => appId === clientId);
  return published.filter(({ id }) => trusted?.delegatedPermissionIds.includes(id)).map(({ value }) => value);
}

/** An application names itself by its id alone. @throws EntraRefusal `token-for-itself`. */
export function checkOwnName({ appId, displayName }: Client, { kind, appId: resourceId, audience }: Resource): void {
  if (kind === "application" && resourceId === appId && !isGuid(audience))
    refuse({ kind: "token-for-itself", appId, appName: displayName });
}

/**
 * The first version's endpoint gives an application a token for itself only if it may also sign people in: its registration lists something of
 * Graph's, or somebody consented to that. The second's asks for consent as it goes.
 * @throws EntraRefusal `directory-access-needed`.
 */
export function checkDirectoryAccess(
  model: ReadModel,
  user: User,
  { appId, displayName }: Client,
  { kind, appId: resourceId }: Resource,
): void {
  if (kind !== "application" || resourceId !== appId) return;
  const { microsoftGraph } = firstPartyAppIds;
  const required = model.applications.findOne("appId", appId)?.requiredResourceAccess ?? [];
  const isListed = (required as readonly { resourceAppId: string }[]).some(
    ({ resourceAppId }) => resourceAppId.toLowerCase() === microsoftGraph,
  );
  if (isListed || consentedScopes(model, appId, microsoftGraph, user.id).size > 0) return;
  refuse({ kind: "directory-access-needed", appId, appName: displayName });
}

/**
 * Both the application a person signs in to and the API it calls may want people assigned first, by themselves or by a group.
 * @throws EntraRefusal `person-not-assigned`.
 * @see https://learn.microsoft.com/entra/identity-platform/howto-restrict-your-app-to-a-set-of-users
 */
export function checkPersonAssigned(model: ReadModel, user: User, client: Client, resource: Resource): void {
  const appIds = new Set([client.appId, ...(resource.kind === "application" ? [resource.appId] : [])]);
  for (const appId of appIds) {
    const principal = model.servicePrincipals.findOne("appId", appId);
    if (principal?.appRoleAssignmentRequired !== true) continue;
    if (appRoleAssignmentsAt(model, user.id, principal.id).length > 0) continue;
    refuse({ kind: "person-not-assigned", user: user.userPrincipalName, appId, appName: principal.displayName });
  }
}
