/**
 * Where the next page begins, as an opaque text in `@odata.nextLink`. It names the last row sent, not a number of rows, so rows that come or go
 * between two pages neither repeat nor hide others. It is signed and bound to its query: one that was made up or moved is refused.
 */
import type { SecretKeeper } from "../directory/secrets.ts";
import { refuseGraph } from "./graph-fault.ts";
import { openText, signText } from "./signed-text.ts";

/** The last row sent: its key, and its value in the order that was asked for. */
export type PageMark = { readonly key: string; readonly sortValue: string | null };

/** @param query what the token is good for: path, filter and order. */
export function makeSkipToken(secrets: SecretKeeper, query: string, mark: PageMark): string {
  return signText(secrets, `skiptoken:${query}`, [mark.key, mark.sortValue]);
}

/** @throws GraphRefusal `skip-token-invalid` for a token not made here for this query. */
export function readSkipToken(secrets: SecretKeeper, query: string, token: string): PageMark {
  const opened = openText(secrets, `skiptoken:${query}`, token);
  if (opened === undefined) refuseGraph({ kind: "skip-token-invalid" });
  const [key, sortValue] = opened as [string, string | null];
  return { key, sortValue };
}
