/** The tables that the facts are kept in, and that decisions read; for this package only. */
import { AssignmentTable } from "./assignment-table.ts";
import { DecisionMemory } from "./decision-memory.ts";
import { DenyAssignmentTable } from "./deny-assignment-table.ts";
import { IdTable } from "./id-table.ts";
import { Membership } from "./membership.ts";
import { RoleTable } from "./role-table.ts";
import { ScopeTree } from "./scope-tree.ts";

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

/** Makes empty tables. */
export function createIndex(): AccessIndex {
  return {
    principals: new IdTable(),
    roles: new RoleTable(),
    scopes: new ScopeTree(),
    members: new Membership(),
    assignments: new AssignmentTable(),
    denials: new DenyAssignmentTable(),
    memory: new DecisionMemory(),
  };
}
