/** Which page an address means. Pure. */

export type Params = Readonly<Record<string, string>>;

/**
 * Matches a path against a pattern like `/portal/resource-groups/:subscriptionId/:name`; a last segment `:name*` takes the rest, slashes and all.
 * @returns the parameters, percent-decoded, or undefined when it does not match or cannot be decoded.
 */
export function matchPath(pattern: string, path: string): Params | undefined {
  const wanted = split(pattern);
  const given = split(path);
  const params: Record<string, string> = {};
  const last = wanted.at(-1);
  const isOpen = last?.endsWith("*") === true;
  if (isOpen ? given.length < wanted.length : given.length !== wanted.length) return undefined;
  for (const [index, part] of wanted.entries()) {
    const isRest = isOpen && index === wanted.length - 1;
    const text = isRest ? given.slice(index).join("/") : given[index]!;
    if (!part.startsWith(":")) {
      if (part !== text) return undefined;
      continue;
    }
    const decoded = decode(text);
    if (decoded === undefined) return undefined;
    params[part.slice(1).replace(/\*$/, "")] = decoded;
  }
  return params;
}

function split(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
