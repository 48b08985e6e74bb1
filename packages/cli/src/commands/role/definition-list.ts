/** `postern role definition list`. @see https://learn.microsoft.com/rest/api/authorization/role-definitions/list */
import { listPlainRoleDefinitions, readScope, searchRoleDefinitions } from "../../azure/roles.ts";
import { defineCommand, type Row } from "../../command/command.ts";
import type { Json } from "../../http/service-client.ts";
import { findScopeSubscriptionId, openSession } from "../../session.ts";
import { resourceGroup } from "../options.ts";
import { customRoleOnly, scope } from "./options.ts";

export const command = defineCommand({
  options: {
    name: {
      kind: "text",
      flags: ["--name", "-n"],
      summary: "The role's roleName (e.g. 'Reader') or its name (a GUID).",
    },
    customRoleOnly,
    scope,
    resourceGroup,
  },
  examples: [
    {
      summary: "Every role by name, with what it is for",
      line: 'postern role definition list --query "sort_by([].{roleName:roleName, description:description}, &roleName)" --output table',
    },
    { summary: "What one role allows", line: 'postern role definition list --name "Storage Blob Data Reader"' },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const subscriptionId = await findScopeSubscriptionId(context, session, args.scope);
    const at = readScope(subscriptionId, args.resourceGroup, args.scope);
    const isPlain = context.globals.output === "table" && context.globals.query === undefined && !args.name;
    if (isPlain && args.customRoleOnly !== true) {
      return { data: await listPlainRoleDefinitions(session.resourceManager, at), toRows: plainRows };
    }
    const found = await searchRoleDefinitions(session.resourceManager, args.name, [at]);
    const isWanted = (role: Json) => args.customRoleOnly !== true || role.roleType === "CustomRole";
    return { data: found.filter(isWanted), toRows };
  },
});

function plainRows(roles: readonly Json[]): Row[] {
  return toRows(roles.map(({ type, properties }) => ({ ...(properties as Json), type })));
}

function toRows(roles: readonly Json[]): Row[] {
  return roles.map(({ roleName, type, description }) => ({ Name: roleName, Type: type, Description: description }));
}
