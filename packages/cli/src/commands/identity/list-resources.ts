/** `postern identity list-resources`. @see https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities/list-associated-resources */
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
      { summary: "Which resources have an identity", line: "postern identity list-resources -n worker -g notes-dev" },
    ],
    run: async (context, args) => {
      const session = await openSession(context);
      const path = managedIdentityPath(await findSubscriptionId(context, session), args.resourceGroup, args.name);
      const listing = versioned(`${path}/listAssociatedResources`, "identityResources");
      return { data: await session.resourceManager.list(listing, {}) };
    },
  }),
);
