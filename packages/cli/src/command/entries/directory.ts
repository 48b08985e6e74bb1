/** az's commands about Entra ID. Each command's module is loaded only when it is run or asked about. May use: ../command.ts, for the type. */
import type { Entry } from "../command.ts";

export const directoryEntries: readonly Entry[] = [
  {
    path: "ad app create",
    summary: "Create an application.",
    load: async () => ({ command: (await import("../../commands/ad/app-write.ts")).createApp }),
  },
  {
    path: "ad app credential delete",
    summary: "Remove an application's secret or certificate.",
    load: async () => ({ command: (await import("../../commands/ad/credentials.ts")).deleteAppCredential }),
  },
  {
    path: "ad app credential list",
    summary: "List an application's secrets or certificates, without their values.",
    load: async () => ({ command: (await import("../../commands/ad/credentials.ts")).listAppCredentials }),
  },
  {
    path: "ad app credential reset",
    summary: "Make an application a new client secret.",
    load: () => import("../../commands/ad/app-credential-reset.ts"),
  },
  { path: "ad app delete", summary: "Delete an application.", load: () => import("../../commands/ad/app-delete.ts") },
  {
    path: "ad app federated-credential create",
    summary: "Let tokens of an outside issuer sign an application in.",
    load: async () => ({ command: (await import("../../commands/ad/federated-credentials.ts")).createFederated }),
  },
  {
    path: "ad app federated-credential delete",
    summary: "Remove a federated credential.",
    load: async () => ({ command: (await import("../../commands/ad/federated-credentials.ts")).deleteFederated }),
  },
  {
    path: "ad app federated-credential list",
    summary: "List whose tokens an application may sign in with.",
    load: async () => ({ command: (await import("../../commands/ad/federated-credentials.ts")).listFederated }),
  },
  {
    path: "ad app federated-credential show",
    summary: "Show a federated credential.",
    load: async () => ({ command: (await import("../../commands/ad/federated-credentials.ts")).showFederated }),
  },
  {
    path: "ad app federated-credential update",
    summary: "Change a federated credential.",
    load: async () => ({ command: (await import("../../commands/ad/federated-credentials.ts")).updateFederated }),
  },
  { path: "ad app list", summary: "List applications.", load: () => import("../../commands/ad/app-list.ts") },
  {
    path: "ad app owner add",
    summary: "Add an application's owner.",
    load: async () => ({ command: (await import("../../commands/ad/owners.ts")).addAppOwner }),
  },
  {
    path: "ad app owner list",
    summary: "List an application's owners.",
    load: async () => ({ command: (await import("../../commands/ad/owners.ts")).listAppOwners }),
  },
  {
    path: "ad app owner remove",
    summary: "Remove an application's owner.",
    load: async () => ({ command: (await import("../../commands/ad/owners.ts")).removeAppOwner }),
  },
  {
    path: "ad app permission add",
    summary: "Ask for permissions of an API.",
    load: async () => ({ command: (await import("../../commands/ad/permissions.ts")).addPermission }),
  },
  {
    path: "ad app permission admin-consent",
    summary: "Grant all that an application asks for, for everyone.",
    load: async () => ({ command: (await import("../../commands/ad/grants.ts")).adminConsent }),
  },
  {
    path: "ad app permission delete",
    summary: "Ask for permissions no more.",
    load: async () => ({ command: (await import("../../commands/ad/permissions.ts")).deletePermission }),
  },
  {
    path: "ad app permission grant",
    summary: "Grant an application delegated permissions.",
    load: async () => ({ command: (await import("../../commands/ad/grants.ts")).grantPermission }),
  },
  {
    path: "ad app permission list",
    summary: "List what an application asks of APIs.",
    load: async () => ({ command: (await import("../../commands/ad/permissions.ts")).listPermissions }),
  },
  {
    path: "ad app permission list-grants",
    summary: "List the delegated permissions that were granted.",
    load: async () => ({ command: (await import("../../commands/ad/grants.ts")).listGrants }),
  },
  { path: "ad app show", summary: "Show an application.", load: () => import("../../commands/ad/app-show.ts") },
  {
    path: "ad app update",
    summary: "Change an application.",
    load: async () => ({ command: (await import("../../commands/ad/app-write.ts")).updateApp }),
  },
  {
    path: "ad group create",
    summary: "Create a group.",
    load: async () => ({ command: (await import("../../commands/ad/directory-groups.ts")).createGroup }),
  },
  {
    path: "ad group delete",
    summary: "Delete a group.",
    load: async () => ({ command: (await import("../../commands/ad/directory-groups.ts")).deleteGroup }),
  },
  {
    path: "ad group get-member-groups",
    summary: "List the groups a group is in.",
    load: async () => ({ command: (await import("../../commands/ad/directory-groups.ts")).listGroupsOfGroup }),
  },
  {
    path: "ad group list",
    summary: "List groups.",
    load: async () => ({ command: (await import("../../commands/ad/directory-groups.ts")).listGroups }),
  },
  {
    path: "ad group member add",
    summary: "Add a member to a group.",
    load: async () => ({ command: (await import("../../commands/ad/group-members.ts")).addMember }),
  },
  {
    path: "ad group member check",
    summary: "Tell whether somebody is in a group.",
    load: async () => ({ command: (await import("../../commands/ad/group-members.ts")).checkMember }),
  },
  {
    path: "ad group member list",
    summary: "List a group's members.",
    load: async () => ({ command: (await import("../../commands/ad/group-members.ts")).listMembers }),
  },
  {
    path: "ad group member remove",
    summary: "Remove a member from a group.",
    load: async () => ({ command: (await import("../../commands/ad/group-members.ts")).removeMember }),
  },
  {
    path: "ad group owner add",
    summary: "Add a group's owner.",
    load: async () => ({ command: (await import("../../commands/ad/owners.ts")).addGroupOwner }),
  },
  {
    path: "ad group owner list",
    summary: "List a group's owners.",
    load: async () => ({ command: (await import("../../commands/ad/owners.ts")).listGroupOwners }),
  },
  {
    path: "ad group owner remove",
    summary: "Remove a group's owner.",
    load: async () => ({ command: (await import("../../commands/ad/owners.ts")).removeGroupOwner }),
  },
  {
    path: "ad group show",
    summary: "Show a group.",
    load: async () => ({ command: (await import("../../commands/ad/directory-groups.ts")).showGroup }),
  },
  {
    path: "ad signed-in-user list-owned-objects",
    summary: "List what the signed-in user owns.",
    load: async () => ({ command: (await import("../../commands/ad/signed-in-user.ts")).listOwnedObjects }),
  },
  {
    path: "ad signed-in-user show",
    summary: "Show who is signed in.",
    load: async () => ({ command: (await import("../../commands/ad/signed-in-user.ts")).showSignedInUser }),
  },
  {
    path: "ad sp create",
    summary: "Create the service principal of an application.",
    load: async () => ({ command: (await import("../../commands/ad/sp-write.ts")).createSp }),
  },
  {
    path: "ad sp create-for-rbac",
    summary: "Register an app with a secret, and give it roles.",
    load: () => import("../../commands/ad/sp-create-for-rbac.ts"),
  },
  {
    path: "ad sp credential delete",
    summary: "Remove a service principal's secret or certificate.",
    load: async () => ({ command: (await import("../../commands/ad/credentials.ts")).deleteSpCredential }),
  },
  {
    path: "ad sp credential list",
    summary: "List a service principal's secrets or certificates, without their values.",
    load: async () => ({ command: (await import("../../commands/ad/credentials.ts")).listSpCredentials }),
  },
  {
    path: "ad sp credential reset",
    summary: "Make a service principal a new client secret.",
    load: () => import("../../commands/ad/sp-credential-reset.ts"),
  },
  {
    path: "ad sp delete",
    summary: "Delete a service principal.",
    load: () => import("../../commands/ad/sp-delete.ts"),
  },
  { path: "ad sp list", summary: "List service principals.", load: () => import("../../commands/ad/sp-list.ts") },
  {
    path: "ad sp owner list",
    summary: "List a service principal's owners.",
    load: async () => ({ command: (await import("../../commands/ad/owners.ts")).listSpOwners }),
  },
  { path: "ad sp show", summary: "Show a service principal.", load: () => import("../../commands/ad/sp-show.ts") },
  {
    path: "ad sp update",
    summary: "Change a service principal.",
    load: async () => ({ command: (await import("../../commands/ad/sp-write.ts")).updateSp }),
  },
  {
    path: "ad user create",
    summary: "Create a user.",
    load: async () => ({ command: (await import("../../commands/ad/users.ts")).createUser }),
  },
  {
    path: "ad user delete",
    summary: "Delete a user.",
    load: async () => ({ command: (await import("../../commands/ad/users.ts")).deleteUser }),
  },
  {
    path: "ad user get-member-groups",
    summary: "List the groups a user is in.",
    load: async () => ({ command: (await import("../../commands/ad/users.ts")).listUserGroups }),
  },
  {
    path: "ad user list",
    summary: "List users.",
    load: async () => ({ command: (await import("../../commands/ad/users.ts")).listUsers }),
  },
  {
    path: "ad user show",
    summary: "Show a user.",
    load: async () => ({ command: (await import("../../commands/ad/users.ts")).showUser }),
  },
  {
    path: "ad user update",
    summary: "Change a user.",
    load: async () => ({ command: (await import("../../commands/ad/users.ts")).updateUser }),
  },
];
