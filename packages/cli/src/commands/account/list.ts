/** `postern account list`. @see https://learn.microsoft.com/rest/api/resources/subscriptions/list */
import { defineCommand } from "../../command/command.ts";
import { openSession } from "../../session.ts";
import { listSubscriptions, toAccountRows } from "./subscription.ts";

export const command = defineCommand({
  options: {
    all: { kind: "flag", flags: ["--all"], summary: "Those that are not enabled, too." },
    refresh: { kind: "flag", flags: ["--refresh"], summary: "Does nothing: the list is always fresh.", isHidden: true },
  },
  examples: [{ summary: "List subscriptions", line: "postern account list --output table" }],
  run: async (context, args) => {
    const found = await listSubscriptions(await openSession(context), "cloudName");
    const enabled = found.filter(({ state }) => state === "Enabled");
    if (!args.all && enabled.length < found.length) {
      context.notes.warn("A few accounts are skipped as they don't have 'Enabled' state. Use '--all' to display them.");
    }
    return { data: args.all ? found : enabled, toRows: toAccountRows };
  },
});
