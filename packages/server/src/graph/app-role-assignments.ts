/**
 * Operations on app role assignments, from both ends: what a principal was given (`appRoleAssignments`), and whom a resource's roles were given
 * to (`appRoleAssignedTo`). An application permission of Microsoft Graph is granted here.
 * @see https://learn.microsoft.com/graph/api/resources/approleassignment
 */
import { assignAppRole, removeAppRoleAssignment } from "../directory/app-role-assignment.ts";
import { assignmentAction, mayAct } from "../directory/permissions.ts";
import type { AppRoleAssignment } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import type { Guid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerCollection, answerMade, answerOne, noContent, rowsOf } from "./answers.ts";
import { appRoleAssignmentType } from "./app-role-assignment-type.ts";
import { change, freshId } from "./changes.ts";
import { refuseGraph } from "./graph-fault.ts";
import { JsonMembers } from "./json-members.ts";
import { type ObjectKind, objectOf } from "./objects.ts";
import { readOpaqueId } from "./opaque-id.ts";
import { type GraphCall, type GraphOperation, operation, type TargetOf } from "./operation.ts";
import type { ResourceType } from "./resource-type.ts";

const sampleGuid = "11111111-2222-4333-8444-555555555555";
const sampleBody = { principalId: sampleGuid, resourceId: sampleGuid, appRoleId: sampleGuid };

/** The end from which assignments are looked at. */
type End = {
  readonly kind: ObjectKind;
  readonly path: string;
  readonly index: "principalId" | "resourceId";
  readonly read: "read-applications" | "read-users" | "read-groups";
  readonly set: string;
  readonly docs: { readonly list: string; readonly create: string; readonly remove: string };
};

const docsOf = (list: string, create: string, remove: string) => ({ list, create, remove });

const ends: readonly End[] = [
  {
    kind: "servicePrincipal",
    path: "/servicePrincipals/{servicePrincipal}/appRoleAssignments",
    index: "principalId",
    read: "read-applications",
    set: "appRoleAssignments",
    docs: docsOf(
      "serviceprincipal-list-approleassignments",
      "serviceprincipal-post-approleassignments",
      "serviceprincipal-delete-approleassignments",
    ),
  },
  {
    kind: "servicePrincipal",
    path: "/servicePrincipals/{servicePrincipal}/appRoleAssignedTo",
    index: "resourceId",
    read: "read-applications",
    set: "appRoleAssignedTo",
    docs: docsOf(
      "serviceprincipal-list-approleassignedto",
      "serviceprincipal-post-approleassignedto",
      "serviceprincipal-delete-approleassignedto",
    ),
  },
  {
    kind: "user",
    path: "/users/{user}/appRoleAssignments",
    index: "principalId",
    read: "read-users",
    set: "appRoleAssignments",
    docs: docsOf("user-list-approleassignments", "user-post-approleassignments", "user-delete-approleassignments"),
  },
  {
    kind: "group",
    path: "/groups/{group}/appRoleAssignments",
    index: "principalId",
    read: "read-groups",
    set: "appRoleAssignments",
    docs: docsOf("group-list-approleassignments", "group-post-approleassignments", "group-delete-approleassignments"),
  },
];

const sets: Readonly<Record<ObjectKind, string>> = {
  application: "applications",
  servicePrincipal: "servicePrincipals",
  user: "users",
  group: "groups",
};

/** The context names the object from which the assignments are looked at. */
function typeFor(end: End, id: string): ResourceType<AppRoleAssignment> {
  return { ...appRoleAssignmentType, set: `${sets[end.kind]}('${id}')/${end.set}` };
}

function list(call: GraphCall, end: End): Reply {
  const { id } = objectOf(call, end.kind);
  const type = typeFor(end, id);
  return answerCollection(call, type, rowsOf(type, call.cloud.model.appRoleAssignments.find(end.index, id)));
}

/** The assignment the path names; it must be one of the object before it. */
function assignmentOf(call: GraphCall, end: End): AppRoleAssignment {
  const { id } = objectOf(call, end.kind);
  const { text } = call.keys.assignment!;
  const row = call.cloud.model.appRoleAssignments.get(readOpaqueId(text)?.at(-1) ?? "");
  return row?.[end.index] === id
    ? row
    : refuse({ kind: "object-not-found", objectKind: "appRoleAssignment", id: text });
}

async function create(call: GraphCall, end: End): Promise<Reply> {
  const { id } = objectOf(call, end.kind);
  const members = new JsonMembers(call.body, "AppRoleAssignment");
  const request = {
    principalId: members.guid("principalId") ?? members.refuse("principalId"),
    resourceId: members.guid("resourceId") ?? members.refuse("resourceId"),
    appRoleId: members.guid("appRoleId") ?? members.refuse("appRoleId"),
  };
  members.finish({
    readOnly: ["createdDateTime", "principalDisplayName", "principalType", "resourceDisplayName"],
    absent: ["id"],
  });
  // The object in the path is one of the two ends.
  if (request[end.index] !== (id as string)) members.refuse(end.index);
  needRight(call, request.principalId, request.resourceId);
  const by = { id: freshId<Guid>(call), now: call.cloud.ports.now() };
  const row = await change(call, "Add app role assignment", (model) => assignAppRole(model, request, by));
  return answerMade(call, typeFor(end, id), row);
}

async function remove(call: GraphCall, end: End): Promise<Reply> {
  const row = assignmentOf(call, end);
  needRight(call, row.principalId, row.resourceId);
  await change(call, "Remove app role assignment", (model) => removeAppRoleAssignment(model, row.id));
  return noContent;
}

/** What it takes to give a role depends on whose role it is and who is given it. @throws GraphRefusal `denied`. */
function needRight({ cloud, caller }: GraphCall, principalId: string, resourceId: string): void {
  const action = assignmentAction(cloud.model, principalId, resourceId);
  if (!mayAct(cloud.model, caller, action, resourceId)) refuseGraph({ kind: "denied" });
}

/** The resource, whose owner may assign its roles to people. */
const resourceTarget: TargetOf = ({ cloud, keys, body }) => {
  const fromBody = (body as { readonly resourceId?: unknown } | null | undefined)?.resourceId;
  if (typeof fromBody === "string") return fromBody.toLowerCase();
  return cloud.model.appRoleAssignments.get(readOpaqueId(keys.assignment?.text ?? "")?.at(-1) ?? "")?.resourceId;
};

function rowsFor(end: End): readonly GraphOperation[] {
  const of = end.path.slice(1).replace(/\/\{\w+\}\//, " ");
  return [
    operation({
      operation: `List ${of}`,
      method: "GET",
      match: end.path,
      action: end.read,
      isCollection: true,
      doc: end.docs.list,
      handle: (call) => list(call, end),
    }),
    operation({
      operation: `Grant ${of}`,
      method: "POST",
      match: end.path,
      action: "assign-app-role",
      target: resourceTarget,
      doc: end.docs.create,
      sampleBody,
      handle: (call) => create(call, end),
    }),
    operation({
      operation: `Get ${of}`,
      method: "GET",
      match: `${end.path}/{assignment}`,
      action: end.read,
      doc: "approleassignment-get",
      handle: (call) => answerOne(call, typeFor(end, objectOf(call, end.kind).id), assignmentOf(call, end)),
    }),
    operation({
      operation: `Delete ${of}`,
      method: "DELETE",
      match: `${end.path}/{assignment}`,
      action: "assign-app-role",
      target: resourceTarget,
      doc: end.docs.remove,
      handle: (call) => remove(call, end),
    }),
  ];
}

/** The roles the signed-in person was given. */
const ofCaller = operation({
  operation: "List the signed-in user's appRoleAssignments",
  method: "GET",
  match: "/me/appRoleAssignments",
  action: "read-self",
  isDelegatedOnly: true,
  isCollection: true,
  doc: "user-list-approleassignments",
  handle: (call) => {
    const { principalId } = call.caller;
    const type = typeFor(ends.find(({ kind }) => kind === "user")!, principalId);
    return answerCollection(
      call,
      type,
      rowsOf(type, call.cloud.model.appRoleAssignments.find("principalId", principalId)),
    );
  },
});

export const appRoleAssignmentOperations: readonly GraphOperation[] = [...ends.flatMap(rowsFor), ofCaller];
