/** `postern what-can`: everything that somebody holds, groups included. May use: insight/, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { type AccessWay, findPrincipalId, InsightClient, type NamedPrincipal } from "../../insight/insight-client.ts";
import { openSession } from "../../session.ts";
import { assignee, at } from "./options.ts";

interface WhatCan {
  readonly value: readonly AccessWay[];
  /** Deny assignments, which take away what roles give. */
  readonly denied: readonly { denyAssignmentName: string; scope: string }[];
  readonly principals: readonly NamedPrincipal[];
}

export const command = defineCommand({
  options: { assignee: { ...assignee, required: true }, at },
  examples: [
    { summary: "What an app may do, and where", line: "postern what-can --assignee my-app -o table" },
    { summary: "What it could on a past day", line: "postern what-can --assignee my-app --at 2026-01-31T12:00:00Z" },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const principalId = await findPrincipalId(session, args.assignee, context);
    return { data: await new InsightClient(session).get("what-can", { principalId, at: args.at }), toRows };
  },
});

function toRows({ value, denied, principals }: WhatCan) {
  const named = new Map(principals.map((one) => [one.id, one.displayName ?? one.id]));
  const held = value.map(({ roleName, scope, condition, via }) => ({
    Role: roleName,
    Scope: scope,
    Via: via.map((id) => named.get(id) ?? id).join(" > "),
    Condition: condition ?? "",
  }));
  const taken = denied.map(({ denyAssignmentName, scope }) => ({
    Role: `denied by ${denyAssignmentName}`,
    Scope: scope,
    Via: "",
    Condition: "",
  }));
  return [...held, ...taken];
}
