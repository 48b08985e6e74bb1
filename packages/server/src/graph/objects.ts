/** Finds what the keys of a path name, for the decision (which may find nothing) and for the handler (which refuses then). */
import { findUser } from "../directory/user.ts";
import type { Application, Group, ServicePrincipal, User } from "../state/entities.ts";
import { refuse } from "../state/fault.ts";
import { isGuid, type PrincipalId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import type { Key } from "./address.ts";
import { applicationType } from "./application-type.ts";
import { directoryRolesOf, directoryRoleType, heldRoleIds } from "./directory-role-type.ts";
import { refuseGraph } from "./graph-fault.ts";
import { groupType } from "./group-type.ts";
import type { GraphCall, TargetOf } from "./operation.ts";
import { servicePrincipalType } from "./service-principal-type.ts";
import { type TypedRow, typedRow } from "./typed-row.ts";
import { userType } from "./user-type.ts";

type Found = { application: Application; servicePrincipal: ServicePrincipal; user: User; group: Group };
export type ObjectKind = keyof Found;

const finders: { readonly [Kind in ObjectKind]: (model: ReadModel, key: Key) => Found[Kind] | undefined } = {
  application: (model, { property, text }) =>
    property === undefined
      ? model.applications.get(text.toLowerCase())
      : model.applications.findOne("appId", text.toLowerCase()),
  servicePrincipal: (model, { property, text }) =>
    property === undefined
      ? model.servicePrincipals.get(text.toLowerCase())
      : model.servicePrincipals.findOne("appId", text.toLowerCase()),
  user: (model, { property, text }) => (property === undefined ? findUser(model, text) : undefined),
  group: (model, { property, text }) => (property === undefined ? model.groups.get(text.toLowerCase()) : undefined),
};

/** Alternate keys by kind. @see https://learn.microsoft.com/graph/api/application-get */
const alternateKeys: Readonly<Record<ObjectKind, string | undefined>> = {
  application: "appid",
  servicePrincipal: "appid",
  user: undefined,
  group: undefined,
};

/** The target of a row whose match has `{application}` and the like: its object id, when it exists. */
export function targetOf(kind: ObjectKind): TargetOf {
  return ({ cloud, keys }) => {
    const key = keys[kind];
    return key === undefined || !isKeyProper(kind, key) ? undefined : finders[kind](cloud.model, key)?.id;
  };
}

/**
 * The object that the path names.
 * @throws GraphRefusal `identifier-invalid` for text that is no GUID (users have names too), Refusal `object-not-found`.
 */
export function objectOf<Kind extends ObjectKind>(call: GraphCall, kind: Kind): Found[Kind] {
  const key = call.keys[kind]!;
  if (!isKeyProper(kind, key)) refuseGraph({ kind: "identifier-invalid", id: key.text });
  return finders[kind](call.cloud.model, key) ?? refuse({ kind: "object-not-found", objectKind: kind, id: key.text });
}

function isKeyProper(kind: ObjectKind, key: Key): boolean {
  if (key.property !== undefined && key.property.toLowerCase() !== alternateKeys[kind]) return false;
  return kind === "user" || isGuid(key.text);
}

/** The row that the first key of a path names, when it names one of these kinds. */
export function rowOfKeys(model: ReadModel, keys: Readonly<Record<string, Key>>): Found[ObjectKind] | undefined {
  for (const kind of Object.keys(finders) as ObjectKind[]) {
    const key = keys[kind];
    if (key !== undefined) return isKeyProper(kind, key) ? finders[kind](model, key) : undefined;
  }
  return undefined;
}

/** The signed-in person. @throws Refusal `object-not-found` when they are not in the directory any more. */
export function meOf({ cloud, caller }: Pick<GraphCall, "cloud" | "caller">): User {
  const id = caller.principalId;
  return cloud.model.users.get(id) ?? refuse({ kind: "object-not-found", objectKind: "user", id });
}

/** The id in the path of an object of whatever kind, lower case. @throws GraphRefusal `identifier-invalid`. */
export function idOf(call: GraphCall, name: string): string {
  const key = call.keys[name]!;
  if (!isGuid(key.text) || key.property !== undefined) refuseGraph({ kind: "identifier-invalid", id: key.text });
  return key.text.toLowerCase();
}

/** Any object of the directory by its id, with its type. */
export function typedObject(call: Pick<GraphCall, "cloud">, id: string): TypedRow | undefined {
  const { model } = call.cloud;
  const application = model.applications.get(id);
  if (application !== undefined) return typedRow(call, applicationType, application);
  const principal = model.principal(id);
  if (principal !== undefined) {
    switch (principal.type) {
      case "User":
        return typedRow(call, userType, principal.row);
      case "Group":
        return typedRow(call, groupType, principal.row);
      case "ServicePrincipal":
        return typedRow(call, servicePrincipalType, principal.row);
    }
  }
  const role = directoryRolesOf(model).find((candidate) => candidate.id === id);
  return role === undefined ? undefined : typedRow(call, directoryRoleType, role);
}

/** The objects that still exist of these ids. */
export function typedObjects(call: Pick<GraphCall, "cloud">, ids: readonly string[]): TypedRow[] {
  return ids.flatMap((id) => typedObject(call, id) ?? []);
}

/** Groups a principal is in directly, and directory roles it holds: what `memberOf` lists. */
export function directMemberships(call: Pick<GraphCall, "cloud">, id: string): TypedRow[] {
  const groupIds = call.cloud.model.groupMembers.find("memberId", id).map((row) => row.groupId);
  return [...typedObjects(call, groupIds), ...rolesOf(call, id)];
}

/** The same through every level of nesting. */
export function transitiveMemberships(call: Pick<GraphCall, "cloud">, id: string): TypedRow[] {
  return [...typedObjects(call, call.cloud.model.transitiveGroupIds(id as PrincipalId)), ...rolesOf(call, id)];
}

function rolesOf(call: Pick<GraphCall, "cloud">, principalId: string): TypedRow[] {
  const { model } = call.cloud;
  const held = heldRoleIds(model, principalId);
  return directoryRolesOf(model)
    .filter((role) => held.includes(role.id))
    .map((role) => typedRow(call, directoryRoleType, role));
}

/** The owners of an object, as `owners` lists them. */
export function ownersOf(call: Pick<GraphCall, "cloud">, ownedId: string): TypedRow[] {
  const ids = call.cloud.model.owners.find("ownedId", ownedId).map((row) => row.ownerId);
  return typedObjects(call, ids);
}

/** Object ids of a group's direct members. */
export function memberIdsOf(model: ReadModel, groupId: string): readonly string[] {
  return model.groupMembers.find("groupId", groupId).map((row) => row.memberId);
}

/** Object ids of the people who report to somebody. */
export function reportIdsOf(model: ReadModel, managerId: string): readonly string[] {
  return model.users.find("managerId", managerId).map((row) => row.id);
}

/** Object ids of what a principal owns. */
export function ownedIdsOf(model: ReadModel, ownerId: string): readonly string[] {
  return model.owners.find("ownerId", ownerId).map((row) => row.ownedId);
}
