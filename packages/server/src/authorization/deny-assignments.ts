/**
 * Deny assignments: the rules. Pure: each reads the model and answers with changes, or refuses.
 *
 * On Azure services make them (managed applications, deployment stacks), and since the preview of 2024-07-01 people as well. Here whoever rules
 * at "/" makes them, to see what an app does when one stands in its way. The shape and "everyone but somebody" are Azure's; that a
 * group may be named, and data actions, is what Azure allows its own services.
 * @see https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
 */
import { EVERYONE, parseScope, type Scope } from "@postern/access";
import { type Change, put, remove } from "../state/change.ts";
import type { DenyAssignment, DenyPrincipal, RolePermission } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Guid } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { checkPermissions, type Stamp } from "./custom-roles.ts";

/** Deny assignments of one cloud; ours: each decision that grants looks at those at and above its scope. */
const maxDenyAssignments = 2000;
/** Characters of a name; ours: as of a custom role. */
const maxNameLength = 512;
/** Bytes of a description, in UTF-8; ours: as of a role assignment. */
const maxDescriptionSizeBytes = 2048;
/** Principals of one deny assignment, and as many that are excluded; ours. */
const maxPrincipals = 500;

const objectKind = "denyAssignment";
/** What the principal that stands for everyone is called. */
const everyoneType = "SystemDefined";

export type DenyAssignmentRequest = {
  readonly name: Guid;
  /** Its text is kept as the caller spelled it. */
  readonly scope: Scope;
  readonly denyAssignmentName: string | undefined;
  readonly description: string | null | undefined;
  readonly permissions: readonly RolePermission[] | undefined;
  readonly doNotApplyToChildScopes: boolean | undefined;
  /** Ids in lower case. */
  readonly principals: readonly { readonly id: string; readonly type: string | undefined }[] | undefined;
  readonly excludePrincipals: readonly { readonly id: string; readonly type: string | undefined }[] | undefined;
};

/**
 * Creates a deny assignment, or replaces the one of that name at that scope.
 * @throws Refusal `value-invalid` (denyAssignmentName, description, permissions and what is in them, principals, excludePrincipals),
 * `value-taken` (the name of another; the GUID of one at another scope), `principal-not-found`, `principal-type-mismatch`, `limit-reached`.
 * @see https://learn.microsoft.com/rest/api/authorization/deny-assignments
 */
export function putDenyAssignment(
  model: ReadModel,
  request: DenyAssignmentRequest,
  stamp: Stamp,
): { readonly changes: readonly Change[]; readonly result: DenyAssignment } {
  const { name, scope } = request;
  const denyAssignmentName = checkTexts(model, request);
  const permissions = checkPermissions(objectKind, request.permissions);
  const principals = readPrincipals(model, "principals", request.principals ?? []);
  const excludePrincipals = readPrincipals(model, "excludePrincipals", request.excludePrincipals ?? []);
  if (principals.length === 0) refuse({ kind: "value-invalid", objectKind, property: "principals", why: "required" });
  // Azure asks for it too: a cloud in which nobody can do a thing is a slip of the pen.
  if (excludePrincipals.length === 0 && principals.some(({ id }) => id === EVERYONE)) {
    refuse({ kind: "value-invalid", objectKind, property: "excludePrincipals", why: "required" });
  }
  const existing = model.denyAssignments.get(name);
  if (existing !== undefined && !isAt(existing, scope)) {
    refuse({ kind: "value-taken", objectKind, property: "name", value: name });
  }
  if (existing === undefined && model.denyAssignments.size >= maxDenyAssignments) {
    refuse({ kind: "limit-reached", objectKind, property: "tenant", limit: maxDenyAssignments });
  }
  const deny: DenyAssignment = {
    name,
    scope: existing?.scope ?? scope.text,
    denyAssignmentName,
    description: request.description ?? null,
    permissions,
    doNotApplyToChildScopes: request.doNotApplyToChildScopes ?? false,
    principals,
    excludePrincipals,
    createdOn: existing?.createdOn ?? stamp.now,
    updatedOn: stamp.now,
    createdBy: existing === undefined ? stamp.principalId : existing.createdBy,
    updatedBy: stamp.principalId,
  };
  return { changes: [put(objectKind, deny)], result: deny };
}

/** Deletes the deny assignment of that name at that scope. @returns what was there; undefined, with no changes, when there was none. */
export function deleteDenyAssignment(
  model: ReadModel,
  scope: Scope,
  name: Guid,
): { readonly changes: readonly Change[]; readonly result: DenyAssignment | undefined } {
  const existing = findDenyAssignment(model, scope, name);
  return { changes: existing === undefined ? [] : [remove(objectKind, existing.name)], result: existing };
}

/** The deny assignment of that name made at exactly that scope, or undefined. */
export function findDenyAssignment(model: ReadModel, scope: Scope, name: Guid): DenyAssignment | undefined {
  const deny = model.denyAssignments.get(name);
  return deny !== undefined && isAt(deny, scope) ? deny : undefined;
}

/** A listing's filter; what is undefined does not narrow. */
export type DenyAssignmentListing = {
  readonly scope: Scope;
  /** `atScope()`: at the scope and above only. */
  readonly isAtScopeOnly: boolean;
  /** Compared without case. */
  readonly denyAssignmentName: string | undefined;
  /** Lower case; those that name it, itself. */
  readonly principalId: string | undefined;
};

/** Lists deny assignments at, above and (unless `atScope()`) below the scope. */
export function listDenyAssignments(model: ReadModel, listing: DenyAssignmentListing): DenyAssignment[] {
  const { scope, isAtScopeOnly, denyAssignmentName, principalId } = listing;
  const { access } = model;
  return [...model.denyAssignments.values()].filter(
    (deny) =>
      (access.isScopeAtOrBelow(scope, deny.scope) || (!isAtScopeOnly && access.isScopeAtOrBelow(deny.scope, scope))) &&
      (denyAssignmentName === undefined ||
        deny.denyAssignmentName.toLowerCase() === denyAssignmentName.toLowerCase()) &&
      (principalId === undefined || deny.principals.some(({ id }) => id === principalId)),
  );
}

function isAt(deny: DenyAssignment, scope: Scope): boolean {
  const parsed = parseScope(deny.scope);
  return parsed.isValid && parsed.scope.key === scope.key;
}

function checkTexts(model: ReadModel, { name, denyAssignmentName, description }: DenyAssignmentRequest): string {
  const property = "denyAssignmentName";
  if (denyAssignmentName === undefined || denyAssignmentName.trim() === "") {
    return refuse({ kind: "value-invalid", objectKind, property, why: "required" });
  }
  if (denyAssignmentName.length > maxNameLength) {
    refuse({ kind: "value-invalid", objectKind, property, why: "too-long", limit: maxNameLength });
  }
  if (Buffer.byteLength(description ?? "") > maxDescriptionSizeBytes) {
    const limit = maxDescriptionSizeBytes;
    refuse({ kind: "value-invalid", objectKind, property: "description", why: "too-long", limit });
  }
  const twin = model.denyAssignments.findOne("denyAssignmentName", denyAssignmentName.toLowerCase());
  if (twin !== undefined && twin.name !== name) {
    refuse({ kind: "value-taken", objectKind, property, value: denyAssignmentName });
  }
  return denyAssignmentName;
}

function readPrincipals(
  model: ReadModel,
  property: "principals" | "excludePrincipals",
  given: NonNullable<DenyAssignmentRequest["principals"]>,
): DenyPrincipal[] {
  if (given.length > maxPrincipals) {
    refuse({ kind: "value-invalid", objectKind, property, why: "too-many", limit: maxPrincipals });
  }
  return given.map(({ id, type }) => {
    if (id === EVERYONE) {
      if (property === "principals") return { id, type: everyoneType };
      return refuse({ kind: "value-invalid", objectKind, property, why: "not-allowed", value: id });
    }
    const known = model.principal(id);
    if (known === undefined) return refuse({ kind: "principal-not-found", principalId: id });
    if (type !== undefined && type.toLowerCase() !== known.type.toLowerCase()) {
      refuse({ kind: "principal-type-mismatch", principalId: id, actual: known.type, given: type.slice(0, 64) });
    }
    return { id, type: known.type };
  });
}
