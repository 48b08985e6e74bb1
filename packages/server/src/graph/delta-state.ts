/** How far a client's delta has come, as the opaque texts in `@odata.nextLink` and `@odata.deltaLink`; they carry the first request's options. */
import type { SecretKeeper } from "../directory/secrets.ts";
import { refuseGraph } from "./graph-fault.ts";
import { openText, signText } from "./signed-text.ts";

export type DeltaState = {
  /** `list`: reading what there is; `log`: reading what changed. */
  readonly phase: "list" | "log";
  /** Of the change log: what came after it has not been told yet. */
  readonly revision: number;
  /** Key of the last row listed; null before the first. */
  readonly after: string | null;
  /** Last member told of that row, when not all of them were. */
  readonly afterMember: string | null;
  readonly select: readonly string[] | null;
  /** The only objects that are followed; null for all. */
  readonly ids: readonly string[] | null;
};

/** @param set what the state is good for, e.g. `applications`. */
export function sealState(secrets: SecretKeeper, set: string, state: DeltaState): string {
  const { phase, revision, after, afterMember, select, ids } = state;
  return signText(secrets, `deltatoken:${set}`, [phase, revision, after, afterMember, select, ids]);
}

/** @throws GraphRefusal `delta-token-invalid` for a text not made here for this set. */
export function openState(secrets: SecretKeeper, set: string, token: string): DeltaState {
  const opened = openText(secrets, `deltatoken:${set}`, token);
  if (opened === undefined) refuseGraph({ kind: "delta-token-invalid" });
  const [phase, revision, after, afterMember, select, ids] = opened as [
    DeltaState["phase"],
    number,
    string | null,
    string | null,
    readonly string[] | null,
    readonly string[] | null,
  ];
  return { phase, revision, after, afterMember, select, ids };
}
