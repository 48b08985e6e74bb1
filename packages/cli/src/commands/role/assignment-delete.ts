/** `postern role assignment delete`. @see https://learn.microsoft.com/rest/api/authorization/role-assignments/delete */
import { resolveAssignee } from "../../azure/principals.ts";
import { deleteRoleAssignment, findRoleAssignments, readScope } from "../../azure/roles.ts";
import { type Answer, defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import { findScopeSubscriptionId, openSession } from "../../session.ts";
import { refuseEmpty, resourceGroup } from "../options.ts";
import { assignee, assigneeObjectId, includeInherited, role, scope } from "./options.ts";

export const command = defineCommand({
  options: {
    ids: { kind: "list", flags: ["--ids"], summary: "Space-separated role assignment IDs." },
    assignee,
    assigneeObjectId,
    role,
    scope,
    resourceGroup,
    includeInherited,
    yes: { kind: "flag", flags: ["--yes", "-y"], summary: "Does nothing.", isHidden: true },
  },
  examples: [
    {
      summary: "Take a role from an app",
      line: 'postern role assignment delete --assignee APPID --role "Storage Blob Data Contributor" --scope /subscriptions/SUBSCRIPTION/resourceGroups/notes-dev',
    },
  ],
  run: async (context, args): Promise<Answer> => {
    const filters = [args.assignee, args.assigneeObjectId, args.role, args.resourceGroup, args.scope];
    refuseEmpty({
      assignee: { value: args.assignee, option: assignee },
      scope: { value: args.scope, option: scope },
      role: { value: args.role, option: role },
      resourceGroup: { value: args.resourceGroup, option: resourceGroup },
    });
    if (args.ids === undefined && filters.every((filter) => !filter)) {
      throw failure(
        "Please provide at least one of these arguments: " +
          "--ids, --assignee, --assignee-object-id, --role, --resource-group, --scope",
      );
    }
    if (args.assignee && args.assigneeObjectId) {
      throw failure("Usage error: Provide only one of --assignee or --assignee-object-id.");
    }
    const ignored = [args.assignee, args.role, args.resourceGroup, args.scope];
    const session = await openSession(context);
    if (args.ids !== undefined) {
      for (const option of [assignee, role, resourceGroup, scope].filter((_, index) => ignored[index])) {
        context.notes.warn(`option '${option.flags[0]}' will be ignored due to use of '--ids'.`);
      }
      for (const id of args.ids) await deleteRoleAssignment(session.resourceManager, id);
      return {};
    }
    const subscriptionId = await findScopeSubscriptionId(context, session, args.scope);
    const found = await findRoleAssignments(session.resourceManager, {
      scope: readScope(subscriptionId, args.resourceGroup, args.scope),
      subscriptionId,
      assigneeId: args.assignee
        ? (await resolveAssignee(session.graph, args.assignee, context.notes)).objectId
        : args.assigneeObjectId,
      role: args.role,
      isInheritedIncluded: args.includeInherited,
      areGroupsIncluded: false,
    });
    if (found.length === 0) throw failure("No matched assignments were found to delete");
    for (const { id } of found) await deleteRoleAssignment(session.resourceManager, String(id));
    return {};
  },
});
