/** `postern drill delay`: lets role assignments and new principals take a while, as they do in Azure. May use: insight/, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { InsightClient } from "../../insight/insight-client.ts";
import { openSession } from "../../session.ts";

export const command = defineCommand({
  options: {
    assignments: {
      kind: "integer",
      flags: ["--assignments"],
      valueName: "SECONDS",
      summary: "Most seconds from a role assignment to its effect. Default: 0.",
    },
    principals: {
      kind: "integer",
      flags: ["--principals"],
      valueName: "SECONDS",
      summary: "Most seconds for which assignments answer PrincipalNotFound for a new principal. Default: 0.",
    },
    least: { kind: "integer", flags: ["--least"], valueName: "SECONDS", summary: "Least seconds of both. Default: 0." },
    seed: { kind: "integer", flags: ["--seed"], summary: "Chooses each delay between least and most. Default: 0." },
    off: { kind: "flag", flags: ["--off"], summary: "Everything at once in effect again." },
  },
  examples: [
    {
      summary: "Assignments that take up to half a minute",
      line: "postern drill delay --assignments 30 --principals 10",
    },
    { summary: "Off again", line: "postern drill delay --off" },
  ],
  run: async (context, args) => {
    const client = new InsightClient(await openSession(context));
    if (args.off) {
      await client.delete("propagation");
      return {};
    }
    const between = (most = 0) => ({ minSeconds: Math.min(args.least ?? 0, most), maxSeconds: most });
    const data = await client.put("propagation", {
      seed: args.seed ?? 0,
      assignments: between(args.assignments),
      principals: between(args.principals),
    });
    return { data };
  },
});
