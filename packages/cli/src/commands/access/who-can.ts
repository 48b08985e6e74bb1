/** `postern who-can`: everyone who may do something at a place, and by which assignment. May use: insight/, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { type AccessWay, InsightClient, type NamedPrincipal } from "../../insight/insight-client.ts";
import { openSession } from "../../session.ts";
import { resourceGroup } from "../options.ts";
import { action, at, data, findScope, scope } from "./options.ts";

interface WhoCan {
  readonly value: readonly { principal: NamedPrincipal; isCertain: boolean; ways: readonly AccessWay[] }[];
  readonly principals: readonly NamedPrincipal[];
  readonly isCut: boolean;
}

export const command = defineCommand({
  options: { action: { ...action, required: true }, data, scope, resourceGroup, at },
  examples: [
    {
      summary: "Who may read the blobs of a resource group",
      line: "postern who-can --action Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read --resource-group notes-dev -o table",
    },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const answer = await new InsightClient(session).get("who-can", {
      operation: args.action,
      isDataAction: String(args.data ?? "auto"),
      scope: await findScope(context, session, args),
      at: args.at,
    });
    if (answer.isCut === true) context.notes.warn("There are more than these; ask at a lower scope.");
    return { data: answer, toRows };
  },
});

function toRows({ value, principals }: WhoCan) {
  const named = new Map(principals.map((one) => [one.id, one.displayName ?? one.id]));
  return value.flatMap(({ principal, isCertain, ways }) =>
    ways.map(({ roleName, scope: place, via }) => ({
      Principal: principal.displayName ?? principal.id,
      Type: principal.type ?? "",
      Role: roleName,
      Scope: place,
      Via: via.map((id) => named.get(id) ?? id).join(" > "),
      Certain: isCertain,
    })),
  );
}
