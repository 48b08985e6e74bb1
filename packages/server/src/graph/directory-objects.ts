/** Operations on directory objects of whatever kind. @see https://learn.microsoft.com/graph/api/resources/directoryobject */
import type { DirectoryAction } from "../directory/permissions.ts";
import { refuse } from "../state/fault.ts";
import { type PrincipalId, parseGuid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerValue, refuseCollectionOptions, renderTyped } from "./answers.ts";
import { removeApplication } from "./applications.ts";
import { refuseGraph } from "./graph-fault.ts";
import { removeGroup } from "./groups.ts";
import { JsonMembers } from "./json-members.ts";
import { maxGetByIds } from "./limits.ts";
import { memberGroupOperations } from "./member-groups.ts";
import { idOf, type ObjectKind, typedObject, typedObjects } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";
import { removeServicePrincipal } from "./service-principals.ts";
import { removeUser } from "./users.ts";

/** Answers the objects that exist, in no promised order; ids of nothing are left out. @see https://learn.microsoft.com/graph/api/directoryobject-getbyids */
function getByIds(call: GraphCall): Reply {
  const members = new JsonMembers(call.body, "DirectoryObject");
  const given = members.texts("ids") ?? members.refuse("ids");
  const types = (members.texts("types") ?? []).map((type) => type.toLowerCase());
  members.finish({ readOnly: [], absent: [] });
  if (given.length > maxGetByIds) members.refuse("ids");
  const ids = given.map((id) => parseGuid(id) ?? refuseGraph({ kind: "identifier-invalid", id }));
  const isEveryType = types.length === 0 || types.includes("directoryobject");
  const found = typedObjects(call, [...new Set(ids)]).filter(
    (object) => isEveryType || types.includes(object.typeName.toLowerCase()),
  );
  const value = found.map((object) => renderTyped(object, call.options.select));
  return answerValue(call, "directoryObjects", { value });
}

function getObject(call: GraphCall): Reply {
  refuseCollectionOptions(call);
  const id = idOf(call, "object");
  const object = typedObject(call, id) ?? refuse({ kind: "object-not-found", objectKind: "user", id });
  return answerValue(call, "directoryObjects/$entity", renderTyped(object, call.options.select));
}

function principalIdOf(call: GraphCall): PrincipalId {
  const id = idOf(call, "object");
  return call.cloud.model.principal(id)?.row.id ?? refuse({ kind: "object-not-found", objectKind: "user", id });
}

/** How each kind is deleted by its own collection: the same right, the same owner's say, the same handler. */
const deletions: Readonly<Record<ObjectKind, Deletion>> = {
  application: { action: "manage-application", isOwnersToo: true, handle: removeApplication },
  servicePrincipal: { action: "manage-application", isOwnersToo: true, handle: removeServicePrincipal },
  group: { action: "manage-group", isOwnersToo: true, handle: removeGroup },
  user: { action: "manage-users", isOwnersToo: false, handle: removeUser },
};

type Deletion = {
  readonly action: DirectoryAction;
  readonly isOwnersToo: boolean;
  readonly handle: (call: GraphCall) => Promise<Reply>;
};

/** @returns undefined for an id of nothing that can be deleted. */
function kindOf({ cloud: { model }, keys }: Pick<GraphCall, "cloud" | "keys">): ObjectKind | undefined {
  const { text, property } = keys.object!;
  const id = text.toLowerCase();
  if (property !== undefined) return undefined;
  if (model.applications.has(id)) return "application";
  if (model.servicePrincipals.has(id)) return "servicePrincipal";
  if (model.groups.has(id)) return "group";
  return model.users.has(id) ? "user" : undefined;
}

async function deleteObject(call: GraphCall): Promise<Reply> {
  const id = idOf(call, "object");
  const kind = kindOf(call);
  if (kind !== undefined) return deletions[kind].handle({ ...call, keys: { [kind]: call.keys.object! } });
  // A directory role is an object, too, and nobody's to delete.
  if (typedObject(call, id) !== undefined) refuseGraph({ kind: "denied" });
  return refuse({ kind: "object-not-found", objectKind: "user", id });
}

export const directoryObjectOperations: readonly GraphOperation[] = [
  operation({
    operation: "directoryObject: getByIds",
    method: "POST",
    match: "/directoryObjects/getByIds",
    action: "read-objects",
    doc: "directoryobject-getbyids",
    sampleBody: { ids: [] },
    handle: getByIds,
  }),
  operation({
    operation: "Get directoryObject",
    method: "GET",
    match: "/directoryObjects/{object}",
    action: "read-objects",
    doc: "directoryobject-get",
    handle: getObject,
  }),
  operation({
    operation: "Delete directoryObject",
    method: "DELETE",
    match: "/directoryObjects/{object}",
    action: "delete-object",
    actionFor: (call) => {
      const kind = kindOf(call);
      return kind === undefined ? "delete-object" : deletions[kind].action;
    },
    target: (call) => {
      const kind = kindOf(call);
      return kind !== undefined && deletions[kind].isOwnersToo ? call.keys.object!.text.toLowerCase() : undefined;
    },
    doc: "directoryobject-delete",
    handle: deleteObject,
  }),
  ...memberGroupOperations({
    match: "/directoryObjects/{object}",
    of: "directoryObject",
    action: "read-objects",
    idOf: principalIdOf,
  }),
];
