/** `postern ad app delete`. @see https://learn.microsoft.com/graph/api/application-delete */
import { resolveApplication } from "../../azure/applications.ts";
import { defineCommand } from "../../command/command.ts";
import { openSession } from "../../session.ts";
import { applicationId } from "./options.ts";

export const command = defineCommand({
  options: { id: applicationId },
  examples: [{ summary: "Delete an app with its service principal", line: "postern ad app delete --id APPID" }],
  run: async (context, { id }) => {
    const { graph } = await openSession(context);
    await graph.send("DELETE", `/applications/${encodeURIComponent(await resolveApplication(graph, id))}`);
    return {};
  },
});
