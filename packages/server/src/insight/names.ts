/** What principals are called, for whoever shows an answer to people. */
import type { ReadModel } from "../state/read-model.ts";

export type NamedPrincipal = {
  readonly id: string;
  /** null when the directory does not know it (any more). */
  readonly type: "User" | "Group" | "ServicePrincipal" | null;
  readonly displayName: string | null;
  /** Of service principals. */
  readonly appId: string | null;
};

export function namePrincipal(model: ReadModel, id: string): NamedPrincipal {
  const found = model.principal(id);
  return {
    id,
    type: found?.type ?? null,
    displayName: found?.row.displayName ?? null,
    appId: found?.type === "ServicePrincipal" ? found.row.appId : null,
  };
}

/** The names of every principal that an answer speaks of. */
export function namePrincipals(model: ReadModel, ids: Iterable<string>): NamedPrincipal[] {
  return [...new Set(ids)].map((id) => namePrincipal(model, id));
}
