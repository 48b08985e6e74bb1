/**
 * Decisions in sentences, and the command that mends a denial. Pure. The reasons are the access package's; their words are ours.
 */
import type { Explained, MendingRole, NamedPrincipal, NearMiss, Need } from "./insight-client.ts";

const reasons: Readonly<Record<string, string>> = {
  "no-assignment": "it holds no role at all, neither itself nor by a group",
  "other-scope": "it holds no role here or above, only elsewhere",
  "operation-not-in-role": "no role that it holds here includes the operation",
  "data-action-not-granted":
    "the roles that it holds here are for managing resources, and this is an operation on data, which roles include apart",
  "excluded-by-not-actions": "the role that it holds here takes this operation out again",
  "condition-not-evaluable": "its role here stands under a condition that cannot be read, and so grants nothing",
  "condition-false": "its role here stands under a condition, which is not met",
  "deny-assignment": "a deny assignment overrules the role that it holds here",
  "invalid-ask": "the question itself cannot be read",
};

const misses: Readonly<Record<string, string>> = {
  "role-not-found": "the role is not defined any more",
  "operation-not-in-role": "does not include the operation",
  "data-action-not-granted": "includes it for managing resources only, not for data",
  "excluded-by-not-actions": "takes the operation out again",
  "condition-not-evaluable": "its condition cannot be read",
  "condition-false": "its condition is not met",
  "other-scope": "includes the operation, but is given at another place",
};

/** What a principal is called, with the id that commands take. */
function describePrincipal({ id, displayName, appId }: NamedPrincipal): string {
  return displayName === null ? id : `${displayName} (${appId ?? id})`;
}

function describeWay(via: readonly string[], named: ReadonlyMap<string, NamedPrincipal>): string {
  if (via.length === 0) return "";
  return `, by group ${via.map((id) => named.get(id)?.displayName ?? id).join(" in group ")}`;
}

function describeMiss(miss: NearMiss, named: ReadonlyMap<string, NamedPrincipal>): string {
  const clause = miss.condition?.clause?.text;
  const more = clause === undefined ? "" : `: ${clause}`;
  const why = misses[miss.missing] ?? miss.missing;
  return `  ${miss.roleName ?? "a deleted role"} at ${miss.scope}${describeWay(miss.via, named)}: ${why}${more}`;
}

/** One word of a POSIX shell's command line. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command that makes an assignment; az and postern take the same. */
export function assignmentCommand(assignee: NamedPrincipal, roleName: string, scope: string): string {
  const words = ["--assignee", assignee.appId ?? assignee.id, "--role", roleName, "--scope", scope];
  return `az role assignment create ${words.map(quoteWord).join(" ")}`;
}

function describeMending(principal: NamedPrincipal, mending: readonly MendingRole[]): string[] {
  const [best, ...others] = mending;
  if (best === undefined) return [];
  const scope = best.scopes[0] ?? "/";
  const count = `${best.operationsGranted} operation${best.operationsGranted === 1 ? "" : "s"}`;
  const lines = [
    "",
    `The smallest built-in role that would mend it: ${best.roleName} (${count}, ${best.operationsBeyond} beyond this one).`,
    `  ${assignmentCommand(principal, best.roleName, scope)}`,
  ];
  if (best.scopes.length > 1) lines.push(`It could also stand at: ${best.scopes.slice(1).join(", ")}`);
  if (others.length > 0) {
    const described = others.map(({ roleName, operationsBeyond }) => `${roleName} (${operationsBeyond} beyond)`);
    lines.push(`Others: ${described.join(", ")}`);
  }
  return lines;
}

/** A decision in words: yes or no, why, what came nearest, and what would mend it. */
export function describeExplained(need: Need, { principal, principals, decision, mending }: Explained): string {
  const named = new Map(principals.map((one) => [one.id, one]));
  const kind = need.isDataAction ? "data action" : "action";
  const what = `${describePrincipal(principal)}: ${kind} ${need.operation} at ${need.scope}`;
  if (decision.isAllowed) {
    const way = describeWay(decision.via, named);
    return `Allowed. ${what}\nBy the role ${decision.roleName} at ${decision.scope}${way}.\n`;
  }
  const lines = [`Denied. ${what}`, `Why: ${reasons[decision.reason] ?? decision.reason}.`];
  if (decision.overruled !== undefined) {
    lines.push(`  ${decision.overruled.denyAssignmentName} at ${decision.overruled.scope}`);
  }
  if (decision.nearest.length > 0) {
    lines.push("Nearest:", ...decision.nearest.map((miss) => describeMiss(miss, named)));
  }
  return `${[...lines, ...describeMending(principal, mending)].join("\n")}\n`;
}
