/** `postern storage account create`. @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts/create */
import { storageAccountPath, versioned } from "../../azure/resource-manager.ts";
import { shapeStorageAccount } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { parseRecord } from "../../state/private-file.ts";
import { findGroupLocation } from "../group/location.ts";
import { location, normalizeLocation, readTags, resourceGroup, tags } from "../options.ts";
import { accountName, checkName } from "./account.ts";
import { accountSettings, settingsBody } from "./account-settings.ts";

const skus = [
  "Premium_LRS",
  "Premium_ZRS",
  "Standard_GRS",
  "Standard_GZRS",
  "Standard_LRS",
  "Standard_RAGRS",
  "Standard_RAGZRS",
  "Standard_ZRS",
] as const;

export const command = defineCommand({
  options: {
    name: accountName,
    resourceGroup: { ...resourceGroup, required: true },
    location,
    sku: {
      kind: "text",
      flags: ["--sku"],
      choices: skus,
      summary: "The storage account SKU. Default: Standard_RAGRS.",
    },
    kind: {
      kind: "text",
      flags: ["--kind"],
      choices: ["BlobStorage", "BlockBlobStorage", "FileStorage", "Storage", "StorageV2"],
      summary: "The type of storage account. Default: StorageV2.",
    },
    tags,
    ...accountSettings,
    enableHierarchicalNamespace: {
      kind: "switch",
      flags: ["--enable-hierarchical-namespace", "--hns"],
      summary: "Give the blobs real folders.",
    },
  },
  examples: [
    {
      summary: "Create a storage account in a group's own region",
      line: "postern storage account create --name notesdev --resource-group notes-dev",
    },
    {
      summary: "Create one that takes tokens only, no keys",
      line: "postern storage account create -n notesdev -g notes-dev --sku Standard_LRS --allow-shared-key-access false",
    },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const subscriptionId = await findSubscriptionId(context, session);
    const location =
      args.location === undefined
        ? await findGroupLocation(session, subscriptionId, args.resourceGroup)
        : normalizeLocation(args.location);
    const availability = await checkName(session, subscriptionId, args.name);
    if (availability.nameAvailable === false && availability.reason === "AlreadyExists") {
      context.notes.warn(
        `A storage account with the provided name ${args.name} is found. Will continue to update the existing account.`,
      );
    }
    const body = {
      sku: { name: args.sku ?? "Standard_RAGRS" },
      kind: args.kind ?? "StorageV2",
      location,
      tags: readTags(args.tags),
      properties: {
        encryption: { services: { blob: {} }, keySource: "Microsoft.Storage" },
        ...settingsBody(args),
        isHnsEnabled: args.enableHierarchicalNamespace,
      },
    };
    const path = storageAccountPath(subscriptionId, args.resourceGroup, args.name);
    const answer = await session.resourceManager.finish("PUT", versioned(path, "storage"), body);
    const account = parseRecord(answer.body);
    if (account === undefined) throw failure("Resource Manager created the account but did not show it.");
    return { data: shapeStorageAccount(account) };
  },
});
