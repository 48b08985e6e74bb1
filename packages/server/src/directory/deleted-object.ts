/**
 * The directory's bin: what happens when an object is deleted, how it comes back, and when it goes for good. Pure.
 *
 * A deleted object is no principal of anything and signs nobody in; for 30 days it can be restored with its relations. An object older than
 * that counts as gone wherever it is looked for, and its row goes when the next object is thrown away.
 * Owns: `deletedObject` rows. Spec: https://learn.microsoft.com/graph/api/resources/directory
 */
import { type Change, put, remove } from "../state/change.ts";
import type { DeletedObject, DeletedRelation, Entities } from "../state/entities.ts";
import { keyOf } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { ReadModel } from "../state/read-model.ts";
import { checkIdentifierUris } from "./application-uris.ts";
import { keepGlobalAdministrator } from "./directory-role.ts";
import { deletedObjectLifetimeDays } from "./limits.ts";
import { relationsOf, removeTraces } from "./traces.ts";
import { checkQuota, type Outcome } from "./values.ts";

export type DeletableKind = DeletedObject["object"]["kind"];

const dayMs = 24 * 60 * 60 * 1000;

/**
 * The changes that move an object from the directory to its bin, and empty the bin of what has been there too long.
 * @throws Refusal `value-invalid` for the last Global Administrator.
 */
export function throwAway(model: ReadModel, object: DeletedObject["object"], now: Date): Change[] {
  const { id } = object.row;
  keepGlobalAdministrator(model, id);
  const row: DeletedObject = {
    id,
    deletedDateTime: now.toISOString(),
    object,
    relations: relationsOf(model, id),
  };
  const expired = [...model.deletedObjects.values()].filter((old) => isExpired(old, now));
  return [
    remove(object.kind, id),
    ...removeTraces(model, id),
    put("deletedObject", row),
    ...expired.map((old) => remove("deletedObject", old.id)),
  ];
}

/** A deleted object that can still be restored. */
export function findDeleted(model: ReadModel, id: string, now: Date): DeletedObject | undefined {
  const row = model.deletedObjects.get(id);
  return row === undefined || isExpired(row, now) ? undefined : row;
}

/** All of a kind that can still be restored. */
export function listDeleted(model: ReadModel, kind: DeletableKind, now: Date): DeletedObject[] {
  return model.deletedObjects.find("kind", kind).filter((row) => !isExpired(row, now));
}

/**
 * Brings an object back, with every relation whose other end is there. An application comes back without its service principal, which is
 * restored (or made anew) by itself.
 * @throws Refusal `object-not-found`; `value-taken` when somebody else has its name by now; `reference-not-found` for a service principal
 * whose application is gone; `limit-reached`.
 * @see https://learn.microsoft.com/graph/api/directory-deleteditems-restore
 */
export function restoreObject(model: ReadModel, id: string, now: Date): Outcome<DeletedObject> {
  const row = existingDeleted(model, id, now);
  checkQuota(model, row.object.kind);
  checkStillFree(model, row);
  const relations = row.relations.filter((relation) => isWhole(model, relation, id));
  const changes: Change[] = [
    remove("deletedObject", id),
    put(row.object.kind, row.object.row as never),
    ...relations.map((relation) => put(relation.kind, relation.row as never)),
  ];
  return { changes, result: row };
}

/** Ends an object for good. @throws Refusal `object-not-found`. @see https://learn.microsoft.com/graph/api/directory-deleteditems-delete */
export function purgeObject(model: ReadModel, id: string, now: Date): Outcome<DeletedObject> {
  const row = existingDeleted(model, id, now);
  return { changes: [remove("deletedObject", id)], result: row };
}

function existingDeleted(model: ReadModel, id: string, now: Date): DeletedObject {
  return (
    findDeleted(model, id, now) ??
    refuse({ kind: "object-not-found", objectKind: "deletedObject", id: id.slice(0, 64) })
  );
}

function isExpired({ deletedDateTime }: DeletedObject, now: Date): boolean {
  return now.getTime() - Date.parse(deletedDateTime) >= deletedObjectLifetimeDays * dayMs;
}

/** Names that others may have taken while the object was away. */
function checkStillFree(model: ReadModel, { object }: DeletedObject): void {
  switch (object.kind) {
    case "application":
      checkIdentifierUris(model, object.row);
      return;
    case "user": {
      const name = object.row.userPrincipalName;
      if (model.users.findOne("userPrincipalName", name.toLowerCase()) !== undefined)
        refuse({ kind: "value-taken", objectKind: "user", property: "userPrincipalName", value: name });
      return;
    }
    case "servicePrincipal": {
      const { appId } = object.row;
      if (model.servicePrincipals.findOne("appId", appId) !== undefined)
        refuse({
          kind: "value-taken",
          objectKind: "servicePrincipal",
          property: "servicePrincipalNames",
          value: appId,
        });
      if (model.applications.findOne("appId", appId) === undefined)
        refuse({ kind: "reference-not-found", objectKind: "application", property: "appId", id: appId });
      return;
    }
    case "group":
      return;
  }
}

/** Whether everything a relation names is in the directory, the restored object counted in. */
function isWhole(model: ReadModel, relation: DeletedRelation, restoredId: string): boolean {
  if (relation.kind === "federatedIdentityCredential") return relation.row.parentId === restoredId;
  const isThere = (id: string | null) =>
    id === null || id === restoredId || model.applications.has(id) || model.principal(id) !== undefined;
  return endsOf(relation).every(isThere) && !isTaken(model, relation);
}

function endsOf({ kind, row }: DeletedRelation): readonly (string | null)[] {
  switch (kind) {
    case "groupMember":
      return [row.groupId, row.memberId];
    case "owner":
      return [row.ownedId, row.ownerId];
    case "directoryRoleAssignment":
      return [row.principalId];
    case "oauth2PermissionGrant":
      return [row.clientId, row.resourceId, row.principalId];
    case "appRoleAssignment":
      return [row.principalId, row.resourceId];
    case "federatedIdentityCredential":
      return [row.parentId];
  }
}

/** A row of the same key, made while the object was away, stays as it is. */
function isTaken(model: ReadModel, { kind, row }: DeletedRelation): boolean {
  const key = (keyOf[kind] as (row: Entities[typeof kind]) => string)(row);
  return kind === "groupMember" ? model.groupMembers.has(key) : kind === "owner" ? model.owners.has(key) : false;
}
