/** `postern identity create`. @see https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities/create-or-update */
import { managedIdentityPath, versioned } from "../../azure/resource-manager.ts";
import { shapeManagedIdentity } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { findGroupLocation } from "../group/location.ts";
import { location, normalizeLocation, readTags, tags } from "../options.ts";
import { identityGroup, identityName } from "./options.ts";

export const command = defineCommand({
  options: { name: identityName, resourceGroup: identityGroup, location, tags },
  examples: [
    {
      summary: "Create an identity in a group's own region",
      line: "postern identity create --name worker --resource-group notes-dev",
    },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const { resourceManager } = session;
    const subscriptionId = await findSubscriptionId(context, session);
    const region =
      args.location === undefined
        ? await findGroupLocation(session, subscriptionId, args.resourceGroup)
        : normalizeLocation(args.location);
    const path = managedIdentityPath(subscriptionId, args.resourceGroup, args.name);
    const body = { location: region, tags: readTags(args.tags) };
    const identity = await resourceManager.json("PUT", versioned(path, "managedIdentities"), body);
    return { data: shapeManagedIdentity(identity) };
  },
});
