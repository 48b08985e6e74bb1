/**
 * Role definitions: what a role grants.
 *
 * Owns the shape of a role definition, as Resource Manager shows it, and the check of one operation against it.
 * Actions (control plane) and dataActions are two worlds: neither list is ever consulted for the other's operations.
 * @see https://learn.microsoft.com/azure/role-based-access-control/role-definitions
 */
import { ActionSet } from "./actions.ts";
import { foldCase } from "./case-folding.ts";

/** One permission object of a role. Its exclusions cut its own grants only, never those of the role's other objects. */
export interface RolePermission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
  /** An ABAC condition on this permission; absent or null for none. */
  readonly condition?: string | null;
  readonly conditionVersion?: string | null;
}

/** A role definition, built-in or custom. */
export interface RoleDefinition {
  /** The GUID that names the definition in every scope. */
  readonly id: string;
  readonly roleName: string;
  readonly description: string;
  readonly permissions: readonly RolePermission[];
  readonly assignableScopes: readonly string[];
}

/**
 * What a role says to one operation, best first:
 * `granted`: some permission object grants it unconditionally;
 * `conditional`: only objects with a condition grant it;
 * `excluded`: listed, and cut by the same object's notActions or notDataActions;
 * `control-plane-only`: a data operation whose name only `actions` would match (Owner and blobs);
 * `absent`: not listed.
 */
export type RoleVerdict = "granted" | "conditional" | "excluded" | "control-plane-only" | "absent";

/** Verdicts remembered per role and plane. Ours: a surface asks some hundred operations in all. */
const MAX_REMEMBERED_VERDICTS = 256;

interface CompiledPermission {
  readonly control: { readonly granted: ActionSet; readonly excluded: ActionSet };
  readonly data: { readonly granted: ActionSet; readonly excluded: ActionSet };
  readonly hasCondition: boolean;
}

function compilePermission(permission: RolePermission): CompiledPermission {
  return {
    control: { granted: new ActionSet(permission.actions), excluded: new ActionSet(permission.notActions) },
    data: { granted: new ActionSet(permission.dataActions), excluded: new ActionSet(permission.notDataActions) },
    hasCondition: typeof permission.condition === "string",
  };
}

/** A role made ready for many checks. */
export class CompiledRole {
  readonly #permissions: readonly CompiledPermission[];
  readonly #controlVerdicts = new Map<string, RoleVerdict>();
  readonly #dataVerdicts = new Map<string, RoleVerdict>();

  /** @param permissions the role's permission objects. */
  constructor(permissions: readonly RolePermission[]) {
    this.#permissions = permissions.map(compilePermission);
  }

  /**
   * Says what the role grants of one operation.
   * @param operation compared without case; has no stars.
   * @param isDataAction true for the data plane.
   * @see https://learn.microsoft.com/azure/role-based-access-control/role-definitions#notactions
   */
  verdict(operation: string, isDataAction: boolean): RoleVerdict {
    const remembered = isDataAction ? this.#dataVerdicts : this.#controlVerdicts;
    const known = remembered.get(operation);
    if (known !== undefined) return known;
    const verdict = this.#judge(foldCase(operation), isDataAction);
    if (remembered.size >= MAX_REMEMBERED_VERDICTS) remembered.clear();
    remembered.set(operation, verdict);
    return verdict;
  }

  #judge(folded: string, isDataAction: boolean): RoleVerdict {
    const verdict = this.#judgePlane(folded, isDataAction ? "data" : "control");
    if (verdict !== "absent" || !isDataAction) return verdict;
    const twin = this.#judgePlane(folded, "control");
    return twin === "granted" || twin === "conditional" ? "control-plane-only" : "absent";
  }

  #judgePlane(folded: string, plane: "control" | "data"): RoleVerdict {
    let best: RoleVerdict = "absent";
    for (const permission of this.#permissions) {
      const { granted, excluded } = permission[plane];
      if (!granted.matches(folded)) continue;
      if (excluded.matches(folded)) {
        if (best === "absent") best = "excluded";
      } else if (permission.hasCondition) best = "conditional";
      else return "granted";
    }
    return best;
  }
}

/**
 * Decides what one role's permissions say to an operation.
 * @param permissions the role's permission objects.
 * @param operation e.g. `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read`; compared without case.
 * @param isDataAction true to look in dataActions and notDataActions, false in actions and notActions.
 * @returns a {@link RoleVerdict}; only `granted` opens anything by itself.
 * @see https://learn.microsoft.com/azure/role-based-access-control/role-definitions#notdataactions
 */
export function checkRole(
  permissions: readonly RolePermission[],
  operation: string,
  isDataAction: boolean,
): RoleVerdict {
  return new CompiledRole(permissions).verdict(operation, isDataAction);
}
