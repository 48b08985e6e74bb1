/** Operations on directory objects of whatever kind. @see https://learn.microsoft.com/graph/api/resources/directoryobject */
import { refuse } from "../state/fault.ts";
import { type PrincipalId, parseGuid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerValue, refuseCollectionOptions, renderTyped } from "./answers.ts";
import { refuseGraph } from "./graph-fault.ts";
import { JsonMembers } from "./json-members.ts";
import { maxGetByIds } from "./limits.ts";
import { memberGroupOperations } from "./member-groups.ts";
import { idOf, typedObject, typedObjects } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";

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
  ...memberGroupOperations({
    match: "/directoryObjects/{object}",
    of: "directoryObject",
    action: "read-objects",
    idOf: principalIdOf,
  }),
];
