/** `postern role assignment list`. @see https://learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope */
import { resolveAssignee } from "../../azure/principals.ts";
import { readScope } from "../../azure/roles.ts";
import { defineCommand, type Row } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { findScopeSubscriptionId, openSession } from "../../session.ts";
import { refuseEmpty, resourceGroup } from "../options.ts";
import { listNamedAssignments } from "./listing.ts";
import { assignee, assigneeObjectId, includeInherited, role, scope } from "./options.ts";

export const command = defineCommand({
  options: {
    assignee,
    assigneeObjectId,
    role,
    scope,
    resourceGroup,
    includeInherited,
    all: { kind: "flag", flags: ["--all"], summary: "Show all assignments under the current subscription." },
    includeGroups: {
      kind: "flag",
      flags: ["--include-groups"],
      summary: "Include assignments to the groups the assignee is a member of, transitively.",
    },
    fillPrincipalName: {
      kind: "switch",
      flags: ["--fill-principal-name"],
      summary: "Ask Microsoft Graph for principals' names. Default: true.",
    },
    fillRoleDefinitionName: {
      kind: "switch",
      flags: ["--fill-role-definition-name"],
      summary: "Show roles' names beside their IDs. Default: true.",
    },
  },
  examples: [
    {
      summary: "Who has which role, anywhere in the subscription",
      line: "postern role assignment list --all -o table",
    },
    { summary: "What one app may do, and where", line: "postern role assignment list --all --assignee APPID -o table" },
    {
      summary: "Who may do something in a group, from above too",
      line: "postern role assignment list --resource-group notes-dev --include-inherited -o table",
    },
  ],
  run: async (context, args) => {
    refuseEmpty({
      assignee: { value: args.assignee, option: assignee },
      scope: { value: args.scope, option: scope },
      role: { value: args.role, option: role },
      resourceGroup: { value: args.resourceGroup, option: resourceGroup },
    });
    if (args.assignee && args.assigneeObjectId) {
      throw failure("Usage error: Provide only one of --assignee or --assignee-object-id.");
    }
    if (args.all && (args.resourceGroup || args.scope)) {
      throw failure("group or scope are not required when --all is used");
    }
    const session = await openSession(context);
    const subscriptionId = await findScopeSubscriptionId(context, session, args.scope);
    const at = args.all ? undefined : readScope(subscriptionId, args.resourceGroup, args.scope);
    const assigneeId = args.assignee
      ? (await resolveAssignee(session.graph, args.assignee, context.notes)).objectId
      : args.assigneeObjectId;
    const search = {
      scope: at,
      subscriptionId,
      assigneeId,
      role: args.role,
      isInheritedIncluded: args.includeInherited,
      areGroupsIncluded: args.includeGroups,
      areRolesNamed: args.fillRoleDefinitionName ?? true,
      arePrincipalsNamed: args.fillPrincipalName ?? true,
    };
    return { data: await listNamedAssignments(session, search, context.notes), toRows };
  },
});

function toRows(assignments: readonly Json[]): Row[] {
  return assignments.map(({ principalName, roleDefinitionName, scope: at }) => ({
    Principal: principalName,
    Role: roleDefinitionName,
    Scope: at,
  }));
}
