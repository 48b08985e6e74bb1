/** Operations on who reports to whom. @see https://learn.microsoft.com/graph/api/user-list-manager */
import { managerOf, removeManager, setManager } from "../directory/manager.ts";
import type { User } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerObjects, answerValue, noContent, refuseCollectionOptions } from "./answers.ts";
import { change } from "./changes.ts";
import { JsonMembers } from "./json-members.ts";
import { meOf, objectOf, reportIdsOf, typedObjects } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";
import { readReference, sampleReference } from "./references.ts";
import { renderTyped, typedRow } from "./typed-row.ts";
import { userType } from "./user-type.ts";

function getManager(call: GraphCall, user: User): Reply {
  refuseCollectionOptions(call);
  const manager = managerOf(call.cloud.model, user);
  if (manager === undefined) refuse({ kind: "object-not-found", objectKind: "user", id: "manager" });
  const rendered = renderTyped(typedRow(call, userType, manager), call.options.select);
  return answerValue(call, "directoryObjects/$entity", rendered);
}

async function assignManager(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "user");
  const managerId = readReference(new JsonMembers(call.body, "User"));
  await change(call, "Set user manager", (model) => setManager(model, id, managerId));
  return noContent;
}

async function dropManager(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "user");
  await change(call, "Remove user manager", (model) => removeManager(model, id));
  return noContent;
}

function listReports(call: GraphCall, user: User): Reply {
  return answerObjects(call, typedObjects(call, reportIdsOf(call.cloud.model, user.id)));
}

export const managerOperations: readonly GraphOperation[] = [
  operation({
    operation: "List manager",
    method: "GET",
    match: "/users/{user}/manager",
    action: "read-users",
    doc: "user-list-manager",
    handle: (call) => getManager(call, objectOf(call, "user")),
  }),
  operation({
    operation: "Assign manager",
    method: "PUT",
    match: "/users/{user}/manager/$ref",
    action: "manage-users",
    doc: "user-post-manager",
    sampleBody: sampleReference,
    handle: assignManager,
  }),
  operation({
    operation: "Remove manager",
    method: "DELETE",
    match: "/users/{user}/manager/$ref",
    action: "manage-users",
    doc: "user-delete-manager",
    handle: dropManager,
  }),
  operation({
    operation: "List directReports",
    method: "GET",
    match: "/users/{user}/directReports",
    isCollection: true,
    action: "read-users",
    doc: "user-list-directreports",
    handle: (call) => listReports(call, objectOf(call, "user")),
  }),
  operation({
    operation: "List the signed-in user's manager",
    method: "GET",
    match: "/me/manager",
    action: "read-self",
    isDelegatedOnly: true,
    doc: "user-list-manager",
    handle: (call) => getManager(call, meOf(call)),
  }),
  operation({
    operation: "List the signed-in user's directReports",
    method: "GET",
    match: "/me/directReports",
    isCollection: true,
    action: "read-self",
    isDelegatedOnly: true,
    doc: "user-list-directreports",
    handle: (call) => listReports(call, meOf(call)),
  }),
];
