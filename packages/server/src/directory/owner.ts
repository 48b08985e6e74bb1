/**
 * Who owns applications, service principals and groups: an owner manages the object without any directory role. Pure.
 *
 * Owns: `owner` rows. Spec: https://learn.microsoft.com/graph/api/application-post-owners
 */
import { put, remove } from "../state/change.ts";
import type { EntityKind, Owner } from "../state/entities.ts";
import { keyOf } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { PrincipalId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { maxOwners } from "./limits.ts";
import { existing, type Outcome } from "./values.ts";

/** What can have owners. */
export type OwnedObject = { readonly kind: "application" | "servicePrincipal" | "group"; readonly id: string };

/** @throws Refusal `reference-not-found`: nothing has that id; `value-invalid` `not-allowed`: a group cannot own. */
export function checkOwner(model: ReadModel, objectKind: EntityKind, ownerId: string): void {
  const owner = model.principal(ownerId);
  if (owner === undefined) refuse({ kind: "reference-not-found", objectKind, property: "owners", id: ownerId });
  if (owner.type === "Group") refuse({ kind: "value-invalid", objectKind, property: "owners", why: "not-allowed" });
}

/** @throws Refusal `object-not-found`, `reference-not-found`, `value-invalid`, `already-there`, `limit-reached`. */
export function addOwner(model: ReadModel, owned: OwnedObject, ownerId: string): Outcome<Owner> {
  checkOwned(model, owned);
  checkOwner(model, owned.kind, ownerId);
  const at = { objectKind: owned.kind, property: "owners" } as const;
  const row: Owner = { ownedId: owned.id, ownerId: ownerId as PrincipalId };
  if (model.owners.has(keyOf.owner(row))) refuse({ kind: "already-there", ...at });
  if (model.owners.find("ownedId", owned.id).length >= maxOwners)
    refuse({ kind: "limit-reached", ...at, limit: maxOwners });
  return { changes: [put("owner", row)], result: row };
}

/**
 * Takes an owner away.
 * @throws Refusal `object-not-found`, `reference-not-found`; `last-owner` for a group's last one, which Entra keeps.
 */
export function removeOwner(model: ReadModel, owned: OwnedObject, ownerId: string): Outcome<undefined> {
  checkOwned(model, owned);
  const key = keyOf.owner({ ownedId: owned.id, ownerId: ownerId as PrincipalId });
  if (!model.owners.has(key))
    refuse({ kind: "reference-not-found", objectKind: owned.kind, property: "owners", id: ownerId });
  if (owned.kind === "group" && model.owners.find("ownedId", owned.id).length === 1)
    refuse({ kind: "last-owner", name: owned.id });
  return { changes: [remove("owner", key)], result: undefined };
}

/** Whether the principal owns the object. */
export function isOwner(model: ReadModel, ownedId: string, principalId: PrincipalId): boolean {
  return model.owners.has(keyOf.owner({ ownedId, ownerId: principalId }));
}

function checkOwned(model: ReadModel, { kind, id }: OwnedObject): void {
  if (kind === "application") existing(kind, model.applications.get(id), id);
  else if (kind === "servicePrincipal") existing(kind, model.servicePrincipals.get(id), id);
  else existing(kind, model.groups.get(id), id);
}
