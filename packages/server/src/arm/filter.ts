/**
 * `$filter` as Resource Manager's lists take it: terms joined by `and`; a term is `name eq 'value'`, `name()` or `name('value')`.
 *
 * The whole OData grammar is not there on Azure's side either. What a list does not know is refused, never ignored: a filter that is
 * ignored shows a caller things it did not ask for.
 */
import { refuseArm } from "./fault.ts";

/** Terms of one filter; our choice: clients send at most two. */
const maxTerms = 8;

export type FilterTerm =
  | { readonly kind: "equals"; readonly name: string; readonly value: string }
  | { readonly kind: "call"; readonly name: string; readonly argument: string | undefined };

const termPattern =
  /^\s*(?:([a-z]+)\s*\(\s*(?:'((?:[^']|'')*)')?\s*\)|([a-z]+(?:\/[a-z]+)*)\s+eq\s+(?:'((?:[^']|'')*)'|([a-z0-9\-._/]+)))\s*(?:and\s+|$)/i;

/**
 * Reads a filter into its terms, names in lower case.
 * @throws ArmRefusal `filter-invalid`.
 */
export function parseFilter(text: string | undefined): FilterTerm[] {
  const terms: FilterTerm[] = [];
  let rest = text ?? "";
  while (rest !== "") {
    const match = termPattern.exec(rest);
    if (match === null || terms.length >= maxTerms) return refuseArm({ kind: "filter-invalid", given: text ?? "" });
    const [whole, callName, argument, name, quoted, bare] = match;
    if (callName !== undefined) {
      terms.push({ kind: "call", name: callName.toLowerCase(), argument: argument?.replaceAll("''", "'") });
    } else terms.push({ kind: "equals", name: name!.toLowerCase(), value: quoted?.replaceAll("''", "'") ?? bare! });
    rest = rest.slice(whole.length);
    // An `and` with nothing after it is not a filter.
    if (rest === "" && /\band\s+$/i.test(whole)) return refuseArm({ kind: "filter-invalid", given: text ?? "" });
  }
  return terms;
}

/**
 * Reads a filter that may have these terms only, each at most once.
 * @returns values by lower-case name; a call without an argument has the value "".
 * @throws ArmRefusal `filter-invalid`.
 */
export function readFilter(
  text: string | undefined,
  allowed: { readonly equals?: readonly string[]; readonly calls?: readonly string[] },
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const term of parseFilter(text)) {
    const names = term.kind === "call" ? allowed.calls : allowed.equals;
    const isKnown = names?.some((name) => name.toLowerCase() === term.name) === true;
    if (!isKnown || values.has(term.name)) refuseArm({ kind: "filter-invalid", given: text ?? "" });
    values.set(term.name, term.kind === "call" ? (term.argument ?? "") : term.value);
  }
  return values;
}
