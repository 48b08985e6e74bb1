/**
 * Who may do what to the directory: the one decision behind every Graph operation. (Azure RBAC is another world: `@postern/access`.)
 *
 * A caller may act in one of three ways, and needs only one:
 * 1. An app's own token carries an application permission (`roles`) that covers the action; `Application.ReadWrite.OwnedBy` covers what the
 *    app owns.
 * 2. The principal holds a directory role that covers it: Global Administrator covers everything.
 * 3. The principal is a person: members of the tenant may by default read the directory, register applications, make groups, and manage what
 *    they own.
 * In the ways 2 and 3 a person's token must also carry a delegated permission (`scp`) that covers the action: an app never does more on behalf
 * of a person than it was allowed. An ordinary app (no permission, no role) may do nothing at all.
 *
 * Pure. Spec: https://learn.microsoft.com/graph/permissions-overview, https://learn.microsoft.com/entra/fundamentals/users-default-permissions
 */
import { directoryRoleTemplateIds } from "../state/first-party.ts";
import type { Guid, PrincipalId } from "../state/identifiers.ts";
import type { ReadModel } from "../state/read-model.ts";
import { isOwner } from "./owner.ts";

export type DirectoryAction =
  | "read-applications"
  | "create-application"
  | "create-service-principal"
  | "manage-application"
  | "roll-own-key"
  | "read-grants"
  | "manage-grants"
  | "assign-app-role"
  | "grant-application-permission"
  | "grant-graph-permission"
  | "read-deleted"
  | "manage-deleted"
  | "read-users"
  | "manage-users"
  | "reset-password"
  | "read-groups"
  | "create-group"
  | "manage-group"
  | "manage-members"
  | "read-objects"
  | "delete-object"
  | "read-organization"
  | "read-roles"
  | "manage-roles"
  | "read-audit"
  | "end-sessions"
  | "end-own-sessions"
  | "change-own-password"
  | "read-self";

/** The parts of a verified token that the decision looks at. */
export type DirectoryCaller = {
  readonly principalId: PrincipalId;
  readonly kind: "app" | "user";
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
};

type Grant = {
  /** Application permissions that cover the action on every object. */
  readonly application: readonly string[];
  /** Application permissions that cover it on objects the app owns, or on none in particular when the action makes something. */
  readonly applicationOwned?: readonly string[];
  readonly delegated: readonly string[];
  readonly directoryRoles: readonly Guid[];
  /** An app may do it to itself, whatever it was given. */
  readonly isOwnToo?: boolean;
  /** What a member of the tenant may do without any role. */
  readonly members: "any" | "owned" | "none";
};

const roles = directoryRoleTemplateIds;
const applicationAdministrators = [
  roles.globalAdministrator,
  roles.applicationAdministrator,
  roles.cloudApplicationAdministrator,
];
const groupAdministrators = [roles.globalAdministrator, roles.groupsAdministrator, roles.userAdministrator];
const userAdministrators = [roles.globalAdministrator, roles.userAdministrator];
const passwordAdministrators = [...userAdministrators, roles.helpdeskAdministrator, roles.passwordAdministrator];
const auditReaders = [roles.globalAdministrator, roles.globalReader, roles.securityReader, roles.reportsReader];
/** Every role reads the directory: each administers something that it has to find first. */
const readers = Object.values(roles);

const directoryRead = ["Directory.Read.All", "Directory.ReadWrite.All"];
const directoryWrite = ["Directory.ReadWrite.All"];
const asUser = "Directory.AccessAsUser.All";
const applicationRead = ["Application.Read.All", "Application.ReadWrite.All"];
const groupRead = ["Group.Read.All", "Group.ReadWrite.All"];
const memberRead = ["GroupMember.Read.All", "GroupMember.ReadWrite.All"];
const userRead = ["User.Read.All", "User.ReadWrite.All"];

const manageApplication: Grant = {
  application: ["Application.ReadWrite.All"],
  applicationOwned: ["Application.ReadWrite.OwnedBy"],
  delegated: ["Application.ReadWrite.All", asUser],
  directoryRoles: applicationAdministrators,
  members: "owned",
};
/** Roles of an application of the tenant, given to people and groups: its owner's business, too. */
const assignAppRole: Grant = {
  application: ["AppRoleAssignment.ReadWrite.All"],
  delegated: ["AppRoleAssignment.ReadWrite.All", asUser],
  directoryRoles: applicationAdministrators,
  members: "owned",
};
const manageGroup: Grant = {
  application: ["Group.ReadWrite.All", ...directoryWrite],
  delegated: ["Group.ReadWrite.All", ...directoryWrite, asUser],
  directoryRoles: groupAdministrators,
  members: "owned",
};

/** Whoever could manage an object of some kind; which kind it is decides anew. */
const manageOfAnyKind: Grant = {
  application: ["Application.ReadWrite.All", "User.ReadWrite.All", "Group.ReadWrite.All", ...directoryWrite],
  delegated: ["Application.ReadWrite.All", "User.ReadWrite.All", "Group.ReadWrite.All", ...directoryWrite, asUser],
  directoryRoles: [...applicationAdministrators, ...groupAdministrators, ...userAdministrators],
  members: "none",
};

const grants: Readonly<Record<DirectoryAction, Grant>> = {
  "read-applications": {
    application: [...applicationRead, "Application.ReadWrite.OwnedBy", ...directoryRead],
    delegated: [...applicationRead, ...directoryRead, asUser],
    directoryRoles: readers,
    members: "any",
  },
  "create-application": {
    ...manageApplication,
    application: ["Application.ReadWrite.All", "Application.ReadWrite.OwnedBy"],
    directoryRoles: [...applicationAdministrators, roles.applicationDeveloper],
    members: "any",
  },
  "create-service-principal": manageApplication,
  "manage-application": manageApplication,
  "roll-own-key": { ...manageApplication, isOwnToo: true },
  "read-grants": {
    application: ["DelegatedPermissionGrant.ReadWrite.All", ...directoryRead],
    delegated: ["DelegatedPermissionGrant.ReadWrite.All", ...directoryRead, asUser],
    directoryRoles: readers,
    members: "any",
  },
  "manage-grants": {
    application: ["DelegatedPermissionGrant.ReadWrite.All", ...directoryWrite],
    delegated: ["DelegatedPermissionGrant.ReadWrite.All", ...directoryWrite, asUser],
    directoryRoles: applicationAdministrators,
    members: "none",
  },
  "assign-app-role": assignAppRole,
  // What an application may do as itself is an administrator's to say, whoever owns the API.
  "grant-application-permission": { ...assignAppRole, members: "none" },
  // Who could grant Graph's own permissions could take over the directory: not a matter of applications any more.
  "grant-graph-permission": {
    ...assignAppRole,
    directoryRoles: [roles.globalAdministrator, roles.privilegedRoleAdministrator],
    members: "none",
  },
  // Each kind of object asks for its own right within; these let in whoever could have one.
  "read-deleted": {
    application: [...applicationRead, ...userRead, ...groupRead, ...directoryRead],
    delegated: [...applicationRead, ...userRead, ...groupRead, ...directoryRead, asUser],
    directoryRoles: readers,
    members: "none",
  },
  "manage-deleted": manageOfAnyKind,
  "read-users": {
    application: [...userRead, ...directoryRead],
    delegated: ["User.ReadBasic.All", ...userRead, ...directoryRead, asUser],
    directoryRoles: readers,
    members: "any",
  },
  "manage-users": {
    application: ["User.ReadWrite.All", ...directoryWrite],
    delegated: ["User.ReadWrite.All", ...directoryWrite, asUser],
    directoryRoles: userAdministrators,
    members: "none",
  },
  // No application permission here sets other people's passwords: only a role does.
  "reset-password": { application: [], delegated: [asUser], directoryRoles: passwordAdministrators, members: "none" },
  "read-groups": {
    application: [...groupRead, ...memberRead, ...directoryRead],
    delegated: [...groupRead, ...memberRead, ...directoryRead, asUser],
    directoryRoles: readers,
    members: "any",
  },
  "create-group": { ...manageGroup, members: "any" },
  "manage-group": manageGroup,
  "manage-members": {
    ...manageGroup,
    application: ["GroupMember.ReadWrite.All", ...manageGroup.application],
    delegated: ["GroupMember.ReadWrite.All", ...manageGroup.delegated],
  },
  "read-objects": {
    application: directoryRead,
    delegated: [...directoryRead, asUser],
    directoryRoles: readers,
    members: "any",
  },
  "delete-object": manageOfAnyKind,
  "read-organization": {
    application: ["Organization.Read.All", ...directoryRead],
    delegated: ["User.Read", "Organization.Read.All", ...directoryRead, asUser],
    directoryRoles: readers,
    members: "any",
  },
  "read-roles": {
    application: ["RoleManagement.Read.Directory", "RoleManagement.ReadWrite.Directory", ...directoryRead],
    delegated: ["RoleManagement.Read.Directory", "RoleManagement.ReadWrite.Directory", ...directoryRead, asUser],
    directoryRoles: readers,
    members: "any",
  },
  "manage-roles": {
    application: ["RoleManagement.ReadWrite.Directory"],
    delegated: ["RoleManagement.ReadWrite.Directory", asUser],
    directoryRoles: [roles.globalAdministrator, roles.privilegedRoleAdministrator],
    members: "none",
  },
  "read-audit": {
    application: ["AuditLog.Read.All"],
    delegated: ["AuditLog.Read.All"],
    directoryRoles: auditReaders,
    members: "none",
  },
  "end-sessions": {
    application: ["User.RevokeSessions.All", "User.ReadWrite.All", ...directoryWrite],
    delegated: ["User.RevokeSessions.All", "User.ReadWrite.All", ...directoryWrite, asUser],
    directoryRoles: passwordAdministrators,
    members: "none",
  },
  "end-own-sessions": {
    application: [],
    delegated: ["User.RevokeSessions.All", "User.ReadWrite", "User.ReadWrite.All", ...directoryWrite, asUser],
    directoryRoles: [],
    members: "any",
  },
  "change-own-password": { application: [], delegated: [asUser], directoryRoles: [], members: "any" },
  "read-self": {
    application: [],
    delegated: ["User.Read", "User.ReadWrite", ...userRead, ...directoryRead, asUser],
    directoryRoles: readers,
    members: "any",
  },
};

/** Graph permissions that cover an action, application and delegated together, for an operation table's column. */
export function permissionsFor(action: DirectoryAction): string {
  const { application, applicationOwned = [], delegated } = grants[action];
  return [...new Set([...application, ...applicationOwned, ...delegated])].sort().join(" | ");
}

/** What it takes to give a principal a role of a resource, or to take it away. */
export function assignmentAction(model: ReadModel, principalId: string, resourceId: string): DirectoryAction {
  // Microsoft's own: of those, only Graph has roles.
  if (model.servicePrincipals.get(resourceId)?.appOwnerOrganizationId === null) return "grant-graph-permission";
  return model.servicePrincipals.has(principalId) ? "grant-application-permission" : "assign-app-role";
}

/**
 * Decides.
 * @param ownedId object id of what the action is done to, when owning it counts; undefined when it is unknown or made by the action.
 */
export function mayAct(
  model: ReadModel,
  caller: DirectoryCaller,
  action: DirectoryAction,
  ownedId: string | undefined,
): boolean {
  const grant = grants[action];
  const ownsIt = () => ownedId !== undefined && isOwner(model, ownedId, caller.principalId);
  if (caller.kind === "app") {
    if (hasAny(caller.roles, grant.application)) return true;
    if (hasAny(caller.roles, grant.applicationOwned ?? []) && ownsIt()) return true;
    if (grant.isOwnToo === true && isItself(model, caller.principalId, ownedId)) return true;
    return holdsDirectoryRole(model, caller.principalId, grant.directoryRoles);
  }
  if (!hasAny(caller.scopes, grant.delegated)) return false;
  if (holdsDirectoryRole(model, caller.principalId, grant.directoryRoles)) return true;
  return grant.members === "any" || (grant.members === "owned" && ownsIt());
}

/** Whether an object is the caller's own service principal, or its application. */
function isItself(model: ReadModel, principalId: PrincipalId, objectId: string | undefined): boolean {
  if (objectId === undefined || objectId === principalId) return objectId !== undefined;
  const appId = model.servicePrincipals.get(principalId)?.appId;
  return appId !== undefined && model.applications.get(objectId)?.appId === appId;
}

function hasAny(held: readonly string[], wanted: readonly string[]): boolean {
  return wanted.some((permission) => held.includes(permission));
}

/** Roles held directly; groups hold none here (role-assignable groups are refused when made). */
function holdsDirectoryRole(model: ReadModel, principalId: PrincipalId, roles: readonly Guid[]): boolean {
  return model.directoryRoleAssignments
    .find("principalId", principalId)
    .some((row) => roles.includes(row.roleTemplateId));
}
