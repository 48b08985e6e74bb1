/**
 * How well a role fits what is needed: what it grants beyond, and whether it is meant for that service at all.
 */
import type { AccessFacts } from "../facts.ts";
import type { RoleDefinition } from "../role-definition.ts";
import type { Need } from "./need.ts";
import type { OperationUniverse } from "./operation-universe.ts";

/**
 * What a role of another service's name is held to grant on top, in operations. Ours: a scanner's role that happens to read blobs is
 * smaller than Storage Blob Data Contributor, and still not what anybody means.
 */
const STRANGER_PENALTY = 40;

/** A role beside the needs it was chosen for. */
export interface RoleFit {
  readonly role: RoleDefinition;
  /** Operations it grants in all, of those that roles speak of. */
  readonly operationsGranted: number;
  /** Those of them that were not asked for. */
  readonly operationsBeyond: number;
  /** `operationsBeyond`, and more for a role that is named for something else. */
  readonly cost: number;
}

/** Says whether a built-in role grants a need without a condition. */
export function isGrantedBy({ index }: AccessFacts, role: RoleDefinition, need: Need): boolean {
  const ruling = index.roles.compiled(index.roles.find(role.id))?.rule(need.operation, need.isDataAction);
  return ruling?.verdict === "granted";
}

/** E.g. `storage` of `Microsoft.Storage/…`. */
export function serviceOf({ operation }: Need): string {
  return operation
    .split("/")[0]!
    .toLowerCase()
    .replace(/^microsoft\./, "");
}

/** Says whether a role is meant for a need: "Storage Blob Data Reader" is of the service storage; a data operation asks for a role that calls itself one of data. */
export function isNamedFor(role: RoleDefinition, need: Need): boolean {
  const name = role.roleName.toLowerCase();
  return name.startsWith(serviceOf(need)) && (!need.isDataAction || /\bdata\b/.test(name));
}

/**
 * Weighs a role against the needs that it covers.
 * @param needs those it covers; at least one.
 */
export function weighRole(universe: OperationUniverse, role: RoleDefinition, needs: readonly Need[]): RoleFit {
  const operationsGranted = universe.sizeOf(role);
  const asked = new Set(
    needs
      .filter(({ operation, isDataAction }) => universe.has(operation, isDataAction))
      .map(({ operation, isDataAction }) => `${isDataAction} ${operation.toLowerCase()}`),
  );
  const operationsBeyond = operationsGranted - asked.size;
  const isMeant = needs.some((need) => isNamedFor(role, need));
  return { role, operationsGranted, operationsBeyond, cost: operationsBeyond + (isMeant ? 0 : STRANGER_PENALTY) };
}
