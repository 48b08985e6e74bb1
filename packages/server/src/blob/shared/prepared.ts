/** Statements that a connection parses and plans once. There are as many as the code has texts of them: some dozens. */
import type { QueryConfig } from "pg";

const names = new Map<string, string>();

/** A statement with its values, under a name that is its text's alone: PostgreSQL takes no more than 63 bytes of one. */
export function prepared(text: string, values: unknown[]): QueryConfig {
  let name = names.get(text);
  if (name === undefined) {
    name = `postern_${names.size}`;
    names.set(text, name);
  }
  return { name, text, values };
}
