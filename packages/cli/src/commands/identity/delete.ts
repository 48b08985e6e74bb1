/** `postern identity delete`. @see https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities/delete */
import { managedIdentityPath, versioned } from "../../azure/resource-manager.ts";
import { defineCommand } from "../../command/command.ts";
import { byResourceId } from "../../command/resource-ids.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { identityGroup, identityName, identityType } from "./options.ts";

export const command = byResourceId(
  identityType,
  defineCommand({
    options: { name: identityName, resourceGroup: identityGroup },
    examples: [
      { summary: "Delete an identity; its tokens end with it", line: "postern identity delete -n worker -g notes-dev" },
    ],
    run: async (context, args) => {
      const session = await openSession(context);
      const subscriptionId = await findSubscriptionId(context, session);
      const path = managedIdentityPath(subscriptionId, args.resourceGroup, args.name);
      await session.resourceManager.send("DELETE", versioned(path, "managedIdentities"));
      return {};
    },
  }),
);
