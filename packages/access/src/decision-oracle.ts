/**
 * The decision once more, in another shape, for tests: plain lists, all of them filtered for every question, scopes compared by splitting their text. Slow and
 * obvious. Owns: a small world of people, groups, roles and scopes, and what changes in it.
 */
import type { Ask, DenialReason } from "./decision.ts";
import { type DenyAssignment, EVERYONE } from "./deny-assignment-table.ts";
import type { Assignment } from "./fact.ts";
import type { RolePermission } from "./role-definition.ts";

const guid = (number: number) => `${number.toString(16).padStart(8, "0")}-aaaa-4000-8000-00000000000f`;
export const PEOPLE = [1, 2, 3].map(guid);
export const GROUPS = [11, 12, 13, 14].map(guid);
export const ROLES = [21, 22, 23, 24].map(guid);
export const DENIALS = [41, 42, 43].map(guid);
export const SUBSCRIPTIONS = [31, 32].map(guid);
export const MANAGEMENT_GROUPS = ["root", "mid", "Leaf", "other"];
const MANAGEMENT = "/providers/Microsoft.Management/managementGroups/";
export const OPERATIONS = ["A.B/read", "A.B/c/write", "A.B/c/delete", "a.b/C/READ", "A.C/read"];
export const ENTRIES = ["*", "A.B/*", "*/read", "A.B/c/write", "a.b/*/DELETE", "A.C/read "];
/** What conditions say. */
export const EQUALS = "@Resource[x] StringEquals 'y'";
export const DIFFERS = "!(@Resource[X] StringEquals 'y')";
export const UNREADABLE = "@Resource[x] StringEquals";

export const SCOPES = [
  "/",
  ...MANAGEMENT_GROUPS.map((id) => MANAGEMENT + id),
  `${MANAGEMENT}ROOT/providers/A.P/policies/p`,
  ...SUBSCRIPTIONS.flatMap((id) => {
    const account = `/subscriptions/${id}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/acct`;
    return [
      `/subscriptions/${id}`,
      `/SUBSCRIPTIONS/${id.toUpperCase()}`,
      `/subscriptions/${id}/resourceGroups/rg1`,
      `/subscriptions/${id}/resourcegroups/RG1`,
      `/subscriptions/${id}/resourceGroups/rg10`,
      `/subscriptions/${id}/providers/A.P/things/t`,
      account,
      account.toUpperCase(),
      `${account}/blobServices/default/containers/logs`,
      `${account}/blobServices/default/Containers/LOGS`,
      `${account}/providers/A.L/locks/lock`,
    ];
  }),
];

export interface Model {
  readonly assignments: Map<string, Assignment>;
  readonly denials: Map<string, DenyAssignment>;
  readonly members: Set<string>;
  readonly roles: Map<string, readonly RolePermission[]>;
  readonly groupParents: Map<string, string | null>;
  readonly subscriptionGroups: Map<string, string | null>;
}

export type Change =
  | { kind: "assign"; id: string; principal: string; role: string; scope: string; condition: string | null }
  | { kind: "unassign"; id: string }
  | ({ kind: "deny" } & DenyAssignment)
  | { kind: "undeny"; id: string }
  | { kind: "join" | "leave"; group: string; member: string }
  | { kind: "define"; role: string; permissions: RolePermission[] }
  | { kind: "undefine"; role: string }
  | { kind: "put-group"; group: number; parent: number | null }
  | { kind: "put-subscription"; subscription: string; group: string | null };

// The oracle.

export function holdersOf(model: Model, principal: string): Set<string> {
  const holders = new Set([principal]);
  for (let size = 0; size !== holders.size; ) {
    size = holders.size;
    for (const pair of model.members) {
      const [group, member] = pair.split(">");
      if (holders.has(member!)) holders.add(group!);
    }
  }
  return holders;
}

function split(scope: string): string[] {
  const parts = scope.split("/").slice(1).filter(Boolean);
  return parts.map((part, i) =>
    i % 2 === 1 && parts[i - 1]!.toLowerCase() === "containers" ? part : part.toLowerCase(),
  );
}

export function isAbove(model: Model, upper: string, lower: string): boolean {
  const above = split(upper);
  const below = split(lower);
  if (above.every((part, i) => below[i] === part)) return true;
  if (above[2] !== "managementgroups" || above.length !== 4) return false;
  const isGroup = below[2] === "managementgroups";
  let at = isGroup ? model.groupParents.get(below[3]!) : model.subscriptionGroups.get(below[1] ?? "");
  while (at) {
    if (at === above[3]) return true;
    at = model.groupParents.get(at);
  }
  return false;
}

function isListed(entries: readonly string[], operation: string): boolean {
  return entries.some((entry) =>
    new RegExp(`^${entry.trim().replaceAll(".", "\\.").replaceAll("*", ".*")}$`, "i").test(operation),
  );
}

export function oracleVerdict(
  model: Model,
  assignment: Assignment,
  { operation, isDataAction, attributes }: Ask,
): DenialReason | "granted" {
  const permissions = model.roles.get(assignment.roleDefinitionId) ?? [];
  const control = permissions.filter((each) => isListed(each.actions, operation));
  const controlLeft = control.filter((each) => !isListed(each.notActions, operation));
  const data = permissions.filter((each) => isListed(each.dataActions, operation));
  const dataLeft = data.filter((each) => !isListed(each.notDataActions, operation));
  const [listed, left] = isDataAction ? [data, dataLeft] : [control, controlLeft];
  const x = attributes?.resource?.x;
  const holds = (condition: string | null | undefined) =>
    condition == null || (condition === EQUALS && x === "y") || (condition === DIFFERS && x !== undefined && x !== "y");
  if (left.some((each) => holds(each.condition)) && holds(assignment.condition)) return "granted";
  if (left.length > 0) {
    const byRole = left.map((each) => each.condition ?? null);
    const failed = byRole.some(holds) ? [assignment.condition] : byRole;
    return failed.every((each) => each === UNREADABLE) ? "condition-not-evaluable" : "condition-false";
  }
  if (listed.length > 0) return "excluded-by-not-actions";
  return isDataAction && controlLeft.length > 0 ? "data-action-not-granted" : "operation-not-in-role";
}

export function isOverruledBy(
  model: Model,
  deny: DenyAssignment,
  holders: Set<string>,
  { operation, isDataAction, scope }: Ask & { scope: string },
) {
  const isHere =
    isAbove(model, deny.scope, scope) &&
    (!deny.doesSpareChildScopes || split(deny.scope).join("/") === split(scope).join("/"));
  const isNamed = deny.principalIds.some((id) => id === EVERYONE || holders.has(id));
  const isSpared = deny.excludedPrincipalIds.some((id) => holders.has(id));
  const isDenied = deny.permissions.some((each) =>
    isDataAction
      ? isListed(each.dataActions, operation) && !isListed(each.notDataActions, operation)
      : isListed(each.actions, operation) && !isListed(each.notActions, operation),
  );
  return isHere && isNamed && !isSpared && isDenied;
}
