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
import { type AccessIndex, createIndex } from "./access-index.ts";
import { type DenyAssignment, readDenyAssignment } from "./deny-assignment-table.ts";
import {
  type Assignment,
  type AssignmentInput,
  checkSize,
  FactsError,
  type GroupPath,
  managementGroupScope,
  readScope,
  requireGuid,
} from "./fact.ts";
import { NONE } from "./int-column.ts";
import { pathTo } from "./membership.ts";
import type { RoleDefinition } from "./role-definition.ts";
import { isAtOrBelow, parseScope, type Scope } from "./scope.ts";
import { type ResolvedScope, TENANT_NODE } from "./scope-tree.ts";

/** The roles, assignments, memberships and scope hierarchy of one tenant, indexed for decisions. */
export class AccessFacts {
  /** @internal The tables, for the other files of this package. */
  readonly index: AccessIndex = createIndex();

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
   * @returns its number, see {@link assignmentNumber}.
   * @throws FactsError `empty-assignment-id`, `not-a-guid`, `invalid-scope`.
   * @see https://learn.microsoft.com/azure/role-based-access-control/role-assignments
   */
  putAssignment({ id, roleDefinitionId, principalId, scope, condition, conditionVersion }: AssignmentInput): number {
    this.index.memory.forgetAll();
    if (id === "") throw new FactsError({ kind: "empty-assignment-id" });
    const { assignments, principals, roles } = this.index;
    // What was named before was read before, and is looked up once: most assignments name known principals and places.
    const knownRole = roles.find(roleDefinitionId);
    if (knownRole === NONE) requireGuid(roleDefinitionId, "roleDefinitionId");
    const knownPrincipal = principals.find(principalId);
    if (knownPrincipal === NONE) requireGuid(principalId, "principalId");
    const place = this.#placeOf(scope);
    return assignments.put(id, {
      role: knownRole === NONE ? roles.intern(roleDefinitionId) : knownRole,
      principal: knownPrincipal === NONE ? principals.intern(principalId) : knownPrincipal,
      scope: place.node,
      condition: typeof condition === "string" ? { text: condition, version: conditionVersion ?? null } : null,
      spelling: place.isSpelledAsNode ? null : typeof scope === "string" ? scope : scope.text,
    });
  }

  /** Deletes a role assignment; says whether there was one. */
  deleteAssignment(id: string): boolean {
    this.index.memory.forgetAll();
    return this.index.assignments.delete(id);
  }

  /** Gives an assignment by its id, or undefined. */
  assignment(id: string): Assignment | undefined {
    return this.assignmentByNumber(this.assignmentNumber(id));
  }

  /**
   * Gives an assignment's number, or -1. Numbers count from 0 without great gaps, so that who keeps more about assignments can do so in columns. A
   * replaced assignment keeps its number; that of a deleted one is given again, to the next one that is added the number given back last.
   */
  assignmentNumber(id: string): number {
    return this.index.assignments.find(id);
  }

  /** Gives the assignment of a number that {@link assignmentNumber} gave; undefined for -1. */
  assignmentByNumber(number: number): Assignment | undefined {
    return number === NONE ? undefined : this.#assignment(number);
  }

  /** Goes through the numbers of all assignments. The facts must not change meanwhile. */
  assignmentNumbers(): IterableIterator<number> {
    return this.index.assignments.rows();
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

  /** Lists the assignments of a role, wherever they are; every assignment there is is looked at. */
  assignmentsOfRole(roleDefinitionId: string): Assignment[] {
    const { assignments, roles } = this.index;
    const role = roles.find(roleDefinitionId);
    return role === NONE ? [] : assignments.rowsOfRole(role).map((row) => this.#assignment(row));
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
  #placeOf(scope: string | Scope): ResolvedScope {
    const { scopes } = this.index;
    const known = typeof scope === "string" ? scopes.remembered(scope) : undefined;
    return known ?? scopes.settle(readScope(scope));
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
