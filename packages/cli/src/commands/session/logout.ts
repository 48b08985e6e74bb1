/** `postern logout` and `postern account clear`. @see https://learn.microsoft.com/cli/azure/reference-index#az-logout */
import { defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import { openCloud } from "../../session.ts";
import { readAccounts, removeUser, writeAccounts } from "../../state/accounts.ts";

export const logout = defineCommand({
  options: {
    username: { kind: "text", flags: ["--username"], summary: "Who to sign out. Default: who is signed in." },
  },
  examples: [{ summary: "Sign out; on this machine's cloud, be the operator again", line: "postern logout" }],
  run: async (context, args) => {
    const { paths, cloud } = await openCloud(context);
    const known = await readAccounts(paths, cloud);
    const name = args.username ?? known.accounts.find(({ isDefault }) => isDefault)?.user.name;
    if (name === undefined) throw failure("There are no active accounts.");
    await writeAccounts(paths, cloud, removeUser(known, name));
    return {};
  },
});

export const clear = defineCommand({
  options: {},
  examples: [{ summary: "Sign everybody out", line: "postern account clear" }],
  run: async (context) => {
    const { paths, cloud } = await openCloud(context);
    await writeAccounts(paths, cloud, { accounts: [], credentials: {} });
    return {};
  },
});
