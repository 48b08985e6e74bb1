/** `postern role definition list`. @see https://learn.microsoft.com/rest/api/authorization/role-definitions/list */
import { readScope, roleDefinitionsPath, searchRoleDefinitions } from "../../azure/roles.ts";
import { type Context, defineCommand, type Row } from "../../command/command.ts";
import type { Json } from "../../http/service-client.ts";
import { findScopeSubscriptionId, openSession, type Session } from "../../session.ts";
import { keepTable, readKeptTable } from "../../state/kept-table.ts";
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
      return { table: await drawList(context, session, at) };
    }
    const found = await searchRoleDefinitions(session.resourceManager, args.name, [at]);
    const isWanted = (role: Json) => args.customRoleOnly !== true || role.roleType === "CustomRole";
    return { data: found.filter(isWanted), toRows };
  },
});

/** For a table of a thousand rows and three columns az's form of each role is too much, and so is the listing itself when it is the one of last time. */
async function drawList({ version }: Context, session: Session, scope: string): Promise<string> {
  const path = roleDefinitionsPath(scope);
  const key = `${version} ${session.endpoints.resourceManager}${path}`;
  const kept = await readKeptTable(session.paths, key);
  const changed = await session.resourceManager.listChanged(path, kept?.etag);
  if (changed === undefined) return kept!.table;
  const { formatTable } = await import("../../output/table.ts");
  const rows = toRows(changed.items.map(({ type, properties }) => ({ ...(properties as Json), type })));
  const table = formatTable(rows, { isSorted: false });
  if (changed.etag !== undefined) keepTable(session.paths, { key, etag: changed.etag, table });
  return table;
}

function toRows(roles: readonly Json[]): Row[] {
  return roles.map(({ roleName, type, description }) => ({ Name: roleName, Type: type, Description: description }));
}
