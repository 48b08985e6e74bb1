/**
 * Matching Resource Manager's paths by segments.
 *
 * A template is literal segments and `{name}` holes; a leading `{scope}` stands for a scope of any length, none included (the tenant).
 * Literals are compared without case: clients write both `resourcegroups` and `resourceGroups`.
 */
import { foldCase } from "@postern/access";
import { refuseArm } from "./fault.ts";

/** Longest path looked at, in characters; our choice: scopes end at 2,048. */
const maxPathLength = 4096;

export type PathParams = Readonly<Record<string, string>>;

export type Template = {
  readonly text: string;
  readonly hasScope: boolean;
  /** What follows `{scope}`, or all of it. */
  readonly segments: readonly { readonly hole: string | null; readonly literal: string }[];
};

export function compileTemplate(text: string): Template {
  const parts = text.split("/").filter((part) => part !== "");
  const hasScope = parts[0] === "{scope}";
  const segments = (hasScope ? parts.slice(1) : parts).map((part) =>
    part.startsWith("{") ? { hole: part.slice(1, -1), literal: "" } : { hole: null, literal: foldCase(part) },
  );
  return { text, hasScope, segments };
}

/**
 * Cuts a raw path into decoded segments; double slashes and one at the end do not count.
 * @throws ArmRefusal `path-malformed` for bad percent-encoding, dot segments, control characters, and anything that decodes to a slash:
 * what could be read in two ways is read in none.
 */
export function splitPath(rawPath: string): string[] {
  if (rawPath.length > maxPathLength) refuseArm({ kind: "path-malformed" });
  return rawPath
    .split("/")
    .filter((segment) => segment !== "")
    .map((segment) => {
      const decoded = decode(segment);
      if (decoded === "." || decoded === ".." || /[/\\?#%\p{Cc}]/u.test(decoded)) refuseArm({ kind: "path-malformed" });
      return decoded;
    });
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return refuseArm({ kind: "path-malformed" });
  }
}

/**
 * Matches a path against a template.
 * @returns the holes' values as the caller spelled them (`scope` as a path that starts with a slash), or undefined.
 */
export function matchPath(template: Template, path: readonly string[]): PathParams | undefined {
  const { segments, hasScope } = template;
  const start = path.length - segments.length;
  if (hasScope ? start < 0 : start !== 0) return undefined;
  const params: Record<string, string> = hasScope ? { scope: `/${path.slice(0, start).join("/")}` } : {};
  for (const [index, { hole, literal }] of segments.entries()) {
    const segment = path[start + index]!;
    if (hole !== null) params[hole] = segment;
    else if (foldCase(segment) !== literal) return undefined;
  }
  return params;
}
