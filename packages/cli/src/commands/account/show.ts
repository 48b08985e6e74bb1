/** `postern account show`. @see https://learn.microsoft.com/rest/api/resources/subscriptions/get */
import { defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { listSubscriptions } from "./subscription.ts";

export const command = defineCommand({
  options: {},
  examples: [
    { summary: "Show the subscription in use", line: "postern account show" },
    { summary: "Only its ID, for scripts", line: "postern account show --query id --output tsv" },
  ],
  run: async (context) => {
    const session = await openSession(context);
    const wanted = await findSubscriptionId(context, session);
    const found = (await listSubscriptions(session, "environmentName")).find(({ id }) => id === wanted);
    if (found === undefined) {
      throw failure(`The subscription of '${wanted}' doesn't exist in cloud '${session.endpoints.name}'.`);
    }
    return { data: found };
  },
});
