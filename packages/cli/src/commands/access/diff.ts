/** `postern access diff`: who gained and who lost access between two times. May use: insight/, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { type AccessWay, InsightClient, type NamedPrincipal } from "../../insight/insight-client.ts";
import { openSession } from "../../session.ts";

interface Diff {
  readonly access: readonly (AccessWay & { readonly change: string; readonly principalId: string })[];
  readonly denials: readonly { readonly before: Denial | null; readonly after: Denial | null }[];
  readonly principals: readonly NamedPrincipal[];
}

interface Denial {
  readonly denyAssignmentName: string;
  readonly scope: string;
  readonly principalIds: readonly string[];
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

function toRows({ access, denials, principals }: Diff) {
  const named = new Map(principals.map((one) => [one.id, one.displayName ?? one.id]));
  const denied = denials.map(({ before, after }) => {
    const { denyAssignmentName, scope, principalIds } = (after ?? before)!;
    return {
      Change: before === null ? "denied" : after === null ? "no longer denied" : "denied otherwise",
      Principal: principalIds.map((id) => named.get(id) ?? id).join(", "),
      Role: denyAssignmentName,
      Scope: scope,
      Via: "deny assignment",
    };
  });
  const changed = access.map(({ change, principalId, roleName, scope, via }) => ({
    Change: change,
    Principal: named.get(principalId) ?? principalId,
    Role: roleName,
    Scope: scope,
    Via: via.map((id) => named.get(id) ?? id).join(" > "),
  }));
  return [...changed, ...denied];
}
