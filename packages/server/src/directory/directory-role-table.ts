/**
 * The built-in directory roles this cloud knows: what each is for, in the directory's own words of permission. Data; permissions.ts is what
 * is enforced, and a test holds the two together.
 * @see https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
 */
import { directoryRoleTemplateIds as ids } from "../state/first-party.ts";
import type { Guid } from "../state/identifiers.ts";

export type DirectoryRoleTemplate = {
  readonly templateId: Guid;
  readonly displayName: string;
  readonly description: string;
  /** Who holds it could make themselves more than they are. */
  readonly isPrivileged: boolean;
  readonly allowedResourceActions: readonly string[];
  /** Roles whose holders this role may reset the passwords of and change the sensitive properties of, beside people without any role. */
  readonly mayAdministerHoldersOf?: readonly Guid[];
};

const reading = [
  "microsoft.directory/applications/standard/read",
  "microsoft.directory/domains/standard/read",
  "microsoft.directory/groups/standard/read",
  "microsoft.directory/organization/standard/read",
  "microsoft.directory/servicePrincipals/standard/read",
  "microsoft.directory/users/standard/read",
] as const;
const auditing = [
  "microsoft.directory/auditLogs/allProperties/read",
  "microsoft.directory/signInReports/allProperties/read",
] as const;
const managingApplications = [
  "microsoft.directory/applications/allProperties/allTasks",
  "microsoft.directory/servicePrincipals/allProperties/allTasks",
] as const;
const managingGroups = ["microsoft.directory/groups/allProperties/allTasks"] as const;
const passwords = [
  "microsoft.directory/users/password/update",
  "microsoft.directory/users/invalidateAllRefreshTokens",
] as const;

/** Roles that give no power over others, so that whoever administers people may administer their holders. */
const harmless = [ids.directoryReaders, ids.reportsReader] as const;

export const directoryRoleTable: readonly DirectoryRoleTemplate[] = [
  {
    templateId: ids.globalAdministrator,
    displayName: "Global Administrator",
    description: "Manages everything in the directory and in the services that use its identities.",
    isPrivileged: true,
    allowedResourceActions: ["microsoft.directory/allEntities/allProperties/allTasks"],
    mayAdministerHoldersOf: Object.values(ids),
  },
  {
    templateId: ids.privilegedRoleAdministrator,
    displayName: "Privileged Role Administrator",
    description: "Manages who holds directory roles, every role included.",
    isPrivileged: true,
    allowedResourceActions: [
      "microsoft.directory/directoryRoles/allProperties/allTasks",
      "microsoft.directory/roleAssignments/allProperties/allTasks",
      ...reading,
    ],
  },
  {
    templateId: ids.applicationAdministrator,
    displayName: "Application Administrator",
    description: "Creates and manages every application and service principal.",
    isPrivileged: true,
    allowedResourceActions: [...managingApplications, ...reading],
  },
  {
    templateId: ids.cloudApplicationAdministrator,
    displayName: "Cloud Application Administrator",
    description: "Creates and manages every application and service principal except the application proxy.",
    isPrivileged: true,
    allowedResourceActions: [...managingApplications, ...reading],
  },
  {
    templateId: ids.applicationDeveloper,
    displayName: "Application Developer",
    description: "Registers applications, and manages those it owns.",
    isPrivileged: true,
    allowedResourceActions: [
      "microsoft.directory/applications/createAsOwner",
      "microsoft.directory/servicePrincipals/createAsOwner",
      ...reading,
    ],
  },
  {
    templateId: ids.userAdministrator,
    displayName: "User Administrator",
    description: "Manages people and groups, and resets the passwords of people who administer less.",
    isPrivileged: true,
    allowedResourceActions: ["microsoft.directory/users/allProperties/allTasks", ...managingGroups, ...reading],
    mayAdministerHoldersOf: [
      ...harmless,
      ids.userAdministrator,
      ids.groupsAdministrator,
      ids.helpdeskAdministrator,
      ids.passwordAdministrator,
    ],
  },
  {
    templateId: ids.helpdeskAdministrator,
    displayName: "Helpdesk Administrator",
    description: "Resets the passwords of people without a role and of other helpdesk administrators.",
    isPrivileged: true,
    allowedResourceActions: [...passwords, ...reading],
    mayAdministerHoldersOf: [...harmless, ids.helpdeskAdministrator, ids.passwordAdministrator],
  },
  {
    templateId: ids.passwordAdministrator,
    displayName: "Password Administrator",
    description: "Resets the passwords of people without a role and of other password administrators.",
    isPrivileged: true,
    allowedResourceActions: [...passwords, ...reading],
    mayAdministerHoldersOf: [ids.directoryReaders, ids.passwordAdministrator],
  },
  {
    templateId: ids.groupsAdministrator,
    displayName: "Groups Administrator",
    description: "Creates and manages every group.",
    isPrivileged: false,
    allowedResourceActions: [...managingGroups, ...reading],
  },
  {
    templateId: ids.globalReader,
    displayName: "Global Reader",
    description: "Reads everything a Global Administrator does, and changes nothing.",
    isPrivileged: true,
    allowedResourceActions: ["microsoft.directory/allEntities/allProperties/read", ...auditing],
  },
  {
    templateId: ids.securityReader,
    displayName: "Security Reader",
    description: "Reads the directory, its audit log and its sign-in log.",
    isPrivileged: true,
    allowedResourceActions: [...auditing, ...reading],
  },
  {
    templateId: ids.reportsReader,
    displayName: "Reports Reader",
    description: "Reads the audit log and the sign-in log.",
    isPrivileged: false,
    allowedResourceActions: [...auditing, ...reading],
  },
  {
    templateId: ids.directoryReaders,
    displayName: "Directory Readers",
    description: "Reads basic information of the directory.",
    isPrivileged: false,
    allowedResourceActions: reading,
  },
];

export function findDirectoryRole(templateId: string): DirectoryRoleTemplate | undefined {
  return directoryRoleTable.find((role) => role.templateId === templateId);
}
