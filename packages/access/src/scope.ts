/**
 * Scopes: where a role assignment applies and where an operation takes place.
 *
 * Owns reading a scope's text and comparing two scopes by their segments. Uses only the case folding. It knows the
 * hierarchy that the text itself shows; which management group a subscription is in is a fact (see scope-tree.ts).
 *
 * A scope is a path of steps, and each step is a place a role can be assigned at:
 *
 *     /                                                                        the tenant
 *     /providers/Microsoft.Management/managementGroups/{id}                    one step
 *     /subscriptions/{guid}                                                    one step
 *     /subscriptions/{guid}/resourceGroups/{name}                              two
 *     …/providers/{namespace}/{type}/{name}/{type}/{name}                      one for the namespace, one for each pair
 *     …/{type}/{name}/providers/{namespace}/{type}/{name}                      an extension resource: the same again
 *
 * Comparing steps, never characters, is what keeps rg1 from being a parent of rg10.
 * @see https://learn.microsoft.com/azure/role-based-access-control/scope-overview
 */
import { foldCase } from "./case-folding.ts";

/** Longest scope read, in UTF-16 units. Ours: the deepest real resource ids stay under 1,000. */
export const MAX_SCOPE_LENGTH = 2048;
/** Most segments of a scope. Ours: an extension resource of a resource nested five deep has 18. */
export const MAX_SCOPE_SEGMENTS = 48;

/** What a scope is, by its last step; `provider` is a bare namespace such as `/providers/Microsoft.Capacity`. */
export type ScopeKind = "tenant" | "management-group" | "subscription" | "resource-group" | "provider" | "resource";

/** Why a text is not a scope. */
export interface ScopeFault {
  readonly kind:
    | "too-long"
    | "too-deep"
    | "not-absolute"
    | "forbidden-character"
    | "empty-segment"
    | "dot-segment"
    | "incomplete"
    | "unknown-shape"
    | "subscription-not-guid";
}

/** A scope that was read. Two scopes are the same place exactly when their `key` is equal. */
export interface Scope {
  readonly kind: ScopeKind;
  /** As it was written. */
  readonly text: string;
  /** The canonical form, used for comparison only. */
  readonly key: string;
  /** The steps as written, each without slashes at its ends. */
  readonly steps: readonly string[];
  /** The steps in canonical form. */
  readonly foldedSteps: readonly string[];
  /** Lower case; null above and beside subscriptions. */
  readonly subscriptionId: string | null;
  /** As written; null when the scope is not in a resource group. */
  readonly resourceGroupName: string | null;
  /** As written; null when the scope is not at or under a management group's own path. */
  readonly managementGroupId: string | null;
}

/** A scope, or why there is none. */
export type ScopeResult =
  | { readonly isValid: true; readonly scope: Scope }
  | { readonly isValid: false; readonly fault: ScopeFault };

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Characters that can change how a path is read; Resource Manager refuses them in names. */
const FORBIDDEN_CHARACTERS = "%?#\\";
/** Types whose names keep their case: storage and Cosmos DB containers are told apart by it. */
const CASE_SENSITIVE_TYPE = "containers";

/**
 * Says whether a text is a GUID in its 36-character form, in either case.
 * @param text any string.
 */
export function isGuid(text: string): boolean {
  return GUID.test(text);
}

function hasForbiddenCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
    if (isControl || FORBIDDEN_CHARACTERS.includes(text.charAt(i))) return true;
  }
  return !text.isWellFormed();
}

function foldStep(type: string, name: string): string {
  const foldedType = foldCase(type);
  return `${foldedType}/${foldedType === CASE_SENSITIVE_TYPE ? name : foldCase(name)}`;
}

function fault(kind: ScopeFault["kind"]): ScopeResult {
  return { isValid: false, fault: { kind } };
}

const TENANT: ScopeResult = {
  isValid: true,
  scope: {
    kind: "tenant",
    text: "/",
    key: "/",
    steps: [],
    foldedSteps: [],
    subscriptionId: null,
    resourceGroupName: null,
    managementGroupId: null,
  },
};

/**
 * Reads a scope.
 * @param text e.g. `/subscriptions/{guid}/resourceGroups/rg1`, decoded (a percent sign is a fault), without a trailing slash.
 * @returns the scope, or a {@link ScopeFault}; nothing is repaired.
 * @see https://learn.microsoft.com/azure/role-based-access-control/scope-overview#scope-format
 */
export function parseScope(text: string): ScopeResult {
  if (text.length > MAX_SCOPE_LENGTH) return fault("too-long");
  if (!text.startsWith("/")) return fault("not-absolute");
  if (text === "/") return TENANT;
  if (hasForbiddenCharacter(text)) return fault("forbidden-character");
  const segments = text.slice(1).split("/");
  if (segments.length > MAX_SCOPE_SEGMENTS) return fault("too-deep");
  if (segments.includes("")) return fault("empty-segment");
  if (segments.includes(".") || segments.includes("..")) return fault("dot-segment");
  if (segments.length % 2 !== 0) return fault("incomplete");
  return readSegments(text, segments);
}

function readSegments(text: string, segments: readonly string[]): ScopeResult {
  const steps: string[] = [];
  const foldedSteps: string[] = [];
  let kind: ScopeKind = "tenant";
  let subscriptionId: string | null = null;
  let resourceGroupName: string | null = null;
  let managementGroupId: string | null = null;
  let next = 0;
  if (isManagementGroup(segments)) {
    steps.push(segments.slice(0, 4).join("/"));
    foldedSteps.push(foldCase(steps[0]!));
    managementGroupId = segments[3]!;
    kind = "management-group";
    next = 4;
  }
  for (; next < segments.length; next += 2) {
    const type = segments[next]!;
    const name = segments[next + 1]!;
    const following = kindAfter(kind, foldCase(type));
    if (following === null) return fault("unknown-shape");
    kind = following;
    if (kind === "subscription") {
      if (!isGuid(name)) return fault("subscription-not-guid");
      subscriptionId = name.toLowerCase();
    } else if (kind === "resource-group") resourceGroupName = name;
    steps.push(`${type}/${name}`);
    foldedSteps.push(foldStep(type, name));
  }
  const key = `/${foldedSteps.join("/")}`;
  return {
    isValid: true,
    scope: { kind, text, key, steps, foldedSteps, subscriptionId, resourceGroupName, managementGroupId },
  };
}

function isManagementGroup(segments: readonly string[]): boolean {
  return (
    segments.length >= 4 &&
    foldCase(segments.slice(0, 3).join("/")) === "providers/microsoft.management/managementgroups"
  );
}

/** The kind of the step that a `type/name` pair makes after a step of the given kind; null where Azure has none. */
function kindAfter(kind: ScopeKind, foldedType: string): ScopeKind | null {
  if (foldedType === "providers") return "provider";
  if (kind === "provider" || kind === "resource") return "resource";
  if (kind === "tenant" && foldedType === "subscriptions") return "subscription";
  if (kind === "subscription" && foldedType === "resourcegroups") return "resource-group";
  return null;
}

/**
 * Gives the canonical form of a scope's text: equal for two texts exactly when they name the same place.
 * @param text a scope as {@link parseScope} reads it.
 * @returns the key, or null when the text is not a scope.
 */
export function scopeKey(text: string): string | null {
  const result = parseScope(text);
  return result.isValid ? result.scope.key : null;
}

/**
 * Says whether a scope is another one or lies under it, by the text alone (the tenant is above everything;
 * management groups are not seen above subscriptions: ask {@link AccessFacts} for that).
 * @param scope the lower scope.
 * @param ancestor the upper scope.
 */
export function isAtOrBelow(scope: Scope, ancestor: Scope): boolean {
  return ancestor.foldedSteps.every((step, i) => scope.foldedSteps[i] === step);
}

/**
 * Lists the keys of the scopes above a scope, nearest first, the tenant `/` last, by the text alone.
 * @param scope a scope that was read.
 * @returns keys as in {@link Scope.key}; empty for the tenant.
 */
export function parents(scope: Scope): string[] {
  const keys: string[] = [];
  for (let count = scope.foldedSteps.length - 1; count >= 0; count -= 1) {
    keys.push(`/${scope.foldedSteps.slice(0, count).join("/")}`);
  }
  return keys;
}
