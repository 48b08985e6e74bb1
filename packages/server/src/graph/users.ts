/** Operations on users. @see https://learn.microsoft.com/graph/api/resources/user */

import { checkPassword } from "../directory/password-rules.ts";
import { hashPassword } from "../directory/passwords.ts";
import { type DirectoryAction, mayAct } from "../directory/permissions.ts";
import { createUser, deleteUser, type UserProperties, updateUser } from "../directory/user.ts";
import { isSensitive, mayAdminister } from "../directory/user-protection.ts";
import type { User } from "../state/entities.ts";
import type { UserObjectId } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerCollection, answerCreated, answerObjects, answerOne, noContent } from "./answers.ts";
import { change, freshId } from "./changes.ts";
import { refuseGraph } from "./graph-fault.ts";
import { JsonMembers } from "./json-members.ts";
import { memberGroupOperations } from "./member-groups.ts";
import { directMemberships, objectOf, ownedIdsOf, transitiveMemberships, typedObjects } from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";
import { readUser, type UserBody } from "./user-body.ts";
import { userType } from "./user-type.ts";

/** The properties with the password hashed; hashing is slow by design, so it comes after every check that can come before. */
async function hashed(
  call: GraphCall,
  { properties, password }: UserBody,
  before?: User,
): Promise<Partial<UserProperties>> {
  if (password === undefined) return properties;
  const { userPrincipalName, displayName } = { ...before, ...properties };
  checkPassword(password, { ...(userPrincipalName && { userPrincipalName }), ...(displayName && { displayName }) });
  return { ...properties, passwordHash: await hashPassword(password, call.cloud.ports) };
}

async function create(call: GraphCall): Promise<Reply> {
  const properties = await hashed(call, readUser(new JsonMembers(call.body, "User")));
  const row = await change(call, "Create user", (model) =>
    createUser(model, properties, { id: freshId<UserObjectId>(call), now: call.cloud.ports.now() }),
  );
  return answerCreated(call, userType, row);
}

/** A PATCH of the password alone is a reset: some roles may do no more than that. */
function actionOfUpdate({ body }: Pick<GraphCall, "body">): DirectoryAction {
  const names = typeof body === "object" && body !== null ? Object.keys(body) : [];
  return names.length === 1 && names[0] === "passwordProfile" ? "reset-password" : "manage-users";
}

/** Refuses to take over the sign-in of somebody who administers more than the caller does. */
function checkProtected(call: GraphCall, id: UserObjectId): void {
  if (!mayAdminister(call.cloud.model, call.caller.principalId, id)) refuseGraph({ kind: "denied" });
}

async function update(call: GraphCall): Promise<Reply> {
  const user = objectOf(call, "user");
  const { id } = user;
  const body = readUser(new JsonMembers(call.body, "User"));
  // Who may change a user's name may not by that alone take over the user's sign-in.
  const isReset = body.password !== undefined || body.properties.forceChangePasswordNextSignIn !== undefined;
  if (isReset && !mayAct(call.cloud.model, call.caller, "reset-password", undefined)) refuseGraph({ kind: "denied" });
  if (isReset || isSensitive(body.properties)) checkProtected(call, id);
  const properties = await hashed(call, body, user);
  await change(call, "Update user", (model) => updateUser(model, id, properties, call.cloud.ports.now()));
  return noContent;
}

export async function removeUser(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "user");
  checkProtected(call, id);
  await change(call, "Delete user", (model) => deleteUser(model, id, call.cloud.ports.now()));
  return noContent;
}

export const userOperations: readonly GraphOperation[] = [
  operation({
    operation: "List users",
    method: "GET",
    match: "/users",
    isCollection: true,
    action: "read-users",
    doc: "user-list",
    handle: (call) => {
      const table = call.cloud.model.users;
      return answerCollection(call, userType, { keys: table.sortedKeys(), get: (key) => table.get(key) });
    },
  }),
  operation({
    operation: "Create user",
    method: "POST",
    match: "/users",
    action: "manage-users",
    doc: "user-post-users",
    sampleBody: { displayName: "sample" },
    handle: create,
  }),
  operation({
    operation: "Get user",
    method: "GET",
    match: "/users/{user}",
    action: "read-users",
    doc: "user-get",
    handle: (call) => answerOne(call, userType, objectOf(call, "user")),
  }),
  operation({
    operation: "Update user",
    method: "PATCH",
    match: "/users/{user}",
    action: "manage-users",
    actionFor: actionOfUpdate,
    doc: "user-update",
    sampleBody: { displayName: "sample" },
    handle: update,
  }),
  operation({
    operation: "Delete user",
    method: "DELETE",
    match: "/users/{user}",
    action: "manage-users",
    doc: "user-delete",
    handle: removeUser,
  }),
  operation({
    operation: "List a user's direct memberships",
    method: "GET",
    match: "/users/{user}/memberOf",
    isCollection: true,
    action: "read-users",
    doc: "user-list-memberof",
    handle: (call) => answerObjects(call, directMemberships(call, objectOf(call, "user").id)),
  }),
  operation({
    operation: "List a user's memberships (direct and transitive)",
    method: "GET",
    match: "/users/{user}/transitiveMemberOf",
    isCollection: true,
    action: "read-users",
    doc: "user-list-transitivememberof",
    handle: (call) => answerObjects(call, transitiveMemberships(call, objectOf(call, "user").id)),
  }),
  operation({
    operation: "List ownedObjects of a user",
    method: "GET",
    match: "/users/{user}/ownedObjects",
    isCollection: true,
    action: "read-users",
    doc: "user-list-ownedobjects",
    handle: (call) => answerObjects(call, typedObjects(call, ownedIdsOf(call.cloud.model, objectOf(call, "user").id))),
  }),
  ...memberGroupOperations({
    match: "/users/{user}",
    of: "user",
    action: "read-users",
    idOf: (call) => objectOf(call, "user").id,
  }),
];
