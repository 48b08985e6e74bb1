/** The tables that the facts are kept in, and that decisions read; for this package only. */
import { AssignmentTable } from "./assignment-table.ts";
import { DecisionMemory } from "./decision-memory.ts";
import { DenyAssignmentTable } from "./deny-assignment-table.ts";
import { IdTable } from "./id-table.ts";
import { IntRecords } from "./int-column.ts";
import { IntLists } from "./int-lists.ts";
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

/** A principal's record: its GUID, then where its groups and its assignments are listed. All of it is in one line of the processor's cache. */
const PRINCIPAL_SIZE = 8;
const GROUPS_AT = 4;
const HELD_AT = 6;

/** Makes empty tables. */
export function createIndex(): AccessIndex {
  const principals = new IntRecords(PRINCIPAL_SIZE);
  return {
    principals: new IdTable(principals),
    roles: new RoleTable(),
    scopes: new ScopeTree(),
    members: new Membership(new IntLists(1, principals, GROUPS_AT)),
    assignments: new AssignmentTable(new IntLists(3, principals, HELD_AT)),
    denials: new DenyAssignmentTable(),
    memory: new DecisionMemory(),
  };
}
