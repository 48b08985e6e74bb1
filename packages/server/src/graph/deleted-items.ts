/** Operations on the directory's bin: list, look at, restore and end what was deleted. @see https://learn.microsoft.com/graph/api/resources/directory */
import {
  type DeletableKind,
  findDeleted,
  listDeleted,
  purgeObject,
  restoreObject,
} from "../directory/deleted-object.ts";
import { type DirectoryAction, mayAct } from "../directory/permissions.ts";
import type { DeletedObject } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerCollection, answerValue, noContent, refuseCollectionOptions, rowsOf } from "./answers.ts";
import { applicationType } from "./application-type.ts";
import { change } from "./changes.ts";
import { refuseGraph } from "./graph-fault.ts";
import { groupType } from "./group-type.ts";
import { idOf } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";
import { type Property, type ReadAt, type ResourceType, renderRow, renderTime } from "./resource-type.ts";
import { servicePrincipalType } from "./service-principal-type.ts";
import { userType } from "./user-type.ts";

/** What each kind of object takes to be read, and to be restored or ended. */
const actions: Readonly<Record<DeletableKind, { readonly read: DirectoryAction; readonly manage: DirectoryAction }>> = {
  application: { read: "read-applications", manage: "manage-application" },
  servicePrincipal: { read: "read-applications", manage: "manage-application" },
  user: { read: "read-users", manage: "manage-users" },
  group: { read: "read-groups", manage: "manage-group" },
};

/** A type of the directory as it shows in the bin: the same, with the time it was deleted. */
const types: { readonly [Kind in DeletableKind]: ResourceType<DeletedObject> } = {
  application: inBin(applicationType),
  servicePrincipal: inBin(servicePrincipalType),
  user: inBin(userType),
  group: inBin(groupType),
};

function inBin<Row>(type: ResourceType<Row>): ResourceType<DeletedObject> {
  const rowOf = ({ object }: DeletedObject) => object.row as Row;
  const isTime = ({ name }: Property<Row>) => name === "deletedDateTime";
  const properties: Property<DeletedObject>[] = type.properties.map((property) => ({
    name: property.name,
    read: isTime(property)
      ? (row) => renderTime(row.deletedDateTime, false)
      : (row, at) => property.read(rowOf(row), at),
    ...(property.isSelectedOnly === true && !isTime(property) ? { isSelectedOnly: true } : {}),
  }));
  const filters: Record<string, ResourceType<DeletedObject>["filters"][string]> = {
    deletedDateTime: { kind: "time", read: (row) => renderTime(row.deletedDateTime, false) },
  };
  for (const name of ["id", "appId", "displayName", "userPrincipalName"]) {
    const field = type.filters[name];
    if (field !== undefined)
      filters[name] = {
        ...field,
        read: (row: DeletedObject, at: ReadAt) => field.read(rowOf(row), at),
      } as (typeof filters)[string];
  }
  return {
    name: type.name,
    set: `directoryObjects/microsoft.graph.${type.name}`,
    title: type.title,
    keyOf: (row) => row.id,
    properties,
    filters,
    indexes: {},
    orderBy: [{ name: "deletedDateTime", read: (row) => row.deletedDateTime }],
  };
}

function list(call: GraphCall, kind: DeletableKind): Reply {
  const rows = listDeleted(call.cloud.model, kind, call.cloud.ports.now());
  return answerCollection(call, types[kind], rowsOf(types[kind], rows));
}

/** The object the path names. @throws GraphRefusal `denied` for a kind the caller has no right to; Refusal `object-not-found`. */
function deletedOf(call: GraphCall, right: "read" | "manage"): DeletedObject {
  const id = idOf(call, "object");
  const { model, ports } = call.cloud;
  const row = findDeleted(model, id, ports.now());
  if (row === undefined) return refuse({ kind: "object-not-found", objectKind: "deletedObject", id });
  const may = (action: DirectoryAction) => mayAct(model, call.caller, action, undefined);
  if (!may(actions[row.object.kind][right])) refuseGraph({ kind: "denied" });
  // With a principal its directory roles come back: whoever could not give them may not bring them back.
  const isPrivileged = row.relations.some(({ kind }) => kind === "directoryRoleAssignment");
  if (right === "manage" && isPrivileged && !may("manage-roles")) refuseGraph({ kind: "denied" });
  return row;
}

function renderDeleted(call: GraphCall, row: DeletedObject): Record<string, unknown> {
  const type = types[row.object.kind];
  const rendered = renderRow(type, row, { model: call.cloud.model });
  return { "@odata.type": `#microsoft.graph.${type.name}`, ...rendered };
}

function get(call: GraphCall): Reply {
  refuseCollectionOptions(call);
  return answerValue(call, "directoryObjects/$entity", renderDeleted(call, deletedOf(call, "read")));
}

async function restore(call: GraphCall): Promise<Reply> {
  const { id } = deletedOf(call, "manage");
  const now = call.cloud.ports.now();
  const row = await change(call, "Restore directory object", (model) => restoreObject(model, id, now));
  const back = { ...renderDeleted(call, row), ...(row.object.kind === "user" ? {} : { deletedDateTime: null }) };
  return answerValue(call, "directoryObjects/$entity", back);
}

async function purge(call: GraphCall): Promise<Reply> {
  const { id } = deletedOf(call, "manage");
  const now = call.cloud.ports.now();
  await change(call, "Permanently delete directory object", (model) => purgeObject(model, id, now));
  return noContent;
}

const kinds: readonly DeletableKind[] = ["application", "servicePrincipal", "user", "group"];

export const deletedItemOperations: readonly GraphOperation[] = [
  ...kinds.map((kind) =>
    operation({
      operation: `List deletedItems (${kind})`,
      method: "GET",
      match: `/directory/deletedItems/microsoft.graph.${kind}`,
      action: actions[kind].read,
      isCollection: true,
      doc: "directory-deleteditems-list",
      handle: (call) => list(call, kind),
    }),
  ),
  operation({
    operation: "Get deletedItem",
    method: "GET",
    match: "/directory/deletedItems/{object}",
    action: "read-deleted",
    doc: "directory-deleteditems-get",
    handle: get,
  }),
  operation({
    operation: "Permanently delete directoryObject",
    method: "DELETE",
    match: "/directory/deletedItems/{object}",
    action: "manage-deleted",
    doc: "directory-deleteditems-delete",
    handle: purge,
  }),
  operation({
    operation: "Restore deleted directoryObject",
    method: "POST",
    match: "/directory/deletedItems/{object}/restore",
    action: "manage-deleted",
    doc: "directory-deleteditems-restore",
    handle: restore,
  }),
];
