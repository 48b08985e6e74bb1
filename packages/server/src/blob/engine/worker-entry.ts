import { findWorkerEntry as findEntry } from "../../worker-entry.ts";

/** Where the entry of a thread of this room is. */
export function findWorkerEntry(name: string): URL {
  return findEntry(`blob/engine/${name}`);
}
