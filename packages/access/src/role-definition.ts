/**
 * Role definitions: what a role grants.
 *
 * Owns the shape of a role definition, as Resource Manager shows it, and the check of one operation against it.
 * Actions (control plane) and dataActions are two worlds: neither list is ever consulted for the other's operations.
 * @see https://learn.microsoft.com/azure/role-based-access-control/role-definitions
 */
import { ActionSet } from "./actions.ts";
import { foldCase } from "./case-folding.ts";
import { HeldCondition } from "./conditions/held-condition.ts";

/** One permission object of a role. Its exclusions cut its own grants only, never those of the role's other objects. */
export interface RolePermission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
  /** An ABAC condition on this permission; absent or null for none. It does not touch the role's other permissions. */
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
  readonly condition: HeldCondition | null;
}

function compilePermission(permission: RolePermission): CompiledPermission {
  return {
    control: { granted: new ActionSet(permission.actions), excluded: new ActionSet(permission.notActions) },
    data: { granted: new ActionSet(permission.dataActions), excluded: new ActionSet(permission.notDataActions) },
    condition:
      typeof permission.condition === "string"
        ? new HeldCondition(permission.condition, permission.conditionVersion ?? null)
        : null,
  };
}

/** What a role says to one operation, with the conditions under which it grants it when it does so under conditions only. */
export interface RoleRuling {
  readonly verdict: RoleVerdict;
  /** Of the verdict `conditional`: one true one is enough. Empty for the others. */
  readonly conditions: readonly HeldCondition[];
}

const NO_CONDITIONS: readonly HeldCondition[] = Object.freeze([]);
const ABSENT: RoleRuling = { verdict: "absent", conditions: NO_CONDITIONS };
const CONTROL_PLANE_ONLY: RoleRuling = { verdict: "control-plane-only", conditions: NO_CONDITIONS };

/** A role made ready for many checks. */
export class CompiledRole {
  readonly #permissions: readonly CompiledPermission[];
  readonly #controlRulings = new Map<string, RoleRuling>();
  readonly #dataRulings = new Map<string, RoleRuling>();

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
  rule(operation: string, isDataAction: boolean): RoleRuling {
    const remembered = isDataAction ? this.#dataRulings : this.#controlRulings;
    const known = remembered.get(operation);
    if (known !== undefined) return known;
    const ruling = this.#rule(foldCase(operation), isDataAction);
    if (remembered.size >= MAX_REMEMBERED_VERDICTS) remembered.clear();
    remembered.set(operation, ruling);
    return ruling;
  }

  #rule(folded: string, isDataAction: boolean): RoleRuling {
    const ruling = this.#rulePlane(folded, isDataAction ? "data" : "control");
    if (ruling.verdict !== "absent" || !isDataAction) return ruling;
    const twin = this.#rulePlane(folded, "control").verdict;
    return twin === "granted" || twin === "conditional" ? CONTROL_PLANE_ONLY : ABSENT;
  }

  #rulePlane(folded: string, plane: "control" | "data"): RoleRuling {
    const conditions: HeldCondition[] = [];
    let isExcluded = false;
    for (const permission of this.#permissions) {
      const { granted, excluded } = permission[plane];
      if (!granted.matches(folded)) continue;
      if (excluded.matches(folded)) isExcluded = true;
      else if (permission.condition === null) return { verdict: "granted", conditions: NO_CONDITIONS };
      else conditions.push(permission.condition);
    }
    if (conditions.length > 0) return { verdict: "conditional", conditions };
    return isExcluded ? { verdict: "excluded", conditions: NO_CONDITIONS } : ABSENT;
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
  return new CompiledRole(permissions).rule(operation, isDataAction).verdict;
}
