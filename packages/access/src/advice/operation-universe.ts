/**
 * How much a role grants, as a number: the operations that roles speak of, and how many of them a role includes.
 *
 * Owns the measure by which one role is called smaller than another. What Azure could do is not known here, so it is measured by every
 * operation that some role names; an entry with stars counts as one more operation, with `any` in the stars' places, so that granting a
 * whole service nobody else names is not for nothing. Pure.
 */
import { ActionSet } from "../actions.ts";
import { foldCase } from "../case-folding.ts";
import type { RoleDefinition, RolePermission } from "../role-definition.ts";

type Plane = "control" | "data";

const LISTS = {
  control: { granted: "actions", excluded: "notActions" },
  data: { granted: "dataActions", excluded: "notDataActions" },
} as const satisfies Record<Plane, Record<string, keyof RolePermission>>;

class PlaneOperations {
  /** Sorted, folded. */
  readonly names: readonly string[];
  readonly #places: ReadonlyMap<string, number>;
  /** Entries repeat over hundreds of roles: what each stands for is found once. */
  readonly #matches = new Map<string, readonly number[]>();

  constructor(entries: Iterable<string>) {
    const folded = new Set<string>();
    for (const entry of entries) folded.add(foldCase(entry.trim()).replaceAll("*", "any"));
    this.names = [...folded].sort();
    this.#places = new Map(this.names.map((name, place) => [name, place]));
  }

  has(operation: string): boolean {
    return this.#places.has(foldCase(operation));
  }

  matches(entry: string): readonly number[] {
    const folded = foldCase(entry.trim());
    if (!folded.includes("*")) {
      const place = this.#places.get(folded);
      return place === undefined ? [] : [place];
    }
    let found = this.#matches.get(folded);
    if (found === undefined) {
      const set = new ActionSet([folded]);
      found = this.names.flatMap((name, place) => (set.matches(name) ? [place] : []));
      this.#matches.set(folded, found);
    }
    return found;
  }

  /** Says of every operation whether the permissions grant it: 1 or 0. */
  grantedBy(permissions: readonly RolePermission[], plane: Plane): Uint8Array {
    const granted = new Uint8Array(this.names.length);
    for (const permission of permissions) {
      const excluded = new Set(permission[LISTS[plane].excluded].flatMap((entry) => this.matches(entry)));
      for (const entry of permission[LISTS[plane].granted]) {
        for (const place of this.matches(entry)) if (!excluded.has(place)) granted[place] = 1;
      }
    }
    return granted;
  }
}

function entriesOf(roles: readonly RoleDefinition[], plane: Plane): string[] {
  const { granted, excluded } = LISTS[plane];
  return roles.flatMap(({ permissions }) =>
    permissions.flatMap((permission) => [...permission[granted], ...permission[excluded]]),
  );
}

/** The operations that a set of roles speaks of. Costs some milliseconds to make: keep it. */
export class OperationUniverse {
  readonly #planes: Readonly<Record<Plane, PlaneOperations>>;
  readonly #sizes = new WeakMap<RoleDefinition, number>();

  /** @param roles e.g. the built-in ones. */
  constructor(roles: readonly RoleDefinition[]) {
    this.#planes = {
      control: new PlaneOperations(entriesOf(roles, "control")),
      data: new PlaneOperations(entriesOf(roles, "data")),
    };
  }

  /** Says whether some role names the operation, without stars. */
  has(operation: string, isDataAction: boolean): boolean {
    return this.#planes[isDataAction ? "data" : "control"].has(operation);
  }

  /**
   * Tells the plane of an operation by who names it.
   * @returns true when roles name it among their data actions only.
   */
  isDataAction(operation: string): boolean {
    return this.has(operation, true) && !this.has(operation, false);
  }

  /** Counts the operations of both planes that a role grants, under conditions or without. */
  sizeOf(role: RoleDefinition): number {
    const known = this.#sizes.get(role);
    if (known !== undefined) return known;
    const count = (plane: Plane) =>
      this.#planes[plane].grantedBy(role.permissions, plane).reduce((sum, one) => sum + one, 0);
    const size = count("control") + count("data");
    this.#sizes.set(role, size);
    return size;
  }
}
