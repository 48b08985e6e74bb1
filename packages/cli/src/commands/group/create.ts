/** `postern group create`. @see https://learn.microsoft.com/rest/api/resources/resource-groups/create-or-update */
import { resourceGroupPath, versioned } from "../../azure/resource-manager.ts";
import { shapeResourceGroup } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { groupName, location, normalizeLocation, readTags, tags } from "../options.ts";

export const command = defineCommand({
  options: {
    name: groupName,
    location: { ...location, required: true },
    tags,
    managedBy: { kind: "text", flags: ["--managed-by"], summary: "The ID of the resource that manages this group." },
  },
  examples: [
    { summary: "Create a resource group", line: "postern group create --name notes-dev --location westeurope" },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const path = resourceGroupPath(await findSubscriptionId(context, session), args.name);
    const body = { location: normalizeLocation(args.location), tags: readTags(args.tags), managedBy: args.managedBy };
    return {
      data: shapeResourceGroup(await session.resourceManager.json("PUT", versioned(path, "resourceGroups"), body)),
    };
  },
});
