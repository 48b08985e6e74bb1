/** `postern soft-mode list`. May use: insight/, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { InsightClient } from "../../insight/insight-client.ts";
import { openSession } from "../../session.ts";

export const command = defineCommand({
  options: {},
  examples: [{ summary: "Where nothing is denied now", line: "postern soft-mode list" }],
  run: async (context) => ({ data: (await new InsightClient(await openSession(context)).get("softModes")).value }),
});
