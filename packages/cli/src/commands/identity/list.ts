/** `postern identity list`. @see https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities/list-by-subscription */
import { listManagedIdentities } from "../../azure/managed-identities.ts";
import { shapeManagedIdentity } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { resourceGroup } from "../options.ts";

export const command = defineCommand({
  options: { resourceGroup },
  examples: [{ summary: "List all identities", line: "postern identity list --output table" }],
  run: async (context, args) => {
    const session = await openSession(context);
    const subscriptionId = await findSubscriptionId(context, session);
    const identities = await listManagedIdentities(session, subscriptionId, args.resourceGroup);
    return { data: identities.map(shapeManagedIdentity) };
  },
});
