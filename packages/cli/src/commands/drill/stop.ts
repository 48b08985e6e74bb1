/** `postern drill stop`. May use: insight/, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { InsightClient } from "../../insight/insight-client.ts";
import { openSession } from "../../session.ts";

export const command = defineCommand({
  options: { name: { kind: "text", flags: ["--name", "-n"], summary: "The drill's name.", required: true } },
  examples: [{ summary: "Stop one", line: "postern drill stop -n busy" }],
  run: async (context, { name }) => {
    await new InsightClient(await openSession(context)).delete(`drills/${encodeURIComponent(name)}`);
    return {};
  },
});
