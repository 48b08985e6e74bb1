/** `postern ad sp delete`. @see https://learn.microsoft.com/graph/api/serviceprincipal-delete */
import { resolveServicePrincipal } from "../../azure/applications.ts";
import { defineCommand } from "../../command/command.ts";
import { openSession } from "../../session.ts";
import { servicePrincipalId } from "./options.ts";

export const command = defineCommand({
  options: { id: servicePrincipalId },
  examples: [{ summary: "Delete a service principal; its application stays", line: "postern ad sp delete --id APPID" }],
  run: async (context, { id }) => {
    const { graph } = await openSession(context);
    await graph.send("DELETE", `/servicePrincipals/${encodeURIComponent(await resolveServicePrincipal(graph, id))}`);
    return {};
  },
});
