/**
 * Reads a request's query options, every one or none: what is not understood is refused, not left out.
 * Spec: https://learn.microsoft.com/graph/query-parameters
 */
import { type ExpandItem, parseExpand } from "./expand-option.ts";
import { refuseGraph } from "./graph-fault.ts";
import { maxPageSize, maxQueryLength, maxSelectNames } from "./limits.ts";

export type QueryOptions = {
  readonly filter: string | undefined;
  readonly search: string | undefined;
  readonly select: readonly string[] | undefined;
  readonly expand: readonly ExpandItem[] | undefined;
  readonly top: number | undefined;
  readonly orderBy: { readonly name: string; readonly isDescending: boolean } | undefined;
  readonly isCountAsked: boolean;
  readonly skipToken: string | undefined;
  readonly deltaToken: string | undefined;
};

/** Options that Graph has and this cloud has not; each would change the answer, so each is refused. */
const absentOptions = ["$apply", "$compute"];
const knownOptions = [
  "$filter",
  "$search",
  "$select",
  "$expand",
  "$top",
  "$orderby",
  "$count",
  "$skiptoken",
  "$deltatoken",
  "$format",
  "$skip",
];

/**
 * @param query raw, without "?".
 * @throws GraphRefusal `query-malformed`, `query-repeated`, `absent`.
 */
export function parseQuery(query: string): QueryOptions {
  const given = readOptions(query);
  for (const option of absentOptions) {
    if (given.has(option)) refuseGraph({ kind: "absent", what: `the query option '${option}'` });
  }
  if (given.has("$skip"))
    refuseGraph({ kind: "query-malformed", option: "$skip", why: "it is not supported; follow @odata.nextLink" });
  const format = given.get("$format")?.toLowerCase();
  if (format !== undefined && format !== "json" && !format.startsWith("application/json"))
    refuseGraph({ kind: "query-malformed", option: "$format", why: "only JSON is answered" });
  const expand = given.get("$expand");
  return {
    filter: given.get("$filter"),
    search: given.get("$search"),
    select: parseSelect(given.get("$select")),
    expand: expand === undefined ? undefined : parseExpand(expand),
    top: parseTop(given.get("$top")),
    orderBy: parseOrderBy(given.get("$orderby")),
    isCountAsked: parseCount(given.get("$count")),
    skipToken: given.get("$skiptoken"),
    deltaToken: given.get("$deltatoken"),
  };
}

/** Graph's own options by lower-case name with the dollar sign, which clients may leave out; others are ignored, as Graph ignores them. */
function readOptions(query: string): Map<string, string> {
  if (query.length > maxQueryLength)
    refuseGraph({ kind: "query-malformed", option: "query", why: `it is longer than ${maxQueryLength} characters` });
  const given = new Map<string, string>();
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const separator = pair.indexOf("=");
    const name = decode(separator === -1 ? pair : pair.slice(0, separator)).toLowerCase();
    const option = name.startsWith("$") ? name : `$${name}`;
    const isKnown = knownOptions.includes(option) || absentOptions.includes(option);
    if (!isKnown) {
      if (name.startsWith("$")) refuseGraph({ kind: "query-malformed", option: name, why: "there is no such option" });
      continue;
    }
    if (given.has(option)) refuseGraph({ kind: "query-repeated", option });
    given.set(option, separator === -1 ? "" : decode(pair.slice(separator + 1)));
  }
  return given;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return refuseGraph({ kind: "path-malformed" });
  }
}

function parseSelect(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(",").map((name) => name.trim());
  if (names.length > maxSelectNames || names.some((name) => name === ""))
    refuseGraph({ kind: "query-malformed", option: "$select", why: "it is not a list of property names" });
  // `*` is every property; so is no $select at all.
  return names.includes("*") ? undefined : names;
}

function parseTop(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    refuseGraph({ kind: "query-malformed", option: "$top", why: `it is not a number from 1 to ${maxPageSize}` });
  const top = Number(text);
  if (top < 1 || top > maxPageSize) refuseGraph({ kind: "query-page-size", asked: top, most: maxPageSize });
  return top;
}

function parseOrderBy(text: string | undefined): QueryOptions["orderBy"] {
  if (text === undefined) return undefined;
  const [, name, direction] = /^\s*([A-Za-z_][\w/]*)(?:\s+(asc|desc))?\s*$/i.exec(text) ?? [];
  if (name === undefined)
    refuseGraph({ kind: "query-malformed", option: "$orderby", why: "it is not one property name with asc or desc" });
  return { name, isDescending: direction?.toLowerCase() === "desc" };
}

function parseCount(text: string | undefined): boolean {
  const folded = text?.toLowerCase();
  if (folded !== undefined && folded !== "true" && folded !== "false")
    refuseGraph({ kind: "query-malformed", option: "$count", why: "it is neither true nor false" });
  return folded === "true";
}
