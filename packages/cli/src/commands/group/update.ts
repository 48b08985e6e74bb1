/** `postern group update`. @see https://learn.microsoft.com/rest/api/resources/resource-groups/create-or-update */
import { resourceGroupPath, versioned } from "../../azure/resource-manager.ts";
import { shapeResourceGroup } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import { applyGenericUpdate, genericUpdate } from "../../command/generic-update.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { groupName, readTags, tags } from "../options.ts";

export const command = defineCommand({
  options: { name: groupName, tags, ...genericUpdate },
  examples: [{ summary: "Tag a resource group", line: "postern group update --name notes-dev --tags env=dev" }],
  run: async (context, args) => {
    const session = await openSession(context);
    const path = versioned(resourceGroupPath(await findSubscriptionId(context, session), args.name), "resourceGroups");
    const { location, managedBy, tags: before, properties } = await session.resourceManager.json("GET", path);
    const group: Record<string, unknown> = { location, managedBy, tags: readTags(args.tags) ?? before ?? null };
    applyGenericUpdate(group, args);
    return { data: shapeResourceGroup(await session.resourceManager.json("PUT", path, { ...group, properties })) };
  },
});
