/** `postern group exists`. @see https://learn.microsoft.com/rest/api/resources/resource-groups/check-existence */
import { resourceGroupPath, versioned } from "../../azure/resource-manager.ts";
import { defineCommand } from "../../command/command.ts";
import { ServiceFault } from "../../http/service-fault.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { groupName } from "../options.ts";

export const command = defineCommand({
  options: { name: groupName },
  examples: [{ summary: "Tell whether a group is there", line: "postern group exists --name notes-dev" }],
  run: async (context, args) => {
    const session = await openSession(context);
    const path = resourceGroupPath(await findSubscriptionId(context, session), args.name);
    try {
      await session.resourceManager.send("HEAD", versioned(path, "resourceGroups"));
      return { data: true };
    } catch (error) {
      if (error instanceof ServiceFault && error.status === 404) return { data: false };
      throw error;
    }
  },
});
