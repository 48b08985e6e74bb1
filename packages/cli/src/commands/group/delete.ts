/** `postern group delete`. @see https://learn.microsoft.com/rest/api/resources/resource-groups/delete */
import { resourceGroupPath, versioned } from "../../azure/resource-manager.ts";
import { defineCommand } from "../../command/command.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { confirm, groupName, noWait, yes } from "../options.ts";

export const command = defineCommand({
  options: { name: groupName, yes, noWait },
  examples: [{ summary: "Delete a resource group and all in it", line: "postern group delete --name notes-dev --yes" }],
  run: async (context, args) => {
    await confirm(context, args.yes);
    const session = await openSession(context);
    const path = versioned(resourceGroupPath(await findSubscriptionId(context, session), args.name), "resourceGroups");
    if (args.noWait) await session.resourceManager.send("DELETE", path);
    else await session.resourceManager.finish("DELETE", path);
    return {};
  },
});
