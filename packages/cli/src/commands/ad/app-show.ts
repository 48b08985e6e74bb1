/** `postern ad app show`. @see https://learn.microsoft.com/graph/api/application-get */
import { getApplication } from "../../azure/applications.ts";
import { defineCommand } from "../../command/command.ts";
import { notFoundWhenShown } from "../../http/service-fault.ts";
import { openSession } from "../../session.ts";
import { applicationId } from "./options.ts";

export const command = defineCommand({
  options: { id: applicationId },
  examples: [{ summary: "Show an application", line: "postern ad app show --id APPID" }],
  run: async (context, { id }) => {
    const { graph } = await openSession(context);
    return { data: await notFoundWhenShown(() => getApplication(graph, id)) };
  },
});
