/** `postern account show`. @see https://learn.microsoft.com/rest/api/resources/subscriptions/get */
import { type Command, defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import { openSession } from "../../session.ts";
import { subscriptionOption } from "./options.ts";
import { listSubscriptions } from "./subscription.ts";

export const command: Command = defineCommand({
  options: { wanted: subscriptionOption },
  examples: [
    { summary: "Show the subscription in use", line: "postern account show" },
    { summary: "Only its ID, for scripts", line: "postern account show --query id --output tsv" },
  ],
  run: async (context, args) => {
    const found = await listSubscriptions(await openSession(context), "environmentName");
    const wanted = args.wanted?.toLowerCase();
    const matches = found.filter(({ id, name, isDefault }) =>
      wanted === undefined ? isDefault : [id, name].some((one) => String(one).toLowerCase() === wanted),
    );
    if (matches.length === 0) {
      throw failure(
        wanted === undefined
          ? "No subscription found. Run 'postern account set' to select a subscription."
          : `Subscription '${args.wanted}' not found. Check the spelling and casing and try again.`,
      );
    }
    return { data: matches[0] };
  },
});
