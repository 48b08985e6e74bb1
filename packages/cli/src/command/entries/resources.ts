/** az's commands about resources and roles. Each command's module is loaded only when it is run or asked about. May use: ../command.ts, for the type. */
import type { Entry } from "../command.ts";

export const resourceEntries: readonly Entry[] = [
  { path: "group create", summary: "Create a resource group.", load: () => import("../../commands/group/create.ts") },
  {
    path: "group delete",
    summary: "Delete a resource group and all in it.",
    load: () => import("../../commands/group/delete.ts"),
  },
  {
    path: "group exists",
    summary: "Tell whether a resource group is there.",
    load: () => import("../../commands/group/exists.ts"),
  },
  { path: "group list", summary: "List resource groups.", load: () => import("../../commands/group/list.ts") },
  { path: "group show", summary: "Show a resource group.", load: () => import("../../commands/group/show.ts") },
  {
    path: "identity create",
    summary: "Create a managed identity.",
    load: () => import("../../commands/identity/create.ts"),
  },
  {
    path: "identity delete",
    summary: "Delete a managed identity.",
    load: () => import("../../commands/identity/delete.ts"),
  },
  { path: "identity list", summary: "List managed identities.", load: () => import("../../commands/identity/list.ts") },
  {
    path: "identity list-resources",
    summary: "List the resources that have a managed identity.",
    load: () => import("../../commands/identity/list-resources.ts"),
  },
  { path: "identity show", summary: "Show a managed identity.", load: () => import("../../commands/identity/show.ts") },
  {
    path: "role assignment create",
    summary: "Give a role to a user, group or app.",
    load: () => import("../../commands/role/assignment-create.ts"),
  },
  {
    path: "role assignment delete",
    summary: "Take roles away.",
    load: () => import("../../commands/role/assignment-delete.ts"),
  },
  {
    path: "role assignment list",
    summary: "List who has which role.",
    load: () => import("../../commands/role/assignment-list.ts"),
  },
  {
    path: "role assignment list-changelogs",
    summary: "List who was given or lost a role.",
    load: () => import("../../commands/role/assignment-changes.ts"),
  },
  {
    path: "role assignment update",
    summary: "Change an assignment's description or condition.",
    load: () => import("../../commands/role/assignment-update.ts"),
  },
  {
    path: "role definition create",
    summary: "Create a role.",
    load: async () => ({ command: (await import("../../commands/role/definition-write.ts")).createDefinition }),
  },
  {
    path: "role definition delete",
    summary: "Delete a role.",
    load: async () => ({ command: (await import("../../commands/role/definition-write.ts")).deleteDefinition }),
  },
  {
    path: "role definition list",
    summary: "List roles.",
    load: () => import("../../commands/role/definition-list.ts"),
  },
  {
    path: "role definition show",
    summary: "Show a role.",
    load: () => import("../../commands/role/definition-show.ts"),
  },
  {
    path: "role definition update",
    summary: "Change a role.",
    load: async () => ({ command: (await import("../../commands/role/definition-write.ts")).updateDefinition }),
  },
  {
    path: "storage account check-name",
    summary: "Tell whether an account's name is still free.",
    load: () => import("../../commands/storage/account-check-name.ts"),
  },
  {
    path: "storage account create",
    summary: "Create a storage account.",
    load: () => import("../../commands/storage/account-create.ts"),
  },
  {
    path: "storage account delete",
    summary: "Delete a storage account.",
    load: () => import("../../commands/storage/account-delete.ts"),
  },
  {
    path: "storage account keys list",
    summary: "List a storage account's access keys.",
    load: () => import("../../commands/storage/account-keys-list.ts"),
  },
  {
    path: "storage account list",
    summary: "List storage accounts.",
    load: () => import("../../commands/storage/account-list.ts"),
  },
  {
    path: "storage account show",
    summary: "Show a storage account.",
    load: () => import("../../commands/storage/account-show.ts"),
  },
  {
    path: "storage container create",
    summary: "Create a container.",
    load: async () => ({ command: (await import("../../commands/storage/containers.ts")).createContainer }),
  },
  {
    path: "storage container delete",
    summary: "Delete a container with its blobs.",
    load: async () => ({ command: (await import("../../commands/storage/containers.ts")).deleteContainer }),
  },
  {
    path: "storage container exists",
    summary: "Tell whether a container is there.",
    load: async () => ({ command: (await import("../../commands/storage/containers.ts")).containerExists }),
  },
  {
    path: "storage container generate-sas",
    summary: "Make a shared access signature of a container.",
    load: async () => ({ command: (await import("../../commands/storage/signatures.ts")).generateContainerSas }),
  },
  {
    path: "storage container list",
    summary: "List containers.",
    load: async () => ({ command: (await import("../../commands/storage/containers.ts")).listContainers }),
  },
  {
    path: "storage container metadata show",
    summary: "Show a container's metadata.",
    load: async () => ({ command: (await import("../../commands/storage/containers.ts")).showContainerMetadata }),
  },
  {
    path: "storage container show",
    summary: "Show a container.",
    load: async () => ({ command: (await import("../../commands/storage/containers.ts")).showContainer }),
  },
  {
    path: "storage blob delete",
    summary: "Delete a blob.",
    load: async () => ({ command: (await import("../../commands/storage/blobs.ts")).deleteBlob }),
  },
  {
    path: "storage blob delete-batch",
    summary: "Delete blobs of names like a pattern.",
    load: async () => ({ command: (await import("../../commands/storage/blob-batches.ts")).deleteBatch }),
  },
  {
    path: "storage blob download",
    summary: "Download a blob.",
    load: async () => ({ command: (await import("../../commands/storage/blob-transfer.ts")).download }),
  },
  {
    path: "storage blob download-batch",
    summary: "Download blobs to a folder.",
    load: async () => ({ command: (await import("../../commands/storage/blob-batches.ts")).downloadBatch }),
  },
  {
    path: "storage blob exists",
    summary: "Tell whether a blob is there.",
    load: async () => ({ command: (await import("../../commands/storage/blobs.ts")).blobExists }),
  },
  {
    path: "storage blob generate-sas",
    summary: "Make a shared access signature of a blob.",
    load: async () => ({ command: (await import("../../commands/storage/signatures.ts")).generateBlobSas }),
  },
  {
    path: "storage blob list",
    summary: "List blobs.",
    load: async () => ({ command: (await import("../../commands/storage/blobs.ts")).listBlobs }),
  },
  {
    path: "storage blob show",
    summary: "Show a blob's properties.",
    load: async () => ({ command: (await import("../../commands/storage/blobs.ts")).showBlob }),
  },
  {
    path: "storage blob upload",
    summary: "Upload a file.",
    load: async () => ({ command: (await import("../../commands/storage/blob-transfer.ts")).upload }),
  },
  {
    path: "storage blob sync",
    summary: "Make a container's blobs those of a folder.",
    load: () => import("../../commands/storage/blob-sync.ts"),
  },
  {
    path: "storage blob upload-batch",
    summary: "Upload a folder.",
    load: async () => ({ command: (await import("../../commands/storage/blob-batches.ts")).uploadBatch }),
  },
  {
    path: "storage blob url",
    summary: "Show where a blob is.",
    load: async () => ({ command: (await import("../../commands/storage/blobs.ts")).blobUrl }),
  },
  {
    path: "account management-group create",
    summary: "Create a management group.",
    load: async () => ({ command: (await import("../../commands/management-group/groups.ts")).createManagementGroup }),
  },
  {
    path: "account management-group delete",
    summary: "Delete a management group.",
    load: async () => ({ command: (await import("../../commands/management-group/groups.ts")).deleteManagementGroup }),
  },
  {
    path: "account management-group list",
    summary: "List management groups.",
    load: async () => ({ command: (await import("../../commands/management-group/groups.ts")).listManagementGroups }),
  },
  {
    path: "account management-group show",
    summary: "Show a management group.",
    load: async () => ({ command: (await import("../../commands/management-group/groups.ts")).showManagementGroup }),
  },
  {
    path: "account management-group subscription add",
    summary: "Put a subscription in a management group.",
    load: async () => ({ command: (await import("../../commands/management-group/groups.ts")).addSubscription }),
  },
  {
    path: "account management-group subscription remove",
    summary: "Take a subscription out of a management group.",
    load: async () => ({ command: (await import("../../commands/management-group/groups.ts")).removeSubscription }),
  },
  {
    path: "account management-group update",
    summary: "Rename or move a management group.",
    load: async () => ({ command: (await import("../../commands/management-group/groups.ts")).updateManagementGroup }),
  },
  { path: "group update", summary: "Change a resource group.", load: () => import("../../commands/group/update.ts") },
  {
    path: "identity federated-credential create",
    summary: "Let tokens of an outside issuer be a managed identity.",
    load: async () => ({ command: (await import("../../commands/identity/federated-credentials.ts")).createFederated }),
  },
  {
    path: "identity federated-credential delete",
    summary: "Remove a federated credential.",
    load: async () => ({ command: (await import("../../commands/identity/federated-credentials.ts")).deleteFederated }),
  },
  {
    path: "identity federated-credential list",
    summary: "List a managed identity's federated credentials.",
    load: async () => ({ command: (await import("../../commands/identity/federated-credentials.ts")).listFederated }),
  },
  {
    path: "identity federated-credential show",
    summary: "Show a federated credential.",
    load: async () => ({ command: (await import("../../commands/identity/federated-credentials.ts")).showFederated }),
  },
  {
    path: "identity federated-credential update",
    summary: "Change a federated credential.",
    load: async () => ({ command: (await import("../../commands/identity/federated-credentials.ts")).updateFederated }),
  },
  {
    path: "storage account keys renew",
    summary: "Make a new access key in place of an old one.",
    load: async () => ({ command: (await import("../../commands/storage/account-write.ts")).renewKey }),
  },
  {
    path: "storage account show-connection-string",
    summary: "Show a storage account's connection string.",
    load: async () => ({ command: (await import("../../commands/storage/account-write.ts")).showConnectionString }),
  },
  {
    path: "storage account update",
    summary: "Change a storage account.",
    load: async () => ({ command: (await import("../../commands/storage/account-write.ts")).updateAccount }),
  },
  {
    path: "deployment group create",
    summary: "Deploy an ARM template to a resource group.",
    load: async () => ({ command: (await import("../../commands/deployment/deployments.ts")).createInGroup }),
  },
  {
    path: "deployment group delete",
    summary: "Forget a deployment to a resource group.",
    load: async () => ({ command: (await import("../../commands/deployment/deployments.ts")).deleteInGroup }),
  },
  {
    path: "deployment group list",
    summary: "List deployments to a resource group.",
    load: async () => ({ command: (await import("../../commands/deployment/deployments.ts")).listInGroup }),
  },
  {
    path: "deployment group show",
    summary: "Show a deployment to a resource group.",
    load: async () => ({ command: (await import("../../commands/deployment/deployments.ts")).showInGroup }),
  },
  {
    path: "deployment sub create",
    summary: "Deploy an ARM template to a subscription.",
    load: async () => ({ command: (await import("../../commands/deployment/deployments.ts")).createInSubscription }),
  },
  {
    path: "deployment sub delete",
    summary: "Forget a deployment to a subscription.",
    load: async () => ({ command: (await import("../../commands/deployment/deployments.ts")).deleteInSubscription }),
  },
  {
    path: "deployment sub list",
    summary: "List deployments to a subscription.",
    load: async () => ({ command: (await import("../../commands/deployment/deployments.ts")).listInSubscription }),
  },
  {
    path: "deployment sub show",
    summary: "Show a deployment to a subscription.",
    load: async () => ({ command: (await import("../../commands/deployment/deployments.ts")).showInSubscription }),
  },
];
