/** `postern soft-mode delete`: denies again. May use: insight/, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { InsightClient } from "../../insight/insight-client.ts";
import { openSession } from "../../session.ts";

export const command = defineCommand({
  options: {
    name: { kind: "text", flags: ["--name", "-n"], summary: "The soft mode's name, a GUID.", required: true },
  },
  examples: [{ summary: "Switch one off before its time", line: "postern soft-mode delete --name NAME" }],
  run: async (context, { name }) => {
    await new InsightClient(await openSession(context)).delete(`softModes/${encodeURIComponent(name)}`);
    return {};
  },
});
