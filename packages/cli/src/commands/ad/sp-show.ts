/** `postern ad sp show`. @see https://learn.microsoft.com/graph/api/serviceprincipal-get */
import { getServicePrincipal } from "../../azure/applications.ts";
import { defineCommand } from "../../command/command.ts";
import { notFoundWhenShown } from "../../http/service-fault.ts";
import { openSession } from "../../session.ts";
import { servicePrincipalId } from "./options.ts";

export const command = defineCommand({
  options: { id: servicePrincipalId },
  examples: [{ summary: "Show a service principal", line: "postern ad sp show --id APPID" }],
  run: async (context, { id }) => {
    const { graph } = await openSession(context);
    return { data: await notFoundWhenShown(() => getServicePrincipal(graph, id)) };
  },
});
