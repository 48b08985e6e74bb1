/** `postern storage account show`. @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts/get-properties */
import { versioned } from "../../azure/resource-manager.ts";
import { shapeStorageAccount } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import { byResourceId } from "../../command/resource-ids.ts";
import { openSession } from "../../session.ts";
import { resourceGroup } from "../options.ts";
import { accountName, accountType, findAccountPath } from "./account.ts";

export const command = byResourceId(
  accountType,
  defineCommand({
    options: { name: accountName, resourceGroup },
    examples: [{ summary: "Show a storage account", line: "postern storage account show --name notesdev" }],
    run: async (context, args) => {
      const session = await openSession(context);
      const path = await findAccountPath(context, session, args.name, args.resourceGroup);
      return { data: shapeStorageAccount(await session.resourceManager.json("GET", versioned(path, "storage"))) };
    },
  }),
);
