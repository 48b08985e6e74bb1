/**
 * Azure's built-in roles, as data; an entry of its own (`@postern/access/roles`) so that a page that only decides need not load them.
 *
 * Every role that can be assigned at "/", as the service listed them on 2026-08-22 (iann0036/iam-dataset, MIT licence; checked against
 * a second listing of the day before); the descriptions are ours. Written by scripts/make-roles.ts.
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
import data from "./data/builtin-roles.json" with { type: "json" };
import type { RoleDefinition } from "./role-definition.ts";

/** The 928 built-in roles, sorted by name; ids are Azure's own. */
export const builtinRoles: readonly RoleDefinition[] = data;
