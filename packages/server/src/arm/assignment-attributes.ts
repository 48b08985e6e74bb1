/**
 * What conditions may look at when a role assignment is written or deleted: with it a condition delegates the giving of some roles to some
 * principals.
 * @see https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-overview
 */
import { attributeNames } from "@postern/access";
import { findRoleAssignment } from "../authorization/role-assignments.ts";
import { parseRoleDefinitionId } from "../authorization/role-definitions.ts";
import { parseGuid } from "../state/identifiers.ts";
import { noOwnAttributes, type OwnAttributes } from "./attributes.ts";
import type { ArmContext } from "./context.ts";
import { scopeOf } from "./scope-check.ts";

/**
 * The role assignment in the body, as far as it can be read: what is wrong with it is said after the decision. The principal's type is the
 * directory's; what the caller says counts only where the directory knows nothing.
 * @throws ArmRefusal `content-invalid`, `content-too-large` when the body is no JSON object.
 */
export async function attributesOfNewAssignment(context: ArmContext): Promise<OwnAttributes> {
  const properties = (await context.json()).object("properties");
  const roleDefinitionId = parseRoleDefinitionId(properties.string("roleDefinitionId") ?? "");
  const principalId = parseGuid<string>(properties.string("principalId"));
  const known = principalId === undefined ? undefined : context.cloud.model.principal(principalId)?.type;
  const request = {
    [attributeNames.roleDefinitionId]: roleDefinitionId,
    [attributeNames.principalId]: principalId,
    [attributeNames.principalType]: known ?? properties.string("principalType"),
  };
  return { ...noOwnAttributes, request };
}

/** The role assignment in the path; nothing when there is none. */
export function attributesOfExistingAssignment(context: ArmContext): OwnAttributes {
  const name = parseGuid(context.params.name);
  const existing = name === undefined ? undefined : findRoleAssignment(context.cloud.model, scopeOf(context), name);
  if (existing === undefined) return noOwnAttributes;
  const resource = {
    [attributeNames.roleDefinitionId]: existing.roleDefinitionId,
    [attributeNames.principalId]: existing.principalId,
    [attributeNames.principalType]: existing.principalType,
  };
  return { ...noOwnAttributes, resource };
}
