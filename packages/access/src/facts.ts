/**
 * The facts that decisions rest on: roles, assignments, memberships, and where scopes stand.
 *
 * Owns the mutable index that a server keeps in memory and brings up to date from its change log. Everything here is
 * synchronous and in memory. A fact that cannot be true throws (the log was checked before it was written, so such a
 * fact means a broken log); a question about something unknown has an empty answer.
 *
 * Ids of principals, roles and assignments are compared without case and given back in lower case.
 * What was named once keeps its number until the process ends: deleting an assignment frees its row, not its names.
 */
import { MAX_ACTION_LENGTH } from "./actions.ts";
import { AssignmentTable } from "./assignment-table.ts";
import { DecisionMemory } from "./decision-memory.ts";
import { type DenyAssignment, DenyAssignmentTable, readDenyAssignment } from "./deny-assignment-table.ts";
import { IdTable } from "./id-table.ts";
import { NONE } from "./int-column.ts";
import { Membership, pathTo } from "./membership.ts";
import type { RoleDefinition } from "./role-definition.ts";
import { RoleTable } from "./role-table.ts";
import { isAtOrBelow, isGuid, parseScope, type Scope, type ScopeFault } from "./scope.ts";
import { ScopeTree, TENANT_NODE } from "./scope-tree.ts";

/** Most entries in one list of a role's permission. Ours: the longest list of a built-in role has under 400. */
export const MAX_ACTIONS_PER_LIST = 4096;

/** Why a fact was refused. */
export type FactsFault =
  | { readonly kind: "invalid-scope"; readonly fault: ScopeFault }
  | { readonly kind: "not-a-guid"; readonly field: "roleDefinitionId" | "principalId" | "groupId" | "memberId" | "id" }
  | { readonly kind: "empty-assignment-id" }
  | { readonly kind: "builtin-role" }
  | { readonly kind: "role-too-large" }
  | { readonly kind: "not-a-management-group" }
  | { readonly kind: "management-group-cycle" };

/** Thrown when a fact cannot be taken in; nothing was changed. */
export class FactsError extends Error {
  readonly fault: FactsFault;

  constructor(fault: FactsFault) {
    super(fault.kind);
    this.name = "FactsError";
    this.fault = fault;
  }
}

/** A role assignment as a fact. */
export interface Assignment {
  /** The assignment's name, a GUID in Azure; unique among all assignments. */
  readonly id: string;
  /** The role definition's GUID, without a path. */
  readonly roleDefinitionId: string;
  /** The object id of the user, group or service principal. */
  readonly principalId: string;
  readonly scope: string;
  /** The ABAC condition; null for none. Any string, even an empty one, is a condition, and one that cannot be read grants nothing. */
  readonly condition: string | null;
  /** The version of the condition's language; null for none, which means "2.0", the only one that is evaluated. */
  readonly conditionVersion: string | null;
}

/** An assignment to be taken in: its condition may be left out, its scope may have been read already. */
export interface AssignmentInput extends Omit<Assignment, "condition" | "conditionVersion" | "scope"> {
  readonly scope: string | Scope;
  readonly condition?: string | null;
  readonly conditionVersion?: string | null;
}

/** A group that a principal is in, and the way there. */
export interface GroupPath {
  readonly groupId: string;
  /** Group ids from the principal to this group, which is the last. */
  readonly via: readonly string[];
}

/** The tables inside; for this package only. */
export interface AccessIndex {
  readonly principals: IdTable;
  readonly roles: RoleTable;
  readonly scopes: ScopeTree;
  readonly members: Membership;
  readonly assignments: AssignmentTable;
  readonly denials: DenyAssignmentTable;
  /** Every method that changes another table voids it first. */
  readonly memory: DecisionMemory;
}

function readScope(scope: string | Scope): Scope {
  if (typeof scope !== "string") return scope;
  const result = parseScope(scope);
  if (!result.isValid) throw new FactsError({ kind: "invalid-scope", fault: result.fault });
  return result.scope;
}

function requireGuid(id: string, field: Extract<FactsFault, { kind: "not-a-guid" }>["field"]): void {
  if (!isGuid(id)) throw new FactsError({ kind: "not-a-guid", field });
}

function checkSize({ permissions }: Pick<DenyAssignment, "permissions">): void {
  for (const { actions, notActions, dataActions, notDataActions } of permissions) {
    for (const list of [actions, notActions, dataActions, notDataActions]) {
      if (list.length > MAX_ACTIONS_PER_LIST || list.some((entry) => entry.length > MAX_ACTION_LENGTH)) {
        throw new FactsError({ kind: "role-too-large" });
      }
    }
  }
}

/** The roles, assignments, memberships and scope hierarchy of one tenant, indexed for decisions. */
export class AccessFacts {
  /** @internal The tables, for the other files of this package. */
  readonly index: AccessIndex = {
    principals: new IdTable(),
    roles: new RoleTable(),
    scopes: new ScopeTree(),
    members: new Membership(),
    assignments: new AssignmentTable(),
    denials: new DenyAssignmentTable(),
    memory: new DecisionMemory(),
  };

  /**
   * Starts with the built-in roles and nothing else.
   * @param builtinRoles e.g. those of `@postern/access/roles`; they can be neither replaced nor deleted.
   */
  constructor(builtinRoles: Iterable<RoleDefinition> = []) {
    for (const role of builtinRoles) this.index.roles.put(role, true);
  }

  /**
   * Adds a custom role, or replaces it.
   * @param role kept as it is: it must not be changed afterwards.
   * @throws FactsError `not-a-guid`, `builtin-role`, `role-too-large`.
   * @see https://learn.microsoft.com/azure/role-based-access-control/custom-roles
   */
  putRole(role: RoleDefinition): void {
    this.index.memory.forgetAll();
    requireGuid(role.id, "roleDefinitionId");
    if (this.isBuiltinRole(role.id)) throw new FactsError({ kind: "builtin-role" });
    checkSize(role);
    this.index.roles.put(role, false);
  }

  /**
   * Deletes a custom role; assignments of it stay and grant nothing.
   * @returns whether there was one.
   * @throws FactsError `builtin-role`.
   */
  deleteRole(roleDefinitionId: string): boolean {
    this.index.memory.forgetAll();
    if (this.isBuiltinRole(roleDefinitionId)) throw new FactsError({ kind: "builtin-role" });
    return this.index.roles.delete(this.index.roles.find(roleDefinitionId));
  }

  /** Gives a role by its GUID, or undefined. */
  role(roleDefinitionId: string): RoleDefinition | undefined {
    return this.index.roles.definition(this.index.roles.find(roleDefinitionId));
  }

  /** Lists all roles: the built-in ones first, in the order given to the constructor. */
  roles(): IterableIterator<RoleDefinition> {
    return this.index.roles.definitions();
  }

  /** Lists the roles of a name, compared without case (custom roles of different scopes may share one). */
  rolesNamed(roleName: string): RoleDefinition[] {
    const lower = roleName.toLowerCase();
    return [...this.roles()].filter((role) => role.roleName.toLowerCase() === lower);
  }

  /** Says whether a GUID is a built-in role's. */
  isBuiltinRole(roleDefinitionId: string): boolean {
    return this.index.roles.isBuiltin(this.index.roles.find(roleDefinitionId));
  }

  /**
   * Adds a role assignment, or replaces the one of the same id.
   * @throws FactsError `empty-assignment-id`, `not-a-guid`, `invalid-scope`.
   * @see https://learn.microsoft.com/azure/role-based-access-control/role-assignments
   */
  putAssignment({ id, roleDefinitionId, principalId, scope, condition, conditionVersion }: AssignmentInput): void {
    this.index.memory.forgetAll();
    if (id === "") throw new FactsError({ kind: "empty-assignment-id" });
    const { assignments, principals, roles, scopes } = this.index;
    // What was named before was read before, and is looked up once: most assignments name known principals and places.
    const knownRole = roles.find(roleDefinitionId);
    if (knownRole === NONE) requireGuid(roleDefinitionId, "roleDefinitionId");
    const knownPrincipal = principals.find(principalId);
    if (knownPrincipal === NONE) requireGuid(principalId, "principalId");
    const node = this.#placeOf(scope);
    const text = typeof scope === "string" ? scope : scope.text;
    const lowerId = id.toLowerCase();
    assignments.delete(lowerId);
    assignments.add(lowerId, {
      role: knownRole === NONE ? roles.intern(roleDefinitionId) : knownRole,
      principal: knownPrincipal === NONE ? principals.intern(principalId) : knownPrincipal,
      scope: node,
      condition: typeof condition === "string" ? { text: condition, version: conditionVersion ?? null } : null,
      spelling: scopes.text(node) === text ? null : text,
    });
  }

  /** Deletes a role assignment; says whether there was one. */
  deleteAssignment(id: string): boolean {
    this.index.memory.forgetAll();
    return this.index.assignments.delete(id.toLowerCase());
  }

  /** Gives an assignment by its id, or undefined. */
  assignment(id: string): Assignment | undefined {
    const row = this.index.assignments.find(id.toLowerCase());
    return row === NONE ? undefined : this.#assignment(row);
  }

  /** How many role assignments there are. */
  get assignmentCount(): number {
    return this.index.assignments.size;
  }

  /** Lists the assignments made at exactly this scope; none for a text that is no scope. */
  assignmentsAt(scope: string | Scope): Assignment[] {
    const node = this.#exactNode(scope);
    return node === NONE ? [] : this.#assignmentsAtNode(node);
  }

  /** Lists the assignments that apply at this scope: made here or above, management groups included; nearest first. */
  assignmentsAtOrAbove(scope: string | Scope): Assignment[] {
    return this.#chain(scope).flatMap((node) => this.#assignmentsAtNode(node));
  }

  /** Goes through the assignments made at this scope or below it. The facts must not change meanwhile. */
  *assignmentsAtOrBelow(scope: string | Scope): IterableIterator<Assignment> {
    const { assignments, scopes } = this.index;
    const node = this.#exactNode(scope);
    // What nothing was ever assigned at or below has no node.
    if (node === NONE) return;
    for (const row of assignments.rows()) {
      if (scopes.isAtOrBelow(assignments.scope(row), node)) yield this.#assignment(row);
    }
  }

  /** Lists the assignments that a principal holds itself, not by a group. */
  assignmentsOf(principalId: string): Assignment[] {
    const { assignments, principals } = this.index;
    return assignments.rowsOf(principals.find(principalId)).map((row) => this.#assignment(row));
  }

  /** Gives the assignment of this role to this principal at exactly this scope, or undefined. */
  findAssignment(principalId: string, roleDefinitionId: string, scope: string | Scope): Assignment | undefined {
    const { assignments, principals, roles, scopes } = this.index;
    const node = this.#exactNode(scope);
    const role = roles.find(roleDefinitionId);
    if (node === NONE || role === NONE) return undefined;
    const rows = assignments.rowsAt(principals.find(principalId), scopes.chain(node));
    const row = rows.find((each) => assignments.scope(each) === node && assignments.role(each) === role);
    return row === undefined ? undefined : this.#assignment(row);
  }

  /**
   * Adds a deny assignment, or replaces the one of the same id.
   * @param deny kept as it is: it must not be changed afterwards.
   * @throws FactsError `not-a-guid`, `invalid-scope`, `role-too-large`.
   * @see https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
   */
  putDenyAssignment(deny: DenyAssignment): void {
    this.index.memory.forgetAll();
    requireGuid(deny.id, "id");
    for (const id of [...deny.principalIds, ...deny.excludedPrincipalIds]) requireGuid(id, "principalId");
    checkSize(deny);
    const { denials, principals, scopes } = this.index;
    const node = scopes.intern(readScope(deny.scope));
    denials.put(readDenyAssignment(deny, node, (id) => principals.intern(id)));
  }

  /** Deletes a deny assignment; says whether there was one. */
  deleteDenyAssignment(id: string): boolean {
    this.index.memory.forgetAll();
    return this.index.denials.delete(id.toLowerCase());
  }

  /** Gives a deny assignment by its id, or undefined. */
  denyAssignment(id: string): DenyAssignment | undefined {
    return this.index.denials.get(id.toLowerCase());
  }

  /**
   * Makes a principal, which may be a group, a direct member of a group; again is no change, and cycles are allowed.
   * @throws FactsError `not-a-guid`.
   */
  addMember(groupId: string, memberId: string): void {
    this.index.memory.forgetAll();
    requireGuid(groupId, "groupId");
    requireGuid(memberId, "memberId");
    this.index.members.add(this.index.principals.intern(groupId), this.index.principals.intern(memberId));
  }

  /** Ends a direct membership; none is no change. */
  removeMember(groupId: string, memberId: string): void {
    this.index.memory.forgetAll();
    const group = this.index.principals.find(groupId);
    const member = this.index.principals.find(memberId);
    if (group !== NONE && member !== NONE) this.index.members.remove(group, member);
  }

  /** Ends all memberships of and in a principal that was deleted from the directory; its assignments stay, as in Azure. */
  removeAllMemberships(principalId: string): void {
    this.index.memory.forgetAll();
    const principal = this.index.principals.find(principalId);
    if (principal !== NONE) this.index.members.removeAll(principal);
  }

  /** Lists all groups that a principal is in, groups in groups included, nearest first, each once with one shortest way. */
  groupsOf(principalId: string): GroupPath[] {
    const { members, principals } = this.index;
    const principal = principals.find(principalId);
    if (principal === NONE) return [];
    const closure = members.closure(principal);
    return closure.holders.slice(1).map((group, i) => ({
      groupId: principals.id(group),
      via: pathTo(closure, i + 1).map((step) => principals.id(step)),
    }));
  }

  /**
   * Puts a management group under another, or with null directly under the tenant, where all are at first.
   * @throws FactsError `not-a-management-group`, `invalid-scope`, `management-group-cycle`.
   * @see https://learn.microsoft.com/azure/governance/management-groups/overview
   */
  setManagementGroupParent(managementGroupId: string, parentId: string | null): void {
    this.index.memory.forgetAll();
    const { scopes } = this.index;
    const group = scopes.intern(managementGroupScope(managementGroupId));
    const parent = parentId === null ? TENANT_NODE : scopes.intern(managementGroupScope(parentId));
    if (scopes.isAtOrBelow(parent, group)) throw new FactsError({ kind: "management-group-cycle" });
    scopes.setParent(group, parent);
  }

  /**
   * Puts a subscription under a management group, or with null directly under the tenant, where all are at first.
   * @throws FactsError `not-a-management-group`, `invalid-scope`.
   */
  setSubscriptionManagementGroup(subscriptionId: string, managementGroupId: string | null): void {
    this.index.memory.forgetAll();
    const { scopes } = this.index;
    const subscription = scopes.intern(readScope(`/subscriptions/${subscriptionId}`));
    const group = managementGroupId === null ? null : managementGroupScope(managementGroupId);
    scopes.setParent(subscription, group === null ? TENANT_NODE : scopes.intern(group));
  }

  /** Says whether a scope is another or lies under it, management groups included; false for a text that is no scope. */
  isScopeAtOrBelow(scope: string | Scope, ancestor: string | Scope): boolean {
    const lower = typeof scope === "string" ? parseScope(scope) : ({ isValid: true, scope } as const);
    const upper = typeof ancestor === "string" ? parseScope(ancestor) : ({ isValid: true, scope: ancestor } as const);
    if (!lower.isValid || !upper.isValid) return false;
    if (isAtOrBelow(lower.scope, upper.scope)) return true;
    const node = this.#exactNode(upper.scope);
    return node !== NONE && this.index.scopes.isAtOrBelow(this.index.scopes.nearest(lower.scope).node, node);
  }

  /** The node of a place that something is to be assigned at. */
  #placeOf(scope: string | Scope): number {
    const { scopes } = this.index;
    const known = typeof scope === "string" ? scopes.remembered(scope) : NONE;
    if (known !== NONE) return known;
    const node = scopes.intern(readScope(scope));
    scopes.resolve(scope);
    return node;
  }

  #assignment(row: number): Assignment {
    const { assignments, principals, roles, scopes } = this.index;
    const condition = assignments.condition(row);
    return {
      id: assignments.id(row),
      roleDefinitionId: roles.id(assignments.role(row)),
      principalId: principals.id(assignments.principal(row)),
      scope: assignments.spelling(row) ?? scopes.text(assignments.scope(row)),
      condition: condition?.text ?? null,
      conditionVersion: condition?.version ?? null,
    };
  }

  #assignmentsAtNode(node: number): Assignment[] {
    const { assignments } = this.index;
    const found: Assignment[] = [];
    let row = assignments.firstAtScope(node);
    for (; row !== NONE; row = assignments.nextAtScope(row)) found.push(this.#assignment(row));
    return found;
  }

  #exactNode(scope: string | Scope): number {
    const resolved = this.index.scopes.resolve(scope);
    return "fault" in resolved || !resolved.isExact ? NONE : resolved.node;
  }

  /** The nodes that count for a scope, nearest first; none for a text that is no scope. */
  #chain(scope: string | Scope): number[] {
    const resolved = this.index.scopes.resolve(scope);
    const chain: number[] = [];
    let node = "fault" in resolved ? NONE : resolved.node;
    for (; node !== NONE; node = this.index.scopes.parent(node)) chain.push(node);
    return chain;
  }
}

function managementGroupScope(id: string): Scope {
  const scope = readScope(`/providers/Microsoft.Management/managementGroups/${id}`);
  // An id with a slash in it would be read as something below the group.
  if (scope.kind !== "management-group") throw new FactsError({ kind: "not-a-management-group" });
  return scope;
}
