/**
 * Role definitions, built-in and custom, as one thing: what each is, where it can be assigned, which of them a scope lists.
 *
 * Built-in roles are data of the access package; custom roles are rows. May use: the state's shapes and the access facts.
 * @see https://learn.microsoft.com/azure/role-based-access-control/role-definitions
 */
import { parseScope, type RoleDefinition as RoleDefinitionData, type Scope } from "@postern/access";
import type { RoleDefinition } from "../state/entities.ts";
import type { Guid } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";

/** Built-in roles that rules name. @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged */
export const builtInRoleIds = {
  owner: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635" as Guid,
} as const;

/** When a built-in role was made: no public listing says it, so each carries the day of the listing that ours were taken from. */
const builtInRoleDate = "2026-08-22T00:00:00.000Z";

export type RoleType = "BuiltInRole" | "CustomRole";

/** A role with what Resource Manager shows of it. */
export type RoleView = RoleDefinition & { readonly type: RoleType };

/** The role of that GUID, or undefined. */
export function findRole(model: ReadModel, id: string): RoleView | undefined {
  const role = model.access.role(id);
  return role === undefined ? undefined : viewOf(model, role);
}

/** What is shown of the built-in roles never changes while the process lives. */
const builtInViews = new WeakMap<RoleDefinitionData, RoleView>();

function viewOf(model: ReadModel, role: RoleDefinitionData): RoleView {
  const custom = model.roleDefinitions.get(role.id.toLowerCase());
  if (custom !== undefined) return { ...custom, type: "CustomRole" };
  const known = builtInViews.get(role) ?? makeBuiltInView(role);
  builtInViews.set(role, known);
  return known;
}

function makeBuiltInView(role: RoleDefinitionData): RoleView {
  return {
    id: role.id as Guid,
    roleName: role.roleName,
    description: role.description,
    permissions: role.permissions,
    assignableScopes: role.assignableScopes,
    createdOn: builtInRoleDate,
    updatedOn: builtInRoleDate,
    createdBy: null,
    updatedBy: null,
    type: "BuiltInRole",
  };
}

/** Says whether a role can be assigned at a scope: one of its assignable scopes is that scope or above it. */
export function isAssignableAt(
  model: ReadModel,
  role: Pick<RoleView, "assignableScopes">,
  scope: string | Scope,
): boolean {
  return role.assignableScopes.some((assignable) => model.access.isScopeAtOrBelow(scope, assignable));
}

export type RoleListing = {
  readonly scope: Scope;
  /** Compared without case. */
  readonly roleName?: string | undefined;
  readonly type?: RoleType | undefined;
  /** Also the custom roles that can only be assigned below the scope. */
  readonly isBelowIncluded?: boolean | undefined;
};

/**
 * Lists the roles of a scope: the built-in ones first.
 * @see https://learn.microsoft.com/rest/api/authorization/role-definitions/list
 */
export function listRoles(model: ReadModel, { scope, roleName, type, isBelowIncluded }: RoleListing): RoleView[] {
  const found: RoleView[] = [];
  for (const role of roleName === undefined ? model.access.roles() : model.access.rolesNamed(roleName)) {
    const isBuiltIn = model.access.isBuiltinRole(role.id);
    if (type !== undefined && (type === "BuiltInRole") !== isBuiltIn) continue;
    const isListed =
      isBuiltIn ||
      isAssignableAt(model, role, scope) ||
      (isBelowIncluded === true && role.assignableScopes.some((place) => model.access.isScopeAtOrBelow(place, scope)));
    if (isListed) found.push(viewOf(model, role));
  }
  return found;
}

const idTail = /\/providers\/Microsoft\.Authorization\/roleDefinitions\/([^/]+)$/i;

/**
 * Reads a role definition's id as callers send it: `{scope}/providers/Microsoft.Authorization/roleDefinitions/{guid}`, the scope of any kind.
 * @returns the GUID in lower case, or undefined.
 */
export function parseRoleDefinitionId(text: string): Guid | undefined {
  const guid = idTail.exec(text)?.[1];
  if (guid === undefined || !/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(guid)) return undefined;
  const scope = text.slice(0, text.length - (idTail.exec(text)?.[0].length ?? 0));
  return scope === "" || parseScope(scope).isValid ? (guid.toLowerCase() as Guid) : undefined;
}

/**
 * A role definition's id as Resource Manager writes it in answers about a scope: under the scope's subscription, or under the tenant above
 * subscriptions. Assignments and definitions of one listing carry equal ids, which clients compare as text.
 */
export function roleDefinitionIdAt(scope: Scope, id: string): string {
  const base = scope.subscriptionId === null ? "" : `/subscriptions/${scope.subscriptionId}`;
  return `${base}/providers/Microsoft.Authorization/roleDefinitions/${id}`;
}
