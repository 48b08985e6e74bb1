/**
 * An administrator's consent to all that an application asks for (`requiredResourceAccess`), for everyone at once. Pure.
 * Who may give it is permissions.ts's to say, by what {@link requiredPermissions} shows it would grant.
 * @see https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent
 */
import { type Change, put } from "../state/change.ts";
import type { Application, ServicePrincipal } from "../state/entities.ts";
import type { AppId, Guid } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { assignAppRole, offeredAppRoles } from "./app-role-assignment.ts";
import { publishedScopes } from "./delegated-scopes.ts";
import { findGrant } from "./permission-grant.ts";
import { assignmentAction, type DirectoryAction } from "./permissions.ts";
import type { Outcome } from "./values.ts";

/** What an application asks of one resource that is in the tenant. */
export type RequiredPermissions = {
  readonly resource: ServicePrincipal;
  /** Values of delegated permissions. */
  readonly scopes: readonly string[];
  readonly appRoleIds: readonly Guid[];
};

type RequiredResource = {
  readonly resourceAppId: string;
  readonly resourceAccess: readonly { readonly id: string; readonly type: string }[];
};

/** Reads what an application asks for; what the tenant or the resource does not know is passed over, as Entra does. */
export function requiredPermissions(model: ReadModel, application: Application): readonly RequiredPermissions[] {
  return (application.requiredResourceAccess as readonly RequiredResource[]).flatMap((required) => {
    const resource = model.servicePrincipals.findOne("appId", required.resourceAppId.toLowerCase());
    if (resource === undefined) return [];
    const idsOf = (type: string) =>
      new Set<string>(required.resourceAccess.filter((one) => one.type === type).map(({ id }) => id.toLowerCase()));
    const [scopeIds, roleIds] = [idsOf("Scope"), idsOf("Role")];
    const isForApps = (types: readonly string[]) => types.includes("Application");
    return {
      resource,
      scopes: publishedScopes(model, resource.appId)
        .filter(({ id }) => scopeIds.has(id))
        .map(({ value }) => value),
      appRoleIds: offeredAppRoles(model, resource)
        .filter((role) => role.isEnabled && roleIds.has(role.id) && isForApps(role.allowedMemberTypes))
        .map(({ id }) => id),
    };
  });
}

/** What it takes to grant it: each action must be the administrator's. Graph's own application permissions take more than others. */
export function consentActions(
  model: ReadModel,
  clientId: AppId | undefined,
  required: readonly RequiredPermissions[],
): readonly DirectoryAction[] {
  const client = clientId && model.servicePrincipals.findOne("appId", clientId);
  const ofRoles = required
    .filter(({ appRoleIds }) => appRoleIds.length > 0)
    .map(({ resource }) => assignmentAction(model, client?.id ?? "", resource.id))
    // Without a principal yet, it is an application all the same.
    .map((action) => (action === "assign-app-role" ? "grant-application-permission" : action));
  return [...new Set<DirectoryAction>(["manage-grants", ...ofRoles])];
}

/**
 * Grants it all to the application's service principal, beside what it was granted before.
 * @param by `guid` gives a fresh id at each call.
 * @throws Refusal `limit-reached`, `reference-not-found` for a resource that is not there any more.
 */
export function consentForAll(
  model: ReadModel,
  client: ServicePrincipal,
  required: readonly RequiredPermissions[],
  by: { readonly guid: () => string; readonly now: Date },
): Outcome<AppId> {
  const changes: Change[] = [];
  for (const { resource, scopes, appRoleIds } of required) {
    if (scopes.length > 0) {
      const before = findGrant(model, client.id, resource.id, null);
      changes.push(
        put("oauth2PermissionGrant", {
          id: before?.id ?? (by.guid() as Guid),
          clientId: client.id,
          consentType: "AllPrincipals",
          principalId: null,
          resourceId: resource.id,
          scopes: [...new Set([...(before?.scopes ?? []), ...scopes])],
        }),
      );
    }
    const held = model.appRoleAssignments
      .find("principalId", client.id)
      .filter((row) => row.resourceId === resource.id)
      .map((row) => row.appRoleId);
    for (const appRoleId of appRoleIds.filter((id) => !held.includes(id))) {
      const request = { principalId: client.id, resourceId: resource.id, appRoleId };
      changes.push(...assignAppRole(model, request, { id: by.guid() as Guid, now: by.now }).changes);
    }
  }
  return { changes, result: client.appId };
}
