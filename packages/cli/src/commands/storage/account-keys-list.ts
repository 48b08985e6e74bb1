/** `postern storage account keys list`. @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts/list-keys */
import { versioned } from "../../azure/resource-manager.ts";
import { shapeStorageKey } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import type { Json } from "../../http/service-client.ts";
import { openSession } from "../../session.ts";
import { resourceGroup } from "../options.ts";
import { accountName, findAccountPath } from "./account.ts";

export const command = defineCommand({
  options: { name: { ...accountName, flags: ["--account-name", "-n"] }, resourceGroup },
  examples: [
    { summary: "Show both keys", line: "postern storage account keys list --account-name notesdev --output table" },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const path = await findAccountPath(context, session, args.name, args.resourceGroup);
    const { keys } = await session.resourceManager.json("POST", versioned(`${path}/listKeys`, "storage"));
    return { data: Array.isArray(keys) ? (keys as Json[]).map(shapeStorageKey) : [] };
  },
});
