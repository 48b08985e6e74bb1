/** Which groups and directory roles a principal is in, through every level of nesting: checkMemberGroups, getMemberGroups, and the two for objects of both kinds. */
import type { DirectoryAction } from "../directory/permissions.ts";
import { type PrincipalId, parseGuid } from "../state/identifiers.ts";
import type { Reply } from "../wire/exchange.ts";
import { answerValue } from "./answers.ts";
import { heldRoleIds } from "./directory-role-type.ts";
import { JsonMembers } from "./json-members.ts";
import { maxCheckMemberGroups } from "./limits.ts";
import { type GraphCall, type GraphOperation, operation } from "./operation.ts";

/** What a principal is in: groups, or groups and roles. */
type Holdings = (call: GraphCall, id: PrincipalId) => readonly string[];

const groupsOf: Holdings = ({ cloud }, id) => cloud.model.transitiveGroupIds(id);
const objectsOf: Holdings = (call, id) => [...groupsOf(call, id), ...heldRoleIds(call.cloud.model, id)];

/** @see https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups */
function check(call: GraphCall, property: "groupIds" | "ids", held: readonly string[]): Reply {
  const members = new JsonMembers(call.body, "DirectoryObject");
  const asked = members.texts(property) ?? members.refuse(property);
  members.finish({ readOnly: [], absent: [] });
  if (asked.length > maxCheckMemberGroups) members.refuse(property);
  const ids = asked.map((id) => parseGuid(id) ?? members.refuse(property));
  return answerValue(call, "Collection(Edm.String)", { value: ids.filter((id) => held.includes(id)) });
}

/** Every group here is security-enabled, so `securityEnabledOnly` changes nothing. @see https://learn.microsoft.com/graph/api/directoryobject-getmembergroups */
function get(call: GraphCall, held: readonly string[]): Reply {
  const members = new JsonMembers(call.body, "DirectoryObject");
  if (members.flag("securityEnabledOnly") === undefined) members.refuse("securityEnabledOnly");
  members.finish({ readOnly: [], absent: [] });
  return answerValue(call, "Collection(Edm.String)", { value: [...held].sort() });
}

const questions = [
  {
    name: "checkMemberGroups",
    body: { groupIds: [] },
    answer: (call, id) => check(call, "groupIds", groupsOf(call, id)),
  },
  {
    name: "getMemberGroups",
    body: { securityEnabledOnly: false },
    answer: (call, id) => get(call, groupsOf(call, id)),
  },
  { name: "checkMemberObjects", body: { ids: [] }, answer: (call, id) => check(call, "ids", objectsOf(call, id)) },
  {
    name: "getMemberObjects",
    body: { securityEnabledOnly: false },
    answer: (call, id) => get(call, objectsOf(call, id)),
  },
] as const satisfies readonly {
  readonly name: string;
  readonly body: object;
  readonly answer: (call: GraphCall, id: PrincipalId) => Reply;
}[];

/** The four rows below an object's path. @param place `of` names the object in the operations' names. */
export function memberGroupOperations(place: {
  readonly match: string;
  readonly of: string;
  readonly action: DirectoryAction;
  readonly isDelegatedOnly?: boolean;
  readonly idOf: (call: GraphCall) => PrincipalId;
}): readonly GraphOperation[] {
  const { match, of, action, isDelegatedOnly, idOf } = place;
  return questions.map(({ name, body, answer }) =>
    operation({
      method: "POST",
      action,
      isDelegatedOnly: isDelegatedOnly === true,
      operation: `${of}: ${name}`,
      match: `${match}/${name}`,
      doc: `directoryobject-${name.toLowerCase()}`,
      sampleBody: body,
      handle: (call) => answer(call, idOf(call)),
    }),
  );
}
