/**
 * Roles and their assignments, by az's rules. May use: identifiers.ts, principals.ts, resource-manager.ts, shapes.ts, http/.
 * @see https://learn.microsoft.com/rest/api/authorization/role-assignments
 * @see https://learn.microsoft.com/rest/api/authorization/role-definitions
 */
import { failure } from "../faults.ts";
import type { Json, ServiceClient } from "../http/service-client.ts";
import { ServiceFault } from "../http/service-fault.ts";
import { encodeScope, isGuid, quoteOData } from "./identifiers.ts";
import type { PrincipalType } from "./principals.ts";
import { versioned } from "./resource-manager.ts";
import { shapeRoleAssignment, shapeRoleDefinition } from "./shapes.ts";

const PROVIDER = "/providers/Microsoft.Authorization";

/** The scope that `--scope` or `--resource-group` mean; the subscription when neither is given. */
export function readScope(subscriptionId: string, group: string | undefined, scope: string | undefined): string {
  const subscription = `/subscriptions/${subscriptionId}`;
  if (scope === undefined) return group === undefined ? subscription : `${subscription}/resourceGroups/${group}`;
  if (group !== undefined) throw failure(`Resource group "${group}" is redundant because scope is supplied`);
  if (scope.startsWith("/subscriptions/") && !isResourceId(scope)) {
    throw failure("Invalid scope. Please use --help to view the valid format.");
  }
  return scope;
}

/** A subscription, a group in it, or a resource: what az's `is_valid_resource_id` lets through. */
function isResourceId(scope: string): boolean {
  const [, , subscription, ...rest] = scope.replace(/\/$/, "").split("/");
  if (subscription === undefined || subscription === "" || rest.includes("")) return false;
  if (rest.length === 0) return true;
  const isGrouped = rest[0]!.toLowerCase() === "resourcegroups";
  const tail = isGrouped ? rest.slice(2) : rest;
  if (isGrouped && rest.length < 2) return false;
  return tail.length === 0 || (tail[0]!.toLowerCase() === "providers" && tail.length >= 4 && tail.length % 2 === 0);
}

export function roleDefinitionsPath(scope: string, filter?: string): string {
  return versioned(`${encodeScope(scope)}${PROVIDER}/roleDefinitions`, "roleDefinitions", filter);
}

export async function listRoleDefinitions(client: ServiceClient, scope: string, filter?: string): Promise<Json[]> {
  return (await client.list(roleDefinitionsPath(scope, filter))).map(shapeRoleDefinition);
}

/** Roles of a name, or of a GUID, in the first of some scopes that has any; all roles when no name is given. */
export async function searchRoleDefinitions(
  client: ServiceClient,
  name: string | undefined,
  scopes: readonly string[],
): Promise<Json[]> {
  // The service finds roles by their roleName only.
  const filter = !name || isGuid(name) ? undefined : `roleName eq ${quoteOData(name)}`;
  for (const scope of scopes) {
    const found = await listRoleDefinitions(client, scope, filter);
    const wanted = name ? found.filter((role) => role.name === name || role.roleName === name) : found;
    if (wanted.length > 0) return wanted;
  }
  return [];
}

/** The full ID of a role given by its ID, its GUID or its name. @throws CliFault in az's words when the name fits none or several. */
export async function resolveRoleId(
  client: ServiceClient,
  subscriptionId: string,
  scope: string,
  role: string,
): Promise<string> {
  if (/^\/subscriptions\/.+\/providers\/Microsoft.Authorization\/roleDefinitions\//i.test(role)) return role;
  if (isGuid(role)) return `/subscriptions/${subscriptionId}${PROVIDER}/roleDefinitions/${role}`;
  const found = await listRoleDefinitions(client, scope, `roleName eq ${quoteOData(role)}`);
  const ids = found.map(({ id }) => String(id));
  if (ids.length === 0) throw failure(`Role '${role}' doesn't exist.`);
  if (ids.length > 1) {
    const shown = `[${ids.map((id) => `'${id}'`).join(", ")}]`;
    throw failure(`More than one role matches the given name '${role}'. Please pick a value from '${shown}'`);
  }
  return ids[0]!;
}

export interface NewAssignment {
  readonly scope: string;
  readonly roleDefinitionId: string;
  readonly principalId: string;
  readonly principalType?: PrincipalType | "ForeignGroup" | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly condition?: string | undefined;
  readonly conditionVersion?: string | undefined;
}

/** @returns the assignment, or undefined when the same one is there already. */
export async function createRoleAssignment(client: ServiceClient, wanted: NewAssignment): Promise<Json | undefined> {
  const { scope, name = crypto.randomUUID(), ...properties } = wanted;
  const path = versioned(
    `${encodeScope(scope)}${PROVIDER}/roleAssignments/${encodeURIComponent(name)}`,
    "roleAssignments",
  );
  try {
    return shapeRoleAssignment(await client.json("PUT", path, { properties }));
  } catch (error) {
    if (isAlreadyAssigned(error)) return undefined;
    throw error;
  }
}

function isAlreadyAssigned(error: unknown): boolean {
  return (
    error instanceof ServiceFault && error.status === 409 && error.message.includes("role assignment already exists")
  );
}

export interface AssignmentSearch {
  /** undefined: the whole subscription and everything in it. */
  readonly scope: string | undefined;
  readonly subscriptionId: string;
  readonly assigneeId?: string | undefined;
  readonly role?: string | undefined;
  readonly isInheritedIncluded: boolean;
  readonly areGroupsIncluded: boolean;
}

/**
 * Finds assignments. The service cannot combine a scope with a principal, so, as in az, the rest of the filtering is done here: of what
 * it finds at the scope and above, what is above is dropped unless asked for.
 */
export async function findRoleAssignments(client: ServiceClient, search: AssignmentSearch): Promise<Json[]> {
  const { scope, subscriptionId, assigneeId, role } = search;
  const found = (await client.list(searchPath(search))).map(shapeRoleAssignment);
  const isInScope = (assignment: Json) =>
    scope === undefined || search.isInheritedIncluded || sameScope(String(assignment.scope), scope);
  const isOfAssignee = (assignment: Json) =>
    assigneeId === undefined || search.areGroupsIncluded || assignment.principalId === assigneeId;
  const matches = found.filter((assignment) => isInScope(assignment) && isOfAssignee(assignment));
  if (role === undefined || found.length === 0) return matches;
  const roleId = await resolveRoleId(client, subscriptionId, scope ?? `/subscriptions/${subscriptionId}`, role);
  return matches.filter(({ roleDefinitionId }) => roleDefinitionId === roleId);
}

function searchPath({ scope, subscriptionId, assigneeId, areGroupsIncluded }: AssignmentSearch): string {
  const assignedTo = assigneeId !== undefined && areGroupsIncluded ? `assignedTo('${assigneeId}')` : undefined;
  const base = `${encodeScope(scope ?? `/subscriptions/${subscriptionId}`)}${PROVIDER}/roleAssignments`;
  if (scope !== undefined) {
    return versioned(
      base,
      "roleAssignments",
      ["atScope()", assignedTo].filter((part) => part !== undefined).join(" and "),
    );
  }
  return versioned(base, "roleAssignments", assignedTo ?? (assigneeId && `principalId eq '${assigneeId}'`));
}

export async function deleteRoleAssignment(client: ServiceClient, id: string): Promise<void> {
  await client.send("DELETE", versioned(encodeScope(id), "roleAssignments"));
}

function sameScope(a: string, b: string): boolean {
  return encodeScope(a).toLowerCase() === encodeScope(b).toLowerCase();
}
