/** `postern group show`. @see https://learn.microsoft.com/rest/api/resources/resource-groups/get */
import { resourceGroupPath, versioned } from "../../azure/resource-manager.ts";
import { shapeResourceGroup } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { groupName } from "../options.ts";

export const command = defineCommand({
  options: { name: groupName },
  examples: [{ summary: "Show a resource group", line: "postern group show --name notes-dev" }],
  run: async (context, args) => {
    const session = await openSession(context);
    const path = resourceGroupPath(await findSubscriptionId(context, session), args.name);
    return { data: shapeResourceGroup(await session.resourceManager.json("GET", versioned(path, "resourceGroups"))) };
  },
});
