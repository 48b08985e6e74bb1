/** `postern ad app list`. @see https://learn.microsoft.com/graph/api/application-list */
import { filterQuery, quoteOData } from "../../azure/identifiers.ts";
import { defineCommand } from "../../command/command.ts";
import { openSession } from "../../session.ts";
import { all, displayName, filter, limitList, toRows } from "./options.ts";
import { listOwned } from "./signed-in-user.ts";

export const command = defineCommand({
  options: {
    appId: { kind: "text", flags: ["--app-id"], summary: "Application ID." },
    displayName,
    identifierUri: { kind: "text", flags: ["--identifier-uri"], summary: "Identifier URI." },
    filter,
    all,
    showMine: { kind: "flag", flags: ["--show-mine"], summary: "Only those the signed-in user owns." },
  },
  examples: [{ summary: "List applications", line: "postern ad app list --output table" }],
  run: async (context, args) => {
    if (args.showMine) return { data: await listOwned((await openSession(context)).graph, "application"), toRows };
    const filters = [
      args.filter,
      args.appId && `appId eq ${quoteOData(args.appId)}`,
      args.displayName && `startswith(displayName,${quoteOData(args.displayName)})`,
      args.identifierUri && `identifierUris/any(s:s eq ${quoteOData(args.identifierUri)})`,
    ].filter((part) => part);
    const { graph } = await openSession(context);
    const found = await graph.list(`/applications${filters.length === 0 ? "" : filterQuery(filters.join(" and "))}`);
    return { data: limitList(found, filters.length === 0 && !args.all, context), toRows };
  },
});
