/** Lists in pages: `value`, and a `nextLink` that goes on after the last key seen, so that what comes or goes meanwhile moves nothing. */
import type { Exchange } from "../wire/exchange.ts";
import { refuseArm } from "./fault.ts";
import type { ArmQuery } from "./query.ts";

/** Items of one page; Azure's own lists of groups and resources have up to 1,000. */
export const maxPageSize = 1000;
/** Longest `$skiptoken`, in characters; our choice: a key is a name or a GUID. */
const maxSkipTokenLength = 1024;

export type Page<Row> = { readonly rows: readonly Row[]; readonly nextLink: string | undefined };

/**
 * Takes the page the query asks for.
 * @param rows all rows; sorted here by `keyOf`, in code-unit order.
 * @throws ArmRefusal `query-invalid` for a `$skiptoken` that is not ours.
 */
export function takePage<Row>(
  exchange: Exchange,
  query: ArmQuery,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): Page<Row> {
  const after = readSkipToken(query);
  const size = query.top() ?? maxPageSize;
  const sorted = rows
    .map((row) => ({ row, key: keyOf(row) }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const page = sorted.slice(0, size);
  const hasMore = sorted.length > page.length;
  return { rows: page.map(({ row }) => row), nextLink: hasMore ? linkAfter(exchange, page.at(-1)!.key) : undefined };
}

/** A list's body. */
export function listBody(value: readonly unknown[], nextLink?: string): Record<string, unknown> {
  return nextLink === undefined ? { value } : { value, nextLink };
}

function readSkipToken(query: ArmQuery): string | undefined {
  const token = query.get("$skiptoken");
  if (token === undefined || token === "") return undefined;
  const key = Buffer.from(token, "base64url").toString("utf8");
  const isOurs = token.length <= maxSkipTokenLength && Buffer.from(key, "utf8").toString("base64url") === token;
  return isOurs ? key : refuseArm({ kind: "query-invalid", parameter: "$skiptoken", given: token.slice(0, 64) });
}

function linkAfter(exchange: Exchange, key: string): string {
  const parameters = new URLSearchParams(exchange.query);
  for (const name of [...parameters.keys()]) if (name.toLowerCase() === "$skiptoken") parameters.delete(name);
  parameters.set("$skiptoken", Buffer.from(key, "utf8").toString("base64url"));
  return `${exchange.origin}${exchange.prefix}${exchange.path}?${parameters.toString()}`;
}
