/** Operations on groups, their members and owners. @see https://learn.microsoft.com/graph/api/resources/group */
import { createGroup, deleteGroup, type GroupProperties, updateGroup } from "../directory/group.ts";
import { addMember, addMembers, removeMember, transitiveMemberIds } from "../directory/membership.ts";
import { addOwner, removeOwner } from "../directory/owner.ts";
import type { GroupObjectId } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerCollection, answerCreated, answerObjects, answerOne, noContent } from "./answers.ts";
import { change, creatorOwnerId, freshId } from "./changes.ts";
import { refuseGraph } from "./graph-fault.ts";
import { groupType } from "./group-type.ts";
import { definedOnly, JsonMembers } from "./json-members.ts";
import { memberGroupOperations } from "./member-groups.ts";
import {
  directMemberships,
  idOf,
  objectOf,
  ownersOf,
  targetOf,
  transitiveMemberships,
  typedObjects,
} from "./objects.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";
import { readBindings, readReference, sampleReference } from "./references.ts";

const target = targetOf("group");

const otherMembers = {
  readOnly: [
    "id",
    "createdDateTime",
    "creationOptions",
    "deletedDateTime",
    "expirationDateTime",
    "mail",
    "onPremisesSecurityIdentifier",
    "onPremisesSyncEnabled",
    "proxyAddresses",
    "renewedDateTime",
    "securityIdentifier",
    "serviceProvisioningErrors",
  ],
  absent: [
    "assignedLabels",
    "assignedLicenses",
    "classification",
    "membershipRule",
    "membershipRuleProcessingState",
    "preferredDataLocation",
    "preferredLanguage",
    "resourceBehaviorOptions",
    "resourceProvisioningOptions",
    "theme",
    "uniqueName",
    "visibility",
  ],
} as const;

/** Groups here are security groups whose members are named one by one; the other kinds are told apart by these. */
function refuseOtherKinds(members: JsonMembers): void {
  const types = (members.texts("groupTypes") ?? []).map((type) => type.toLowerCase());
  if (types.includes("unified")) refuseGraph({ kind: "absent", what: "Microsoft 365 groups" });
  if (types.includes("dynamicmembership")) refuseGraph({ kind: "absent", what: "groups with dynamic membership" });
  if (types.length > 0) members.refuse("groupTypes");
  if (members.optionalFlag("isAssignableToRole") === true)
    refuseGraph({ kind: "absent", what: "role-assignable groups" });
}

function readGroup(members: JsonMembers): Partial<GroupProperties> {
  refuseOtherKinds(members);
  const properties = definedOnly<GroupProperties>({
    displayName: members.text("displayName"),
    description: members.optionalText("description"),
    mailNickname: members.text("mailNickname"),
    mailEnabled: members.flag("mailEnabled"),
    securityEnabled: members.flag("securityEnabled"),
  });
  members.finish(otherMembers);
  return properties;
}

async function create(call: GraphCall): Promise<Reply> {
  const members = new JsonMembers(call.body, "Group");
  const bound = {
    ownerIds: readBindings(members, "owners@odata.bind"),
    memberIds: readBindings(members, "members@odata.bind"),
  };
  const properties = readGroup(members);
  const creatorId = creatorOwnerId(call);
  const ownerIds = creatorId === undefined ? bound.ownerIds : [creatorId, ...bound.ownerIds];
  const row = await change(call, "Create group", (model) =>
    createGroup(model, properties, {
      id: freshId<GroupObjectId>(call),
      now: call.cloud.ports.now(),
      ownerIds,
      memberIds: bound.memberIds,
    }),
  );
  return answerCreated(call, groupType, row);
}

async function update(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "group");
  const members = new JsonMembers(call.body, "Group");
  const memberIds = readBindings(members, "members@odata.bind");
  const properties = readGroup(members);
  if (memberIds.length === 0) await change(call, "Update group", (model) => updateGroup(model, id, properties));
  else {
    // Graph takes either properties or members in one request.
    if (Object.keys(properties).length > 0) members.refuse("members@odata.bind");
    await change(call, "Add member to group", (model) => addMembers(model, id, memberIds));
  }
  return noContent;
}

export async function removeGroup(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "group");
  await change(call, "Delete group", (model) => deleteGroup(model, id, call.cloud.ports.now()));
  return noContent;
}

async function addMemberTo(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "group");
  const memberId = readReference(new JsonMembers(call.body, "Group"));
  await change(call, "Add member to group", (model) => addMember(model, id, memberId));
  return noContent;
}

async function removeMemberFrom(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "group");
  const memberId = idOf(call, "member");
  await change(call, "Remove member from group", (model) => removeMember(model, id, memberId));
  return noContent;
}

async function addOwnerTo(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "group");
  const ownerId = readReference(new JsonMembers(call.body, "Group"));
  await change(call, "Add owner to group", (model) => addOwner(model, { kind: "group", id }, ownerId));
  return noContent;
}

async function removeOwnerFrom(call: GraphCall): Promise<Reply> {
  const { id } = objectOf(call, "group");
  const ownerId = idOf(call, "owner");
  await change(call, "Remove owner from group", (model) => removeOwner(model, { kind: "group", id }, ownerId));
  return noContent;
}

function listMembers(call: GraphCall): Reply {
  const rows = call.cloud.model.groupMembers.find("groupId", objectOf(call, "group").id);
  const ids = rows.map((row) => row.memberId);
  return answerObjects(call, typedObjects(call, ids));
}

function listTransitiveMembers(call: GraphCall): Reply {
  const ids = transitiveMemberIds(call.cloud.model, objectOf(call, "group").id);
  return answerObjects(call, typedObjects(call, ids));
}

const groupRows: readonly GraphOperation[] = [
  operation({
    operation: "List groups",
    method: "GET",
    match: "/groups",
    isCollection: true,
    action: "read-groups",
    doc: "group-list",
    handle: (call) => {
      const table = call.cloud.model.groups;
      return answerCollection(call, groupType, { keys: table.sortedKeys(), get: (key) => table.get(key) });
    },
  }),
  operation({
    operation: "Create group",
    method: "POST",
    match: "/groups",
    action: "create-group",
    doc: "group-post-groups",
    sampleBody: { displayName: "sample", mailNickname: "sample", mailEnabled: false, securityEnabled: true },
    handle: create,
  }),
  operation({
    operation: "Get group",
    method: "GET",
    match: "/groups/{group}",
    action: "read-groups",
    doc: "group-get",
    handle: (call) => answerOne(call, groupType, objectOf(call, "group")),
  }),
  operation({
    operation: "Update group",
    method: "PATCH",
    match: "/groups/{group}",
    action: "manage-group",
    target,
    doc: "group-update",
    sampleBody: { description: "sample" },
    handle: update,
  }),
  operation({
    operation: "Delete group",
    method: "DELETE",
    match: "/groups/{group}",
    action: "manage-group",
    target,
    doc: "group-delete",
    handle: removeGroup,
  }),
];

const relationRows: readonly GraphOperation[] = [
  operation({
    operation: "List group members",
    method: "GET",
    match: "/groups/{group}/members",
    isCollection: true,
    action: "read-groups",
    doc: "group-list-members",
    handle: listMembers,
  }),
  operation({
    operation: "List group transitive members",
    method: "GET",
    match: "/groups/{group}/transitiveMembers",
    isCollection: true,
    action: "read-groups",
    doc: "group-list-transitivemembers",
    handle: listTransitiveMembers,
  }),
  operation({
    operation: "Add members",
    method: "POST",
    match: "/groups/{group}/members/$ref",
    action: "manage-members",
    target,
    doc: "group-post-members",
    sampleBody: sampleReference,
    handle: addMemberTo,
  }),
  operation({
    operation: "Remove member",
    method: "DELETE",
    match: "/groups/{group}/members/{member}/$ref",
    action: "manage-members",
    target,
    doc: "group-delete-members",
    handle: removeMemberFrom,
  }),
  operation({
    operation: "List group owners",
    method: "GET",
    match: "/groups/{group}/owners",
    isCollection: true,
    action: "read-groups",
    doc: "group-list-owners",
    handle: (call) => answerObjects(call, ownersOf(call, objectOf(call, "group").id)),
  }),
  operation({
    operation: "Add owner to group",
    method: "POST",
    match: "/groups/{group}/owners/$ref",
    action: "manage-group",
    target,
    doc: "group-post-owners",
    sampleBody: sampleReference,
    handle: addOwnerTo,
  }),
  operation({
    operation: "Remove group owner",
    method: "DELETE",
    match: "/groups/{group}/owners/{owner}/$ref",
    action: "manage-group",
    target,
    doc: "group-delete-owners",
    handle: removeOwnerFrom,
  }),
  operation({
    operation: "List group memberOf",
    method: "GET",
    match: "/groups/{group}/memberOf",
    isCollection: true,
    action: "read-groups",
    doc: "group-list-memberof",
    handle: (call) => answerObjects(call, directMemberships(call, objectOf(call, "group").id)),
  }),
  operation({
    operation: "List group transitive memberOf",
    method: "GET",
    match: "/groups/{group}/transitiveMemberOf",
    isCollection: true,
    action: "read-groups",
    doc: "group-list-transitivememberof",
    handle: (call) => answerObjects(call, transitiveMemberships(call, objectOf(call, "group").id)),
  }),
  ...memberGroupOperations({
    match: "/groups/{group}",
    of: "group",
    action: "read-groups",
    idOf: (call) => objectOf(call, "group").id,
  }),
];

export const groupOperations: readonly GraphOperation[] = [...groupRows, ...relationRows];
