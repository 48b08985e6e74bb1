/** The names of principals, asked for once each. */
import { useEffect, useState } from "react";
import { namePrincipals, type Principal } from "../../api/access.ts";

const known = new Map<string, Principal>();
const asked = new Set<string>();

/** @returns what is known by now; more comes as it is answered. Who may not be seen stays an id. */
export function useNames(ids: readonly string[]): ReadonlyMap<string, Principal> {
  const [, setRound] = useState(0);
  const missing = [...new Set(ids)].filter((id) => id !== "" && !asked.has(id));
  const key = missing.join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew when other names are missing
  useEffect(() => {
    if (key === "") return;
    for (const id of missing) asked.add(id);
    namePrincipals(missing).then(
      (found) => {
        for (const [id, principal] of found) known.set(id, principal);
        setRound((round) => round + 1);
      },
      () => {
        for (const id of missing) asked.delete(id);
      },
    );
  }, [key]);
  return known;
}
