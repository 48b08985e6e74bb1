/**
 * What became of role assignments: read from the change log, which is the audit trail.
 *
 * May use: the state's shapes; the log is handed in. Only the time asked about is read: where it begins is found by halving. A deletion in the log names
 * the assignment only; one that was written before the time asked about is looked for backwards.
 * @see https://learn.microsoft.com/azure/role-based-access-control/change-history-report
 */
import type { Actor, LogEntry } from "../state/change.ts";
import type { RoleAssignment } from "../state/entities.ts";

/** Entries of the log read at a time; ours. */
const entriesPerRead = 1000;

/** Reads the change log; the model says how long it is. */
export type LogReader = {
  readonly model: { readonly revision: number };
  readLog(afterRevision: number, limit: number): Promise<LogEntry[]>;
};

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

type Found = Omit<AssignmentEvent, "assignment"> & { assignment: RoleAssignment | undefined; readonly key: string };

/**
 * Lists writes and deletions of role assignments, oldest first.
 * @param from ISO 8601, as `to`; both inclusive.
 */
export async function readAssignmentHistory(store: LogReader, from: string, to: string): Promise<AssignmentEvent[]> {
  const rows = new Map<string, RoleAssignment>();
  const found: Found[] = [];
  const start = await findStart(store, from);
  for (let after = start; ; ) {
    const entries = await store.readLog(after, entriesPerRead);
    for (const { revision, time, actor, changes } of entries) {
      after = revision;
      if (time > to) return complete(store, start, found);
      changes.forEach((change, place) => {
        if (change.kind !== "roleAssignment") return;
        const key = change.op === "put" ? change.row.name : change.key;
        const assignment = change.op === "put" ? change.row : rows.get(key);
        if (change.op === "put") rows.set(key, change.row);
        else rows.delete(key);
        const kind = change.op === "put" ? "write" : "delete";
        found.push({ revision, place, time, actor, kind, key, assignment });
      });
    }
    if (entries.length < entriesPerRead) return complete(store, start, found);
  }
}

/** The revision before the first entry at or after a time. */
async function findStart(store: LogReader, from: string): Promise<number> {
  let [low, high] = [0, store.model.revision];
  while (low < high) {
    const middle = (low + high) >> 1;
    const [entry] = await store.readLog(middle, 1);
    if (entry !== undefined && entry.time < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Fills in what was deleted, as it was last written at or before a revision. */
async function complete(store: LogReader, start: number, found: Found[]): Promise<AssignmentEvent[]> {
  const wanted = new Set(found.flatMap(({ assignment, key }) => (assignment === undefined ? [key] : [])));
  const before = new Map<string, RoleAssignment>();
  for (let upper = start; upper > 0 && before.size < wanted.size; ) {
    const lower = Math.max(0, upper - entriesPerRead);
    const entries = await store.readLog(lower, upper - lower);
    for (const change of entries.flatMap(({ changes }) => changes).reverse()) {
      if (change.kind !== "roleAssignment" || change.op !== "put") continue;
      const { name } = change.row;
      if (wanted.has(name) && !before.has(name)) before.set(name, change.row);
    }
    upper = lower;
  }
  return found.flatMap(({ key, ...event }) => {
    const assignment = event.assignment ?? before.get(key);
    return assignment === undefined ? [] : [{ ...event, assignment }];
  });
}
