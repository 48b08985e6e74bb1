/**
 * Where the next page begins, as an opaque text in `@odata.nextLink`. It names the last row sent, not a number of rows, so rows that come or go
 * between two pages neither repeat nor hide others. It is signed and bound to its query: one that was made up or moved is refused.
 */
import { timingSafeEqual } from "node:crypto";
import type { SecretKeeper } from "../directory/secrets.ts";
import { refuseGraph } from "./graph-fault.ts";
import { maxSkipTokenLength } from "./limits.ts";

/** The last row sent: its key, and its value in the order that was asked for. */
export type PageMark = { readonly key: string; readonly sortValue: string | null };

/** Keeps these signatures apart from the hashes of client secrets, which the same key makes: no secret has a colon in it. */
const purpose = "graph:skiptoken:";

/** @param query what the token is good for: path, filter and order. */
export function makeSkipToken(secrets: SecretKeeper, query: string, mark: PageMark): string {
  const payload = Buffer.from(JSON.stringify([mark.key, mark.sortValue])).toString("base64url");
  return `${payload}.${sign(secrets, query, payload)}`;
}

/** @throws GraphRefusal `skip-token-invalid` for a token not made here for this query. */
export function readSkipToken(secrets: SecretKeeper, query: string, token: string): PageMark {
  const [payload = "", signature = "", ...rest] = token.split(".");
  const expected = Buffer.from(sign(secrets, query, payload));
  const given = Buffer.from(signature);
  const isGenuine =
    token.length <= maxSkipTokenLength &&
    rest.length === 0 &&
    given.length === expected.length &&
    timingSafeEqual(given, expected);
  if (!isGenuine) refuseGraph({ kind: "skip-token-invalid" });
  const [key, sortValue] = JSON.parse(Buffer.from(payload, "base64url").toString()) as [string, string | null];
  return { key, sortValue };
}

function sign(secrets: SecretKeeper, query: string, payload: string): string {
  return secrets.hash(`${purpose}${payload}:${query}`);
}
