/** Operations on applications (app registrations). @see https://learn.microsoft.com/graph/api/resources/application */
import { createApplication, deleteApplication, updateApplication } from "../directory/application.ts";
import type { AppId, ApplicationObjectId } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerCollection, answerCreated, answerOne, noContent } from "./answers.ts";
import { readApplication } from "./application-body.ts";
import { applicationType } from "./application-type.ts";
import { change, creatorOwnerId, freshId } from "./changes.ts";
import { JsonMembers } from "./json-members.ts";
import { addKeyTo, readKeys, removeKeyFrom, sampleKey, sampleKeyRemoval, typeShowingKeys } from "./keys.ts";
import { objectOf, targetOf } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";
import { ownerOperations } from "./owners.ts";
import {
  addPasswordTo,
  readKeptPasswords,
  removePasswordFrom,
  samplePassword,
  samplePasswordRemoval,
} from "./passwords.ts";

const target = targetOf("application");

async function create(call: GraphCall): Promise<Reply> {
  const members = new JsonMembers(call.body, "Application");
  const keys = readKeys(call, members);
  const properties = readApplication(members);
  const ownerId = creatorOwnerId(call);
  const by = {
    id: freshId<ApplicationObjectId>(call),
    appId: freshId<AppId>(call),
    now: call.cloud.ports.now(),
    ...(ownerId === undefined ? {} : { ownerId }),
  };
  const row = await change(call, "Create application", (model) => createApplication(model, properties, by, keys));
  return answerCreated(call, applicationType, row);
}

async function update(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "application");
  const members = new JsonMembers(call.body, "Application");
  const credentials = { keptKeyIds: readKeptPasswords(members), keys: readKeys(call, members) };
  const properties = readApplication(members);
  await change(call, "Update application", (model) => updateApplication(model, id, properties, credentials));
  return noContent;
}

export async function removeApplication(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "application");
  await change(call, "Delete application", (model) => deleteApplication(model, id, call.cloud.ports.now()));
  return noContent;
}

export const applicationOperations: readonly GraphOperation[] = [
  operation({
    operation: "List applications",
    method: "GET",
    match: "/applications",
    isCollection: true,
    action: "read-applications",
    doc: "application-list",
    handle: (call) => {
      const table = call.cloud.model.applications;
      return answerCollection(call, applicationType, { keys: table.sortedKeys(), get: (key) => table.get(key) });
    },
  }),
  operation({
    operation: "Create application",
    method: "POST",
    match: "/applications",
    action: "create-application",
    doc: "application-post-applications",
    sampleBody: { displayName: "sample" },
    handle: create,
  }),
  operation({
    operation: "Get application",
    method: "GET",
    match: "/applications/{application}",
    action: "read-applications",
    doc: "application-get",
    handle: (call) => answerOne(call, typeShowingKeys(call, applicationType), objectOf(call, "application")),
  }),
  operation({
    operation: "Update application",
    method: "PATCH",
    match: "/applications/{application}",
    action: "manage-application",
    target,
    doc: "application-update",
    sampleBody: { displayName: "sample" },
    handle: update,
  }),
  operation({
    operation: "Delete application",
    method: "DELETE",
    match: "/applications/{application}",
    action: "manage-application",
    target,
    doc: "application-delete",
    handle: removeApplication,
  }),
  operation({
    operation: "application: addPassword",
    method: "POST",
    match: "/applications/{application}/addPassword",
    action: "manage-application",
    target,
    doc: "application-addpassword",
    sampleBody: samplePassword,
    handle: (call) => addPasswordTo(call, { kind: "application", id: objectOf(call, "application").id }),
  }),
  operation({
    operation: "application: addKey",
    method: "POST",
    match: "/applications/{application}/addKey",
    action: "roll-own-key",
    target,
    doc: "application-addkey",
    sampleBody: sampleKey,
    handle: (call) => addKeyTo(call, { kind: "application", id: objectOf(call, "application").id }),
  }),
  operation({
    operation: "application: removeKey",
    method: "POST",
    match: "/applications/{application}/removeKey",
    action: "roll-own-key",
    target,
    doc: "application-removekey",
    sampleBody: sampleKeyRemoval,
    handle: (call) => removeKeyFrom(call, { kind: "application", id: objectOf(call, "application").id }),
  }),
  operation({
    operation: "application: removePassword",
    method: "POST",
    match: "/applications/{application}/removePassword",
    action: "manage-application",
    target,
    doc: "application-removepassword",
    sampleBody: samplePasswordRemoval,
    handle: (call) => removePasswordFrom(call, { kind: "application", id: objectOf(call, "application").id }),
  }),
  ...ownerOperations("application"),
];
