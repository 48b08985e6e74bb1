/**
 * Needs: what somebody has to be able to do, and where.
 *
 * Owns telling needs apart, and where a role must stand so that it is there before what the app makes itself.
 */
import { foldCase } from "../case-folding.ts";
import { parseScope, type Scope } from "../scope.ts";

/** One operation at one place. */
export interface Need {
  readonly operation: string;
  readonly isDataAction: boolean;
  /** A scope's text. */
  readonly scope: string;
}

/** Segment of resource ids that names the only one there can be, and where nobody assigns roles. */
const SINGLETON = "default";

/** Gives each need once; those whose scope cannot be read are left out. */
export function distinctNeeds(needs: Iterable<Need>): Need[] {
  const found = new Map<string, Need>();
  for (const need of needs) {
    const parsed = parseScope(need.scope);
    if (!parsed.isValid) continue;
    const key = `${need.isDataAction} ${foldCase(need.operation)} ${parsed.scope.key}`;
    if (!found.has(key)) found.set(key, need);
  }
  return [...found.values()];
}

/** E.g. `microsoft.storage/storageaccounts/blobservices/containers` of a container's scope; null of what is no resource. */
function resourceTypeOf(scope: Scope): string | null {
  const at = scope.foldedSteps.findLastIndex((step) => step.startsWith("providers/"));
  if (scope.kind !== "resource" || at < 0) return null;
  const types = scope.foldedSteps.slice(at + 1).map((step) => step.slice(0, step.indexOf("/")));
  return [scope.foldedSteps[at]!.slice("providers/".length), ...types].join("/");
}

/**
 * The nearest place above a scope that a role is usually given at: not a bare namespace, and no `default` service of an account.
 * @returns a scope's text, or null for the tenant.
 */
export function placeAbove(scope: Scope): string | null {
  for (let count = scope.steps.length - 1; count > 0; count -= 1) {
    const step = scope.foldedSteps[count - 1]!;
    if (step.startsWith("providers/microsoft.management")) return `/${scope.steps.slice(0, count).join("/")}`;
    if (step.startsWith("providers/") || step.endsWith(`/${SINGLETON}`)) continue;
    return `/${scope.steps.slice(0, count).join("/")}`;
  }
  return null;
}

/**
 * Moves needs up from what the app makes itself: who writes a container (its type's `/write`) has to hold the role before the container
 * is there, so that need and all others in the container are moved to the storage account.
 * @returns the needs, each once.
 */
export function liftCreated(needs: readonly Need[]): Need[] {
  const moves = new Map<string, string>();
  for (const { operation, scope } of needs) {
    const parsed = parseScope(scope);
    if (!parsed.isValid) continue;
    const isMade = foldCase(operation) === `${resourceTypeOf(parsed.scope)}/write`;
    const above = isMade ? placeAbove(parsed.scope) : null;
    if (above !== null) moves.set(parsed.scope.key, above);
  }
  const lifted = needs.map((need) => {
    const parsed = parseScope(need.scope);
    if (!parsed.isValid) return need;
    const { key } = parsed.scope;
    // The highest of the places that were made and that this one is in.
    const made = [...moves.keys()].filter((root) => key === root || key.startsWith(`${root}/`));
    const highest = made.sort((a, b) => a.length - b.length)[0];
    return highest === undefined ? need : { ...need, scope: moves.get(highest)! };
  });
  return distinctNeeds(lifted);
}
