/** `postern identity show`. @see https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities/get */
import { managedIdentityPath, versioned } from "../../azure/resource-manager.ts";
import { shapeManagedIdentity } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import { byResourceId } from "../../command/resource-ids.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { identityGroup, identityName, identityType } from "./options.ts";

export const command = byResourceId(
  identityType,
  defineCommand({
    options: { name: identityName, resourceGroup: identityGroup },
    examples: [{ summary: "Show an identity with its ids", line: "postern identity show -n worker -g notes-dev" }],
    run: async (context, args) => {
      const session = await openSession(context);
      const path = managedIdentityPath(await findSubscriptionId(context, session), args.resourceGroup, args.name);
      return {
        data: shapeManagedIdentity(await session.resourceManager.json("GET", versioned(path, "managedIdentities"))),
      };
    },
  }),
);
