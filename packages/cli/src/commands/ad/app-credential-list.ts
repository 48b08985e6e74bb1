/** `postern ad app credential list`. @see https://learn.microsoft.com/graph/api/resources/passwordcredential */
import { getApplication, listPasswords } from "../../azure/applications.ts";
import { defineCommand } from "../../command/command.ts";
import { openSession } from "../../session.ts";
import { applicationId } from "./options.ts";

export const command = defineCommand({
  options: { id: applicationId },
  examples: [{ summary: "When do an app's secrets end?", line: "postern ad app credential list --id APPID -o table" }],
  run: async (context, { id }) => {
    const { graph } = await openSession(context);
    return { data: listPasswords(await getApplication(graph, id)) };
  },
});
