/** Operations on the signed-in person; an app's own token has none. @see https://learn.microsoft.com/graph/api/user-get */
import { answerObjects, answerOne } from "./answers.ts";
import { memberGroupOperations } from "./member-groups.ts";
import { directMemberships, meOf, ownedIdsOf, transitiveMemberships, typedObjects } from "./objects.ts";
import { type GraphOperation, operation } from "./operation.ts";
import { userType } from "./user-type.ts";

const shared = { method: "GET", action: "read-self", isDelegatedOnly: true } as const;

export const meOperations: readonly GraphOperation[] = [
  operation({
    ...shared,
    operation: "Get the signed-in user",
    match: "/me",
    doc: "user-get",
    handle: (call) => answerOne(call, userType, meOf(call)),
  }),
  operation({
    ...shared,
    operation: "List the signed-in user's direct memberships",
    match: "/me/memberOf",
    isCollection: true,
    doc: "user-list-memberof",
    handle: (call) => answerObjects(call, directMemberships(call, meOf(call).id)),
  }),
  operation({
    ...shared,
    operation: "List the signed-in user's memberships (direct and transitive)",
    match: "/me/transitiveMemberOf",
    isCollection: true,
    doc: "user-list-transitivememberof",
    handle: (call) => answerObjects(call, transitiveMemberships(call, meOf(call).id)),
  }),
  operation({
    ...shared,
    operation: "List the signed-in user's ownedObjects",
    match: "/me/ownedObjects",
    isCollection: true,
    doc: "user-list-ownedobjects",
    handle: (call) => answerObjects(call, typedObjects(call, ownedIdsOf(call.cloud.model, meOf(call).id))),
  }),
  ...memberGroupOperations({
    match: "/me",
    of: "me",
    action: "read-self",
    isDelegatedOnly: true,
    idOf: (call) => meOf(call).id,
  }),
];
