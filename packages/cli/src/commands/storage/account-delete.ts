/** `postern storage account delete`. @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts/delete */
import { versioned } from "../../azure/resource-manager.ts";
import { defineCommand } from "../../command/command.ts";
import { byResourceId } from "../../command/resource-ids.ts";
import { openSession } from "../../session.ts";
import { confirm, resourceGroup, yes } from "../options.ts";
import { accountName, accountType, findAccountPath } from "./account.ts";

export const command = byResourceId(
  accountType,
  defineCommand({
    options: { name: accountName, resourceGroup, yes },
    examples: [
      {
        summary: "Delete a storage account and its blobs",
        line: "postern storage account delete -n notesdev -g notes-dev --yes",
      },
    ],
    run: async (context, args) => {
      await confirm(context, args.yes);
      const session = await openSession(context);
      const path = await findAccountPath(context, session, args.name, args.resourceGroup);
      await session.resourceManager.finish("DELETE", versioned(path, "storage"));
      return {};
    },
  }),
);
