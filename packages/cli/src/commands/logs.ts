/** `postern logs`: sign-ins and access decisions as they are recorded, newest last. May use: insight/, http/, session.ts. */
import { setTimeout as wait } from "node:timers/promises";
import { defineCommand } from "../command/command.ts";
import { usageFault } from "../faults.ts";
import type { Json } from "../http/service-client.ts";
import { findPrincipalId, InsightClient } from "../insight/insight-client.ts";
import { openSession, type Session } from "../session.ts";

const FOLLOW_EVERY_MS = 1_000;
const DEFAULT_MINUTES = 60;
const MAX_MINUTES = 100_000;

export const command = defineCommand({
  options: {
    follow: { kind: "flag", flags: ["--follow", "-f"], summary: "Go on until interrupted." },
    minutes: { kind: "integer", flags: ["--minutes"], summary: `How far back. Default: ${DEFAULT_MINUTES}.` },
    of: { kind: "text", flags: ["--of"], valueName: "WHO", summary: "Only of one user or app." },
    denied: { kind: "flag", flags: ["--denied"], summary: "Only what was refused." },
    kind: {
      kind: "text",
      flags: ["--kind"],
      choices: ["access", "sign-in"],
      summary: "Only decisions, or only sign-ins.",
    },
  },
  examples: [
    { summary: "What is refused, as it happens", line: "postern logs --follow --denied" },
    { summary: "What an app did in the last ten minutes", line: "postern logs --of my-app --minutes 10" },
  ],
  run: async (context, args) => {
    const minutes = args.minutes ?? DEFAULT_MINUTES;
    if (minutes < 0 || minutes > MAX_MINUTES) throw usageFault(`--minutes takes 0 to ${MAX_MINUTES}.`);
    const session = await openSession(context);
    const request: LogRequest = {
      principalId: args.of === undefined ? undefined : await findPrincipalId(session, args.of, context),
      isDeniedOnly: args.denied,
      kind: args.kind,
    };
    const since = new Date(Date.now() - minutes * 60_000).toISOString();
    const entries = await readEntries(session, request, since);
    if (!args.follow) return { data: entries, text: entries.map(describeEntry).join("") };
    await follow(session, request, entries, since);
    return {};
  },
});

interface LogRequest {
  readonly principalId: string | undefined;
  readonly isDeniedOnly: boolean;
  readonly kind: string | undefined;
}

async function readEntries(session: Session, request: LogRequest, since: string): Promise<Json[]> {
  const [decisions, signIns] = await Promise.all([
    request.kind === "sign-in" ? [] : readDecisions(session, request, since),
    request.kind === "access" ? [] : readSignIns(session, request, since),
  ]);
  return [...decisions, ...signIns].sort((a, b) => (String(a.time) < String(b.time) ? -1 : 1));
}

async function readDecisions(
  session: Session,
  { principalId, isDeniedOnly }: LogRequest,
  since: string,
): Promise<Json[]> {
  const query = { since, principalId, outcome: isDeniedOnly ? "denied" : undefined };
  const { value } = await new InsightClient(session).get("records", query);
  return (value as Json[]).map((record) => {
    const ask = record.ask as Json;
    return {
      time: record.time,
      kind: "access",
      outcome: record.outcome,
      principalId: ask.principalId,
      what: ask.operation,
      scope: ask.scope,
      requestId: record.requestId,
    };
  });
}

/** @see https://learn.microsoft.com/graph/api/signin-list */
async function readSignIns(
  { graph }: Session,
  { principalId, isDeniedOnly }: LogRequest,
  since: string,
): Promise<Json[]> {
  const filter = encodeURIComponent(`createdDateTime ge ${since}`);
  const found = await graph.list(`/auditLogs/signIns?$filter=${filter}`);
  return found.flatMap((one) => {
    const code = Number((one.status as Json | undefined)?.errorCode ?? 0);
    const who = [one.servicePrincipalId, one.userId, one.appId];
    if ((isDeniedOnly && code === 0) || (principalId !== undefined && !who.includes(principalId))) return [];
    return [
      {
        time: one.createdDateTime,
        kind: "sign-in",
        outcome: code === 0 ? "allowed" : `AADSTS${code}`,
        principalId: one.servicePrincipalId || one.userId || null,
        what: describeSignIn(one),
        scope: null,
        requestId: one.id,
      },
    ];
  });
}

/** Who asked, and for what: a refused sign-in may not have come to what it was for. */
function describeSignIn(one: Json): string {
  const who = String(one.userPrincipalName || one.appDisplayName || one.appId);
  const resource = one.resourceDisplayName || one.resourceId;
  return resource ? `${who} for ${String(resource)}` : who;
}

function describeEntry({ time, kind, outcome, principalId, what, scope, requestId }: Json): string {
  const place = scope === null ? "" : ` at ${String(scope)}`;
  return `${String(time)}  ${String(kind).padEnd(7)}  ${String(outcome).padEnd(11)}  ${String(principalId ?? "-")}  ${String(what)}${place}  ${String(requestId)}\n`;
}

/** Until the process is interrupted. A record may bear the time of the last one seen, so those of that time are told apart by their whole. */
async function follow(session: Session, request: LogRequest, first: readonly Json[], start: string): Promise<never> {
  let [entries, since] = [first, start];
  const seen = new Set<string>();
  for (;;) {
    for (const entry of entries) {
      const line = describeEntry(entry);
      if (seen.has(line)) continue;
      seen.add(line);
      process.stdout.write(line);
    }
    const last = entries.at(-1)?.time;
    if (typeof last === "string" && last > since) {
      since = last;
      for (const line of seen) if (!line.startsWith(last)) seen.delete(line);
    }
    await wait(FOLLOW_EVERY_MS);
    entries = await readEntries(session, request, since);
  }
}
