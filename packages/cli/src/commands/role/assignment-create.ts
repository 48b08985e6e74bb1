/** `postern role assignment create`. @see https://learn.microsoft.com/rest/api/authorization/role-assignments/create */
import { type Assignee, findPrincipalType, type PrincipalType, resolveAssignee } from "../../azure/principals.ts";
import { createRoleAssignment, readScope, resolveRoleId } from "../../azure/roles.ts";
import { type Context, defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import { findScopeSubscriptionId, openSession, type Session } from "../../session.ts";
import { refuseEmpty } from "../options.ts";
import { listNamedAssignments } from "./listing.ts";
import { assignee, assigneeObjectId, role, scope } from "./options.ts";

export const command = defineCommand({
  options: {
    role: { ...role, required: true },
    scope: { ...scope, required: true },
    assignee,
    assigneeObjectId,
    assigneePrincipalType: {
      kind: "text",
      flags: ["--assignee-principal-type"],
      choices: ["ForeignGroup", "Group", "ServicePrincipal", "User"],
      summary: "What the assignee is; with --assignee-object-id.",
    },
    name: { kind: "text", flags: ["--name", "-n"], summary: "A GUID for the assignment. Default: a new one." },
    description: { kind: "text", flags: ["--description"], summary: "Description of the assignment." },
    condition: { kind: "text", flags: ["--condition"], summary: "Condition under which the role is given." },
    conditionVersion: {
      kind: "text",
      flags: ["--condition-version"],
      summary: "Version of the condition syntax. Default: 2.0.",
    },
  },
  examples: [
    {
      summary: "Let an app read and write the blobs of a resource group",
      line: 'postern role assignment create --assignee APPID --role "Storage Blob Data Contributor" --scope /subscriptions/SUBSCRIPTION/resourceGroups/notes-dev',
    },
  ],
  run: async (context, args) => {
    refuseEmpty({
      assignee: { value: args.assignee, option: assignee },
      scope: { value: args.scope, option: scope },
      role: { value: args.role, option: role },
    });
    if (Boolean(args.assignee) === Boolean(args.assigneeObjectId)) {
      throw failure("usage error: --assignee STRING | --assignee-object-id GUID");
    }
    if (args.assigneePrincipalType && !args.assigneeObjectId) {
      throw failure("usage error: --assignee-object-id GUID --assignee-principal-type TYPE");
    }
    if (args.conditionVersion && !args.condition) {
      throw failure("usage error: When --condition-version is set, --condition must be set as well.");
    }
    const session = await openSession(context);
    const subscriptionId = await findScopeSubscriptionId(context, session, args.scope);
    const principal = await findPrincipal(
      context,
      session,
      args.assignee,
      args.assigneeObjectId,
      args.assigneePrincipalType,
    );
    const at = readScope(subscriptionId, undefined, args.scope);
    const created = await createRoleAssignment(session.resourceManager, {
      scope: at,
      roleDefinitionId: await resolveRoleId(session.resourceManager, subscriptionId, at, args.role),
      principalId: principal.objectId,
      principalType: principal.type,
      name: args.name,
      description: args.description,
      condition: args.condition,
      conditionVersion: args.condition ? (args.conditionVersion ?? "2.0") : undefined,
    });
    if (created !== undefined) return { data: created };
    // It is there already: az shows that one and is content.
    const [existing] = await listNamedAssignments(
      session,
      {
        scope: at,
        subscriptionId,
        assigneeId: principal.objectId,
        role: args.role,
        isInheritedIncluded: false,
        areGroupsIncluded: false,
        areRolesNamed: true,
        arePrincipalsNamed: true,
      },
      context.notes,
    );
    if (existing === undefined) throw failure("The role assignment already exists, but cannot be seen.");
    return { data: existing };
  },
});

type Principal = { readonly objectId: string; readonly type: PrincipalType | "ForeignGroup" | undefined };

async function findPrincipal(
  { notes }: Context,
  { graph }: Session,
  name: string | undefined,
  objectId: string | undefined,
  type: string | undefined,
): Promise<Principal | Assignee> {
  if (name) return resolveAssignee(graph, name, notes);
  const id = objectId!;
  if (type) return { objectId: id, type: type as PrincipalType | "ForeignGroup" };
  notes.warn(
    "RBAC service might reject creating role assignment without --assignee-principal-type in the future. " +
      "Better to specify --assignee-principal-type manually.",
  );
  return { objectId: id, type: await findPrincipalType(graph, id, notes) };
}
