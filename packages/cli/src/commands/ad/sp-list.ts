/** `postern ad sp list`. @see https://learn.microsoft.com/graph/api/serviceprincipal-list */
import { filterQuery, quoteOData } from "../../azure/identifiers.ts";
import { defineCommand } from "../../command/command.ts";
import { openSession } from "../../session.ts";
import { all, displayName, filter, limitList, toRows } from "./options.ts";
import { listOwned } from "./signed-in-user.ts";

export const command = defineCommand({
  options: {
    displayName,
    spn: { kind: "text", flags: ["--spn"], summary: "Service principal name." },
    filter,
    all,
    showMine: { kind: "flag", flags: ["--show-mine"], summary: "Only those the signed-in user owns." },
  },
  examples: [{ summary: "List service principals", line: "postern ad sp list --all --output table" }],
  run: async (context, args) => {
    if (args.showMine) return { data: await listOwned((await openSession(context)).graph, "servicePrincipal"), toRows };
    const filters = [
      args.filter,
      args.spn && `servicePrincipalNames/any(c:c eq ${quoteOData(args.spn)})`,
      args.displayName && `startswith(displayName,${quoteOData(args.displayName)})`,
    ].filter((part) => part);
    const { graph } = await openSession(context);
    const found = await graph.list(
      `/servicePrincipals${filters.length === 0 ? "" : filterQuery(filters.join(" and "))}`,
    );
    return { data: limitList(found, filters.length === 0 && !args.all, context), toRows };
  },
});
