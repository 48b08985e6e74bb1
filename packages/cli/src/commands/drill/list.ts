/** `postern drill list`: the drills that are on, how many requests they met and how many they struck. May use: insight/, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { InsightClient } from "../../insight/insight-client.ts";
import { openSession } from "../../session.ts";

export const command = defineCommand({
  options: {},
  examples: [{ summary: "What is made to go wrong now", line: "postern drill list" }],
  run: async (context) => ({ data: await new InsightClient(await openSession(context)).get("drills") }),
});
