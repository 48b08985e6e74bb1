/** What an application offers to others (app roles) and what it asks of others (requiredResourceAccess): their shape. Pure. */
import type { AppRole } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { isGuid } from "../state/identifiers.ts";
import {
  maxDescriptionLength,
  maxRequiredApis,
  maxRequiredPermissions,
  maxRoleValueLength,
  maxTagLength,
} from "./limits.ts";
import { checkLength, checkName } from "./values.ts";

const rolesAt = { objectKind: "application", property: "appRoles" } as const;
const requiredAt = { objectKind: "application", property: "requiredResourceAccess" } as const;

/** Characters a role's value may have: it becomes an entry of a token's `roles`. @see https://learn.microsoft.com/graph/api/resources/approle */
const roleValuePattern = /^[A-Za-z0-9:!#$%&'()*+,\-./;<=>?@[\]^_`{|}~]+$/;

/** @throws Refusal `value-invalid` for a role without name, with a strange value, or two of the same id or value. */
export function checkAppRoles(roles: readonly AppRole[]): void {
  const seen = new Set<string>();
  for (const role of roles) {
    checkName(rolesAt, role.displayName, maxTagLength);
    checkLength(rolesAt, role.description, maxDescriptionLength);
    const isValueFine =
      role.value === null ||
      (role.value.length <= maxRoleValueLength && roleValuePattern.test(role.value) && !role.value.startsWith("."));
    const areTypesFine =
      role.allowedMemberTypes.length > 0 &&
      role.allowedMemberTypes.every((type) => type === "User" || type === "Application");
    const keys = role.value === null ? [role.id] : [role.id, `value ${role.value}`];
    if (!isGuid(role.id) || !isValueFine || !areTypesFine || keys.some((key) => seen.has(key)))
      refuse({ kind: "value-invalid", ...rolesAt, why: "malformed" });
    for (const key of keys) seen.add(key);
  }
}

/**
 * Checks `[{resourceAppId, resourceAccess: [{id, type: "Scope" | "Role"}]}]`, and nothing beside it.
 * @throws Refusal `value-invalid`, `limit-reached`.
 */
export function checkRequiredResourceAccess(required: readonly unknown[]): void {
  if (required.length > maxRequiredApis) refuse({ kind: "limit-reached", ...requiredAt, limit: maxRequiredApis });
  let permissions = 0;
  for (const api of required) {
    const { resourceAppId, resourceAccess, ...rest } = membersOf(api);
    if (!isGuid(resourceAppId) || !Array.isArray(resourceAccess) || Object.keys(rest).length > 0)
      refuse({ kind: "value-invalid", ...requiredAt, why: "malformed" });
    permissions += resourceAccess.length;
    if (permissions > maxRequiredPermissions)
      refuse({ kind: "limit-reached", ...requiredAt, limit: maxRequiredPermissions });
    for (const permission of resourceAccess) {
      const { id, type, ...more } = membersOf(permission);
      if (!isGuid(id) || (type !== "Scope" && type !== "Role") || Object.keys(more).length > 0)
        refuse({ kind: "value-invalid", ...requiredAt, why: "malformed" });
    }
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    refuse({ kind: "value-invalid", ...requiredAt, why: "malformed" });
  return value as Readonly<Record<string, unknown>>;
}
