/**
 * What one assignment, which applies at the place in question, says to one operation.
 *
 * This is where conditions belong: until they are evaluated, an assignment or a permission that carries one grants nothing.
 */
import type { Missing } from "./decision.ts";
import type { AccessIndex } from "./facts.ts";

/**
 * Judges one assignment, without regard to its scope.
 * @param index the tables.
 * @param row the assignment.
 * @param operation the operation asked for.
 * @param isDataAction its plane.
 * @returns `granted`, or what is missing.
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-overview
 */
export function judge(
  { assignments, roles }: AccessIndex,
  row: number,
  operation: string,
  isDataAction: boolean,
): "granted" | Missing {
  const role = roles.compiled(assignments.role(row));
  if (role === undefined) return "role-not-found";
  const verdict = role.verdict(operation, isDataAction);
  switch (verdict) {
    case "granted":
      // The assignment's own condition would be evaluated here, and the permission's below.
      return assignments.hasCondition(row) ? "condition-not-evaluated" : "granted";
    case "conditional":
      return "condition-not-evaluated";
    case "excluded":
      return "excluded-by-not-actions";
    case "control-plane-only":
      return "data-action-not-granted";
    case "absent":
      return "operation-not-in-role";
  }
}
