/** What a rule answers and the log keeps: puts and deletes of whole rows. */
import type { Entities, EntityKind } from "./entities.ts";

export type Change = {
  [Kind in EntityKind]:
    | { readonly kind: Kind; readonly op: "put"; readonly row: Entities[Kind] }
    | { readonly kind: Kind; readonly op: "delete"; readonly key: string };
}[EntityKind];

export function put<Kind extends EntityKind>(kind: Kind, row: Entities[Kind]): Change {
  return { kind, op: "put", row } as Change;
}

export function remove(kind: EntityKind, key: string): Change {
  return { kind, op: "delete", key } as Change;
}

/** Who made a change: a principal's object id, or the cloud itself at its first start. */
export type Actor = { readonly principalId: string; readonly displayName: string };

export const systemActor: Actor = { principalId: "00000000-0000-0000-0000-000000000000", displayName: "Postern" };

/** One entry of the change log: all changes of one operation, applied together or not at all. */
export type LogEntry = {
  /** 1 for the first; grows by one. */
  readonly revision: number;
  readonly time: string;
  readonly actor: Actor;
  /** Name of the operation that made it, e.g. `Create application`. */
  readonly operation: string;
  readonly changes: readonly Change[];
};
