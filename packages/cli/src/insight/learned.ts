/**
 * What was learned of an app, and how it is told. May use: insight-client.ts, wording.ts.
 */
import type { Json } from "../http/service-client.ts";
import type { InsightClient, NamedPrincipal, Need } from "./insight-client.ts";
import { assignmentCommand } from "./wording.ts";

export interface LearnedAssignment {
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly scope: string;
  readonly operationsGranted: number;
  readonly operationsBeyond: number;
}

export interface Learned {
  readonly used: readonly (Need & { readonly allowedCount: number; readonly deniedCount: number })[];
  readonly assignments: readonly LearnedAssignment[];
  readonly uncovered: readonly Need[];
  readonly isProved: boolean;
  readonly customRole: Json;
}

/** @param since ISO 8601. */
export async function fetchLearned(client: InsightClient, principalId: string, since: string, customRoleName: string) {
  return (await client.post("learn", { principalId, since, customRoleName })) as unknown as Learned;
}

function describeNeed({ operation, isDataAction, scope }: Need): string {
  return `  ${isDataAction ? "data  " : "action"} ${operation}\n         at ${scope}`;
}

/** Used, needed, and the commands that give it. */
export function describeLearned(assignee: NamedPrincipal, learned: Learned): string {
  const { used, assignments, uncovered } = learned;
  if (used.length === 0) return "Nothing was used that a role is needed for.\n";
  const lines = [
    `Used: ${used.length} operation${used.length === 1 ? "" : "s"}, by place`,
    ...used.map(describeNeed),
    "",
  ];
  lines.push(
    learned.isProved ? "The fewest, narrowest built-in roles for it:" : "Few and narrow built-in roles for it:",
  );
  for (const { roleName, scope, operationsGranted, operationsBeyond } of assignments) {
    lines.push(
      `  ${roleName} at ${scope}`,
      `         ${operationsGranted} operations, ${operationsBeyond} of them not used`,
    );
  }
  if (uncovered.length > 0) lines.push("No built-in role grants:", ...uncovered.map(describeNeed));
  const commands = assignments.map(({ roleName, scope }) => `  ${assignmentCommand(assignee, roleName, scope)}`);
  lines.push("", "To give them:", ...commands);
  return `${lines.join("\n")}\n`;
}
