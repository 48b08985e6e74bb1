/**
 * What is said of a role, and the text of a whole listing with its ETag.
 *
 * Owns: the shape of a role definition, and the memory of the built-in roles' text: it is 1.2 MB of which nothing changes while the process lives, and
 * clients ask for all of it to find one. The ETag is of the text itself, so that a listing that is said to be the same is the same. May use: the rules
 * of authorization/.
 * @see https://learn.microsoft.com/rest/api/authorization/role-definitions/list
 */
import { createHash } from "node:crypto";
import type { Scope } from "@postern/access";
import { type RoleView, roleDefinitionIdAt } from "../authorization/role-definitions.ts";
import type { RolePermission } from "../state/entities.ts";
import { wireTime } from "./wire-time.ts";

/** Subscriptions whose listing is remembered, at 1.2 MB each; our choice. */
const maxRemembered = 4;

function permissionBody({
  actions,
  notActions,
  dataActions,
  notDataActions,
  condition,
  conditionVersion,
}: RolePermission) {
  const lists = { actions, notActions, dataActions, notDataActions };
  return typeof condition === "string" ? { ...lists, condition, conditionVersion: conditionVersion ?? null } : lists;
}

export function roleBody(scope: Scope, role: RoleView) {
  return {
    id: roleDefinitionIdAt(scope, role.id),
    type: "Microsoft.Authorization/roleDefinitions",
    name: role.id,
    properties: {
      roleName: role.roleName,
      type: role.type,
      description: role.description,
      assignableScopes: role.assignableScopes,
      permissions: role.permissions.map(permissionBody),
      createdOn: wireTime(role.createdOn),
      updatedOn: wireTime(role.updatedOn),
      createdBy: role.createdBy,
      updatedBy: role.updatedBy,
    },
  };
}

type Part = { readonly text: string; readonly digest: string };

/** By what the ids in it begin with: the same at every scope of a subscription. */
const builtInParts = new Map<string, Part>();

function partOf(scope: Scope, roles: readonly RoleView[]): Part {
  const text = roles.map((role) => JSON.stringify(roleBody(scope, role))).join(",");
  return { text, digest: createHash("sha256").update(text).digest("base64url") };
}

function builtInPart(scope: Scope, roles: readonly RoleView[]): Part {
  const key = roleDefinitionIdAt(scope, "");
  const known = builtInParts.get(key) ?? partOf(scope, roles);
  // The one that was asked for last is the last to go.
  builtInParts.delete(key);
  builtInParts.set(key, known);
  if (builtInParts.size > maxRemembered) builtInParts.delete(builtInParts.keys().next().value!);
  return known;
}

export type RoleListing = { readonly text: string; readonly etag: string };

/** The listing of all roles of a scope. @param roles every built-in one, then the custom ones. */
export function writeWholeListing(scope: Scope, roles: readonly RoleView[]): RoleListing {
  const firstCustom = roles.findIndex(({ type }) => type === "CustomRole");
  const end = firstCustom < 0 ? roles.length : firstCustom;
  const parts = [builtInPart(scope, roles.slice(0, end))];
  if (end < roles.length) parts.push(partOf(scope, roles.slice(end)));
  return {
    text: `{"value":[${parts.map(({ text }) => text).join(",")}]}`,
    etag: `"${parts.map(({ digest }) => digest).join(".")}"`,
  };
}

/** Says whether a client has it already. @param header If-None-Match as it came. @see https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match */
export function hasListing(header: string | undefined, { etag }: RoleListing): boolean {
  return (header ?? "").split(",").some((one) => ["*", etag, `W/${etag}`].includes(one.trim()));
}
