/** `postern storage account list`. @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts/list */
import { shapeStorageAccount } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { resourceGroup } from "../options.ts";
import { listAccounts } from "./account.ts";

export const command = defineCommand({
  options: { resourceGroup },
  examples: [{ summary: "List all storage accounts", line: "postern storage account list --output table" }],
  run: async (context, args) => {
    const session = await openSession(context);
    const accounts = await listAccounts(session, await findSubscriptionId(context, session), args.resourceGroup);
    return { data: accounts.map(shapeStorageAccount) };
  },
});
