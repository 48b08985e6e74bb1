/** `postern drill start`: makes requests fail or wait, on purpose and repeatably. May use: insight/, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { usageFault } from "../../faults.ts";
import { findPrincipalId, InsightClient } from "../../insight/insight-client.ts";
import { openSession } from "../../session.ts";

/** The server's own bound. */
const MAX_MINUTES = 720;

export const command = defineCommand({
  options: {
    name: { kind: "text", flags: ["--name", "-n"], summary: "A name for it, to stop it by.", required: true },
    surface: {
      kind: "text",
      flags: ["--on"],
      choices: ["blob", "arm", "graph", "entra", "token"],
      summary: "Whose requests: token is the token endpoints of entra alone.",
      required: true,
    },
    fault: {
      kind: "text",
      flags: ["--fault"],
      choices: ["throttled", "unavailable", "slow"],
      summary: "429, 503, or a late answer. Blob storage throttles with 503, as Azure's does.",
      required: true,
    },
    assignee: {
      kind: "text",
      flags: ["--assignee"],
      summary: "Only this user's or app's requests (not for entra and token).",
    },
    percent: { kind: "integer", flags: ["--percent"], summary: "Which part of the requests, 1 to 100. Default: 100." },
    count: { kind: "integer", flags: ["--count"], summary: "Over after so many faults. Default: only by time." },
    seed: {
      kind: "integer",
      flags: ["--seed"],
      summary: "Which of the requests: the same with the same seed. Default: 0.",
    },
    retryAfter: {
      kind: "integer",
      flags: ["--retry-after"],
      valueName: "SECONDS",
      summary: "What Retry-After says. Default: 1.",
    },
    delay: {
      kind: "integer",
      flags: ["--delay"],
      valueName: "MILLISECONDS",
      summary: "How late a slow answer is. Default: 1000.",
    },
    minutes: { kind: "integer", flags: ["--minutes"], summary: `For how long. Default: 60; at most ${MAX_MINUTES}.` },
  },
  examples: [
    {
      summary: "Refuse the first two requests of an app for want of capacity",
      line: "postern drill start -n busy --on blob --fault throttled --count 2 --assignee my-app",
    },
    {
      summary: "A token endpoint that is down for five minutes",
      line: "postern drill start -n down --on token --fault unavailable --minutes 5",
    },
  ],
  run: async (context, args) => {
    const minutes = args.minutes ?? 60;
    if (minutes < 1 || minutes > MAX_MINUTES) throw usageFault(`--minutes: from 1 to ${MAX_MINUTES}.`);
    const session = await openSession(context);
    const principalId = args.assignee === undefined ? null : await findPrincipalId(session, args.assignee, context);
    const data = await new InsightClient(session).put(`drills/${encodeURIComponent(args.name)}`, {
      surface: args.surface,
      fault: args.fault,
      principalId,
      probability: (args.percent ?? 100) / 100,
      seed: args.seed ?? 0,
      maxFaults: args.count ?? null,
      retryAfterSeconds: args.retryAfter ?? 1,
      delayMs: args.delay ?? 1000,
      seconds: minutes * 60,
    });
    return { data };
  },
});
