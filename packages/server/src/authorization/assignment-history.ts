/**
 * What became of role assignments: read from the change log, which is the audit trail.
 *
 * May use: the state's shapes; the log is handed in. A deletion in the log names the assignment only, so its last row is remembered on the way.
 * @see https://learn.microsoft.com/azure/role-based-access-control/change-history-report
 */
import type { Actor, LogEntry } from "../state/change.ts";
import type { RoleAssignment } from "../state/entities.ts";

/** Entries of the log read at a time; ours. */
const entriesPerRead = 1000;

/** Reads the change log. */
export type LogReader = { readLog(afterRevision: number, limit: number): Promise<LogEntry[]> };

export type AssignmentEvent = {
  readonly revision: number;
  /** Which change of its entry it is, from 0. */
  readonly place: number;
  readonly time: string;
  readonly actor: Actor;
  readonly kind: "write" | "delete";
  /** As it was written, or as it was when it was deleted. */
  readonly assignment: RoleAssignment;
};

/**
 * Lists writes and deletions of role assignments, oldest first.
 * @param from ISO 8601, as `to`; both inclusive.
 */
export async function readAssignmentHistory(store: LogReader, from: string, to: string): Promise<AssignmentEvent[]> {
  const rows = new Map<string, RoleAssignment>();
  const events: AssignmentEvent[] = [];
  for (let after = 0; ; ) {
    const entries = await store.readLog(after, entriesPerRead);
    for (const { revision, time, actor, changes } of entries) {
      after = revision;
      if (time > to) return events;
      changes.forEach((change, place) => {
        if (change.kind !== "roleAssignment") return;
        const assignment = change.op === "put" ? change.row : rows.get(change.key);
        if (change.op === "put") rows.set(change.row.name, change.row);
        else rows.delete(change.key);
        if (assignment === undefined || time < from) return;
        events.push({ revision, place, time, actor, kind: change.op === "put" ? "write" : "delete", assignment });
      });
    }
    if (entries.length < entriesPerRead) return events;
  }
}
