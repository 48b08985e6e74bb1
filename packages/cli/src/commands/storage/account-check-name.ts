/** `postern storage account check-name`. @see https://learn.microsoft.com/rest/api/storagerp/storage-accounts/check-name-availability */
import { defineCommand } from "../../command/command.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { accountName, checkName } from "./account.ts";

export const command = defineCommand({
  options: { name: { ...accountName, flags: ["--name", "-n"] } },
  examples: [{ summary: "Tell whether a name is free", line: "postern storage account check-name --name notesdev" }],
  run: async (context, args) => {
    const session = await openSession(context);
    return { data: await checkName(session, await findSubscriptionId(context, session), args.name) };
  },
});
