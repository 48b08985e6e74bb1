/**
 * Reads `$expand`: names of relationships, each with a `$select` of its own at most. What the directory does not have (levels below the
 * first, filters within) is refused here, which is also what keeps one request from asking for the whole directory.
 * @see https://learn.microsoft.com/graph/query-parameters#expand-parameter
 */
import { refuseGraph } from "./graph-fault.ts";
import { maxExpandItems, maxSelectNames } from "./limits.ts";

export type ExpandItem = { readonly name: string; readonly select: readonly string[] | undefined };

const itemPattern = /\s*([A-Za-z]\w*)\s*(?:\(([^()]*)\))?\s*(?:,|$)/y;
const selectPattern = /^\s*\$select\s*=\s*([A-Za-z@*][\w.@]*(?:\s*,\s*[A-Za-z@*][\w.@]*)*)\s*$/i;

/** @throws GraphRefusal `query-malformed` for text that is no such list, too long a one, or a name that is there twice. */
export function parseExpand(text: string): readonly ExpandItem[] {
  const items: ExpandItem[] = [];
  itemPattern.lastIndex = 0;
  do {
    const [, name, options] = itemPattern.exec(text) ?? [];
    if (name === undefined)
      refuseGraph({
        kind: "query-malformed",
        option: "$expand",
        why: "it is not a list of relationships, each with a $select at most",
      });
    if (items.some((item) => item.name.toLowerCase() === name.toLowerCase()))
      refuseGraph({ kind: "query-malformed", option: "$expand", why: "a relationship is named twice" });
    items.push({ name, select: options === undefined ? undefined : parseOptions(options) });
    if (items.length > maxExpandItems)
      refuseGraph({
        kind: "query-malformed",
        option: "$expand",
        why: `it names more than ${maxExpandItems} relationships`,
      });
  } while (itemPattern.lastIndex < text.length);
  return items;
}

function parseOptions(options: string): readonly string[] | undefined {
  const names = selectPattern
    .exec(options)?.[1]
    ?.split(",")
    .map((name) => name.trim());
  if (names === undefined || names.length > maxSelectNames)
    refuseGraph({ kind: "query-malformed", option: "$expand", why: "within a relationship only $select is supported" });
  return names.includes("*") ? undefined : names;
}
