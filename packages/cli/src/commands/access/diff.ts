/** `postern access diff`: who gained and who lost access between two times. May use: insight/, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { type AccessWay, InsightClient, type NamedPrincipal } from "../../insight/insight-client.ts";
import { openSession } from "../../session.ts";

interface Diff {
  readonly access: readonly (AccessWay & { readonly change: string; readonly principalId: string })[];
  readonly principals: readonly NamedPrincipal[];
}

export const command = defineCommand({
  options: {
    from: { kind: "text", flags: ["--from"], valueName: "TIME", summary: "The earlier time.", required: true },
    to: { kind: "text", flags: ["--to"], valueName: "TIME", summary: "The later time. Default: now." },
    scope: { kind: "text", flags: ["--scope"], summary: "Only at this scope and below. Default: everywhere." },
  },
  examples: [
    { summary: "What changed since Tuesday noon", line: "postern access diff --from 2026-01-27T12:00:00Z -o table" },
  ],
  run: async (context, { from, to, scope }) => {
    const answer = await new InsightClient(await openSession(context)).get("diff", { from, to, scope });
    if (answer.isCut === true) context.notes.warn("There was more than could be compared; ask at a lower scope.");
    return { data: answer, toRows };
  },
});

function toRows({ access, principals }: Diff) {
  const named = new Map(principals.map((one) => [one.id, one.displayName ?? one.id]));
  return access.map(({ change, principalId, roleName, scope, via }) => ({
    Change: change,
    Principal: named.get(principalId) ?? principalId,
    Role: roleName,
    Scope: scope,
    Via: via.map((id) => named.get(id) ?? id).join(" > "),
  }));
}
