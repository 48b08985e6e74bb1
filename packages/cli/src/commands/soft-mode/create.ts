/** `postern soft-mode create`: for a time, denies nothing at a scope and records what would have been. May use: insight/, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { usageFault } from "../../faults.ts";
import { findPrincipalId, InsightClient } from "../../insight/insight-client.ts";
import { openSession } from "../../session.ts";
import { findScope } from "../access/options.ts";
import { resourceGroup } from "../options.ts";

/** The server's own bound. */
const MAX_MINUTES = 480;

export const command = defineCommand({
  options: {
    scope: { kind: "text", flags: ["--scope"], summary: "Where nothing is denied. Default: the subscription." },
    resourceGroup,
    assignee: { kind: "text", flags: ["--assignee"], summary: "Whose requests. Default: everybody's." },
    minutes: {
      kind: "integer",
      flags: ["--minutes"],
      summary: `For how long, at most ${MAX_MINUTES}.`,
      required: true,
    },
    description: { kind: "text", flags: ["--description"], summary: "What for." },
  },
  examples: [
    {
      summary: "See for half an hour what would be denied",
      line: "postern soft-mode create --resource-group notes-dev --minutes 30",
    },
  ],
  run: async (context, args) => {
    if (args.minutes < 1 || args.minutes > MAX_MINUTES) throw usageFault(`--minutes: from 1 to ${MAX_MINUTES}.`);
    const session = await openSession(context);
    const principalId = args.assignee === undefined ? null : await findPrincipalId(session, args.assignee, context);
    const made = await new InsightClient(session).put(`softModes/${crypto.randomUUID()}`, {
      scope: await findScope(context, session, args),
      principalId,
      seconds: args.minutes * 60,
      description: args.description ?? null,
    });
    return { data: made };
  },
});
