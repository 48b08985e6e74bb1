/**
 * Who was given which app role of which application: assignments of roles to people, groups and applications. Pure.
 *
 * An application permission of Microsoft Graph is an app role of Microsoft Graph's service principal, assigned to the app's own.
 * Owns: `appRoleAssignment` rows. Spec: https://learn.microsoft.com/graph/api/resources/approleassignment
 */
import { put, remove } from "../state/change.ts";
import type { AppRole, AppRoleAssignment, ServicePrincipal } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { firstPartyAppIds } from "../state/first-party.ts";
import type { Guid, PrincipalId, ServicePrincipalObjectId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { maxAppRoleAssignments } from "./limits.ts";
import { graphAppRoles } from "./microsoft-graph.ts";
import { existing, type Outcome } from "./values.ts";

const objectKind = "appRoleAssignment";

/** Stands for no role in particular: access to an application that has no roles. */
export const defaultAppRoleId = "00000000-0000-0000-0000-000000000000" as Guid;

const graphRoles: readonly AppRole[] = graphAppRoles.map(({ id, value, displayName }) => ({
  id,
  value,
  displayName,
  description: displayName,
  isEnabled: true,
  allowedMemberTypes: ["Application"],
}));

/** The roles a service principal offers: its application's, or Microsoft Graph's permissions. */
export function offeredAppRoles(model: ReadModel, { appId }: Pick<ServicePrincipal, "appId">): readonly AppRole[] {
  if (appId === firstPartyAppIds.microsoftGraph) return graphRoles;
  return model.applications.findOne("appId", appId)?.appRoles ?? [];
}

export type AppRoleRequest = {
  readonly principalId: string;
  readonly resourceId: string;
  readonly appRoleId: Guid;
};

/**
 * Gives a role.
 * @throws Refusal `reference-not-found` (principal, resource), `value-invalid` `not-allowed` (no such role, or not for such a principal),
 * `already-there`, `limit-reached`.
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignedto
 */
export function assignAppRole(
  model: ReadModel,
  request: AppRoleRequest,
  by: { readonly id: Guid; readonly now: Date },
): Outcome<AppRoleAssignment> {
  const { appRoleId } = request;
  const principal =
    model.principal(request.principalId) ??
    refuse({ kind: "reference-not-found", objectKind, property: "principalId", id: request.principalId });
  const resource =
    model.servicePrincipals.get(request.resourceId) ??
    refuse({ kind: "reference-not-found", objectKind, property: "resourceId", id: request.resourceId });
  const memberType = principal.type === "ServicePrincipal" ? "Application" : "User";
  const forType = offeredAppRoles(model, resource).filter(
    (role) => role.isEnabled && role.allowedMemberTypes.includes(memberType),
  );
  const isOffered =
    appRoleId === defaultAppRoleId ? forType.length === 0 : forType.some((role) => role.id === appRoleId);
  if (!isOffered)
    refuse({ kind: "value-invalid", objectKind, property: "appRoleId", why: "not-allowed", value: resource.appId });
  const held = model.appRoleAssignments.find("principalId", principal.row.id);
  if (held.some((row) => row.resourceId === resource.id && row.appRoleId === appRoleId))
    refuse({ kind: "already-there", objectKind, property: "appRoleId" });
  if (held.length >= maxAppRoleAssignments)
    refuse({ kind: "limit-reached", objectKind, property: "appRoleAssignments", limit: maxAppRoleAssignments });
  const row: AppRoleAssignment = {
    id: by.id,
    appRoleId,
    principalId: principal.row.id,
    principalType: principal.type,
    resourceId: resource.id,
    createdDateTime: by.now.toISOString(),
  };
  return { changes: [put(objectKind, row)], result: row };
}

/** Takes a role away. @throws Refusal `object-not-found`. */
export function removeAppRoleAssignment(model: ReadModel, id: Guid): Outcome<AppRoleAssignment> {
  const row = existing(objectKind, model.appRoleAssignments.get(id), id);
  return { changes: [remove(objectKind, id)], result: row };
}

/**
 * The assignments that count for a principal at a resource: its own, and those of the groups it is in directly; groups within groups do not.
 * @see https://learn.microsoft.com/entra/identity/users/directory-service-limits-restrictions
 */
export function appRoleAssignmentsAt(
  model: ReadModel,
  principalId: PrincipalId,
  resourceId: ServicePrincipalObjectId,
): readonly AppRoleAssignment[] {
  const groupIds = model.groupMembers.find("memberId", principalId).map(({ groupId }) => groupId);
  return [principalId, ...groupIds]
    .flatMap((id) => model.appRoleAssignments.find("principalId", id))
    .filter((row) => row.resourceId === resourceId);
}

/** The values a token's `roles` has: of the enabled roles the principal holds at the resource, in the order the resource lists them. */
export function heldRoleValues(
  model: ReadModel,
  principalId: PrincipalId,
  resource: ServicePrincipal,
): readonly string[] {
  const held = new Set(appRoleAssignmentsAt(model, principalId, resource.id).map(({ appRoleId }) => appRoleId));
  return offeredAppRoles(model, resource)
    .filter((role) => role.isEnabled && held.has(role.id))
    .flatMap(({ value }) => value ?? []);
}
