/** The signed-in person, for pages that ask who they are. */
import { createContext, useContext } from "react";
import type { Person } from "../session/session.ts";

export const PersonContext = createContext<Person | undefined>(undefined);

/** The person; pages are shown to nobody else. */
export function usePerson(): Person {
  return useContext(PersonContext)!;
}
