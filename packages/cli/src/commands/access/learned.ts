/** `postern access learned`: the roles for what somebody used already, from the records. May use: insight/, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { findPrincipalId, InsightClient } from "../../insight/insight-client.ts";
import { describeLearned, fetchLearned, type Learned } from "../../insight/learned.ts";
import { openSession } from "../../session.ts";
import { assignee } from "./options.ts";

export const command = defineCommand({
  options: {
    assignee: { ...assignee, required: true },
    since: {
      kind: "text",
      flags: ["--since"],
      valueName: "TIME",
      summary: "What was used since then. Default: all that is recorded.",
    },
  },
  examples: [{ summary: "Which roles an app has really used", line: "postern access learned --assignee my-app" }],
  run: async (context, args) => {
    const session = await openSession(context);
    const client = new InsightClient(session);
    const principalId = await findPrincipalId(session, args.assignee, context);
    const learned = await fetchLearned(client, principalId, args.since ?? new Date(0).toISOString(), "Learned role");
    const { principal } = (await client.get("what-can", { principalId })) as unknown as {
      principal: Parameters<typeof describeLearned>[0];
    };
    return { data: learned, text: describeLearned(principal, learned), toRows };
  },
});

function toRows({ assignments }: Learned) {
  return assignments.map(({ roleName, scope, operationsGranted, operationsBeyond }) => ({
    Role: roleName,
    Scope: scope,
    Operations: operationsGranted,
    Beyond: operationsBeyond,
  }));
}
