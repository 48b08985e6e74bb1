/**
 * Learns from what was used: the fewest, narrowest built-in roles and scopes that cover it, or one custom role.
 *
 * Owns what is cheap: an assignment costs something, so do operations beyond what was used and a scope wider than what was used. The search
 * itself is set-cover.ts.
 */
import type { AccessFacts } from "../facts.ts";
import type { RoleDefinition, RolePermission } from "../role-definition.ts";
import { isAtOrBelow, parents, parseScope, type Scope } from "../scope.ts";
import { distinctNeeds, type Need, placeAbove } from "./need.ts";
import type { OperationUniverse } from "./operation-universe.ts";
import { isGrantedBy, isNamedFor, serviceOf, weighRole } from "./role-fit.ts";
import { findCover } from "./set-cover.ts";

/** What an assignment is held to cost, in operations granted beyond what was used: one role of eight more operations before two roles. Ours. */
const ASSIGNMENT_COST = 8;
/** The same, for each step that the scope stands above the lowest place used. Ours: two containers are given each its own, three the account. */
const STEP_COST = 8;
/** Most needs looked at. Ours: an app has some dozens. */
export const MAX_NEEDS = 128;
/** Most scopes tried, the places used first. Ours: as many as needs, and those above them. */
const MAX_SCOPES = 160;

/** One assignment to make. */
export interface LearnedAssignment {
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly scope: string;
  /** The needs that it covers. */
  readonly covers: readonly Need[];
  readonly operationsGranted: number;
  readonly operationsBeyond: number;
}

/** What was learned. */
export interface RoleCover {
  readonly assignments: readonly LearnedAssignment[];
  /** What no built-in role grants, and what came after {@link MAX_NEEDS}. */
  readonly uncovered: readonly Need[];
  /** True when no cheaper choice exists; false when there were too many for that. */
  readonly isProved: boolean;
}

interface Place {
  readonly scope: Scope;
  /** Needs at or below it, by their number, and how many steps each is below. */
  readonly needs: ReadonlyMap<number, number>;
}

/** The places used, and those above two or more of them, but never the tenant. */
function listPlaces(facts: AccessFacts, scopes: readonly Scope[]): Place[] {
  const candidates = new Map<string, Scope>();
  for (const scope of scopes) candidates.set(scope.key, scope);
  const shared = new Map<string, { scope: Scope; count: number }>();
  for (const scope of [...candidates.values()]) {
    for (const key of parents(scope)) {
      const parsed = parseScope(key);
      if (!parsed.isValid || parsed.scope.kind === "tenant" || parsed.scope.kind === "provider") continue;
      // Spelled as it was used; the key is lower case.
      const text = `/${scope.steps.slice(0, parsed.scope.steps.length).join("/")}`;
      const spelled = parseScope(text);
      const known = shared.get(key);
      if (known !== undefined) known.count += 1;
      else if (spelled.isValid && isUsualPlace(spelled.scope)) shared.set(key, { scope: spelled.scope, count: 1 });
    }
  }
  for (const [key, { scope, count }] of shared) if (count > 1) candidates.set(key, scope);
  return [...candidates.values()].slice(0, MAX_SCOPES).map((scope) => {
    const needs = new Map<number, number>();
    for (const [number, used] of scopes.entries()) {
      if (!isAtOrBelow(used, scope) && !facts.isScopeAtOrBelow(used, scope)) continue;
      needs.set(number, Math.max(0, used.steps.length - scope.steps.length));
    }
    return { scope, needs };
  });
}

/** Roles are not given at the one `default` service of an account. */
function isUsualPlace(scope: Scope): boolean {
  const below = parseScope(`${scope.text}/x/y`);
  return !below.isValid || placeAbove(below.scope) === scope.text;
}

interface Candidate {
  readonly role: RoleDefinition;
  readonly place: Place;
  readonly covers: readonly number[];
  readonly cost: number;
}

/**
 * Of roles that grant the same of the needs only the cheapest can be chosen anywhere: the smallest, and for each service and plane the
 * smallest that is named for it.
 */
function listRoles(
  facts: AccessFacts,
  universe: OperationUniverse,
  needs: readonly Need[],
): { readonly role: RoleDefinition; readonly granted: readonly boolean[] }[] {
  const services = new Map(needs.map((need) => [`${serviceOf(need)} ${need.isDataAction}`, need]));
  const cheapest = new Map<string, { role: RoleDefinition; granted: readonly boolean[] }>();
  const keep = (key: string, role: RoleDefinition, granted: readonly boolean[]) => {
    const known = cheapest.get(key);
    if (known === undefined || universe.sizeOf(role) < universe.sizeOf(known.role))
      cheapest.set(key, { role, granted });
  };
  for (const role of facts.roles()) {
    if (!facts.isBuiltinRole(role.id)) continue;
    const granted = needs.map((need) => isGrantedBy(facts, role, need));
    if (!granted.includes(true)) continue;
    const signature = granted.map((one) => (one ? "1" : "0")).join("");
    keep(signature, role, granted);
    for (const [service, need] of services) {
      if (isNamedFor(role, need)) keep(`${signature} ${service}`, role, granted);
    }
  }
  return [...new Map([...cheapest.values()].map((one) => [one.role.id, one])).values()];
}

function listCandidates(
  facts: AccessFacts,
  universe: OperationUniverse,
  needs: readonly Need[],
  places: readonly Place[],
): Candidate[] {
  const roles = listRoles(facts, universe, needs);
  const cheapest = new Map<string, Candidate>();
  for (const [number, place] of places.entries()) {
    for (const { role, granted } of roles) {
      const covers = [...place.needs.keys()].filter((need) => granted[need]);
      if (covers.length === 0) continue;
      const stepsAbove = Math.max(...covers.map((need) => place.needs.get(need)!));
      const covered = covers.map((need) => needs[need]!);
      const cost = ASSIGNMENT_COST + weighRole(universe, role, covered).cost + STEP_COST * stepsAbove;
      const key = `${number} ${covers.join()}`;
      const known = cheapest.get(key);
      if (known === undefined || cost < known.cost) cheapest.set(key, { role, place, covers, cost });
    }
  }
  return [...cheapest.values()];
}

/**
 * Chooses built-in roles and scopes that cover what was used.
 * @param used each operation at each place; {@link MAX_NEEDS} of them are looked at.
 * @returns the same for the same input. Together the assignments grant every need but those in `uncovered`.
 * @see https://learn.microsoft.com/azure/role-based-access-control/best-practices#only-grant-the-access-users-need
 */
export function coverNeeds(facts: AccessFacts, universe: OperationUniverse, used: Iterable<Need>): RoleCover {
  const distinct = distinctNeeds(used);
  const needs = distinct.slice(0, MAX_NEEDS);
  const scopes = needs.map(({ scope }) => {
    const parsed = parseScope(scope);
    if (!parsed.isValid) throw new Error("distinctNeeds keeps only scopes that can be read");
    return parsed.scope;
  });
  const candidates = listCandidates(facts, universe, needs, listPlaces(facts, scopes));
  const cover = findCover(candidates, needs.length);
  const assignments = cover.chosen.map((number): LearnedAssignment => {
    const { role, place, covers } = candidates[number]!;
    const covered = covers.map((need) => needs[need]!);
    const { operationsGranted, operationsBeyond } = weighRole(universe, role, covered);
    const { id: roleDefinitionId, roleName } = role;
    return {
      roleDefinitionId,
      roleName,
      scope: place.scope.text,
      covers: covered,
      operationsGranted,
      operationsBeyond,
    };
  });
  const uncovered = [...cover.uncovered.map((number) => needs[number]!), ...distinct.slice(MAX_NEEDS)];
  return { assignments, uncovered, isProved: cover.isProved && distinct.length <= MAX_NEEDS };
}

/** A custom role as `az role definition create` takes it. */
export interface CustomRole {
  readonly Name: string;
  readonly Description: string;
  readonly Actions: readonly string[];
  readonly NotActions: readonly string[];
  readonly DataActions: readonly string[];
  readonly NotDataActions: readonly string[];
  readonly AssignableScopes: readonly string[];
}

/**
 * Writes the custom role that grants exactly what was used.
 * @param assignableScope a subscription or resource group, where the role can be given at or below.
 * @see https://learn.microsoft.com/azure/role-based-access-control/custom-roles
 */
export function customRoleFor(used: Iterable<Need>, name: string, assignableScope: string): CustomRole {
  const operations = (isDataAction: boolean, needs: readonly Need[]) => {
    const found = new Map<string, string>();
    for (const { operation, isDataAction: isData } of needs) {
      if (isData === isDataAction) found.set(operation.toLowerCase(), operation);
    }
    return [...found.values()].sort();
  };
  const needs = distinctNeeds(used);
  const permission: RolePermission = {
    actions: operations(false, needs),
    notActions: [],
    dataActions: operations(true, needs),
    notDataActions: [],
  };
  return {
    Name: name,
    Description: "What one program was seen to use, and nothing else.",
    Actions: permission.actions,
    NotActions: permission.notActions,
    DataActions: permission.dataActions,
    NotDataActions: permission.notDataActions,
    AssignableScopes: [assignableScope],
  };
}
