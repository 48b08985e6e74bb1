/** checkMemberGroups and getMemberGroups: which groups a principal is in, through every level of nesting. */
import type { DirectoryAction } from "../directory/permissions.ts";
import { type PrincipalId, parseGuid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerValue } from "./answers.ts";
import { JsonMembers } from "./json-members.ts";
import { maxCheckMemberGroups } from "./limits.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";

/** @see https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups */
function checkMemberGroups(call: GraphCall, id: PrincipalId): Reply {
  const members = new JsonMembers(call.body, "DirectoryObject");
  const asked = members.texts("groupIds") ?? members.refuse("groupIds");
  members.finish({ readOnly: [], absent: [] });
  if (asked.length > maxCheckMemberGroups) members.refuse("groupIds");
  const groupIds = asked.map((groupId) => parseGuid(groupId) ?? members.refuse("groupIds"));
  const held = new Set(call.cloud.model.transitiveGroupIds(id));
  return answerValue(call, "Collection(Edm.String)", { value: groupIds.filter((groupId) => held.has(groupId)) });
}

/** Every group here is security-enabled, so `securityEnabledOnly` changes nothing. @see https://learn.microsoft.com/graph/api/directoryobject-getmembergroups */
function getMemberGroups(call: GraphCall, id: PrincipalId): Reply {
  const members = new JsonMembers(call.body, "DirectoryObject");
  if (members.flag("securityEnabledOnly") === undefined) members.refuse("securityEnabledOnly");
  members.finish({ readOnly: [], absent: [] });
  return answerValue(call, "Collection(Edm.String)", { value: call.cloud.model.transitiveGroupIds(id).sort() });
}

/** The two rows below an object's path. @param place `of` names the object in the operations' names. */
export function memberGroupOperations(place: {
  readonly match: string;
  readonly of: string;
  readonly action: DirectoryAction;
  readonly isDelegatedOnly?: boolean;
  readonly idOf: (call: GraphCall) => PrincipalId;
}): readonly GraphOperation[] {
  const shared = { method: "POST", action: place.action, isDelegatedOnly: place.isDelegatedOnly === true } as const;
  return [
    operation({
      ...shared,
      operation: `${place.of}: checkMemberGroups`,
      match: `${place.match}/checkMemberGroups`,
      doc: "directoryobject-checkmembergroups",
      sampleBody: { groupIds: [] },
      handle: (call) => checkMemberGroups(call, place.idOf(call)),
    }),
    operation({
      ...shared,
      operation: `${place.of}: getMemberGroups`,
      match: `${place.match}/getMemberGroups`,
      doc: "directoryobject-getmembergroups",
      sampleBody: { securityEnabledOnly: false },
      handle: (call) => getMemberGroups(call, place.idOf(call)),
    }),
  ];
}
