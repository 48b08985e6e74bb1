/** `postern account set`. @see https://learn.microsoft.com/cli/azure/account#az-account-set */
import { defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import { findAccount, openSession } from "../../session.ts";
import { writeAccounts } from "../../state/accounts.ts";
import { subscriptionOption } from "./options.ts";
import { listSubscriptions } from "./subscription.ts";

export const command = defineCommand({
  options: { wanted: { ...subscriptionOption, required: true } },
  examples: [{ summary: "Work in another subscription from now on", line: "postern account set --subscription NAME" }],
  run: async (context, args) => {
    const session = await openSession(context);
    const chosen = findAccount(session.accounts, args.wanted);
    if (chosen !== undefined) {
      const accounts = session.accounts.accounts.map((one) => ({ ...one, isDefault: one.id === chosen.id }));
      await writeAccounts(session.paths, session.cloud, { ...session.accounts, accounts });
      return {};
    }
    const all = session.accounts.accounts.length > 0 ? [] : await listSubscriptions(session, "cloudName");
    const wanted = args.wanted.toLowerCase();
    // The operator's own subscription is the default already.
    if (all.some(({ id, name }) => [id, name].some((one) => String(one).toLowerCase() === wanted))) return {};
    throw failure(`The subscription of '${args.wanted}' doesn't exist in cloud '${session.endpoints.name}'.`);
  },
});
