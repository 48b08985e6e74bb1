/** `postern role definition show`. @see https://learn.microsoft.com/rest/api/authorization/role-definitions/get */
import { encodeScope } from "../../azure/identifiers.ts";
import { versioned } from "../../azure/resource-manager.ts";
import { shapeRoleDefinition } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import { findScopeSubscriptionId, openSession } from "../../session.ts";
import { scope } from "./options.ts";

export const command = defineCommand({
  options: {
    name: { kind: "text", flags: ["--name", "-n"], summary: "The role definition's name (GUID)." },
    scope,
    id: { kind: "text", flags: ["--id"], summary: "The fully qualified role definition ID." },
  },
  examples: [
    {
      summary: "Show a role by its GUID",
      line: "postern role definition show --scope /subscriptions/SUBSCRIPTION --name ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    },
  ],
  run: async (context, { name, scope: at, id }) => {
    if (!name && !at && !id) throw failure("Usage error: Provide --scope and --name, or --id");
    if (!id && !(name && at)) throw failure("Usage error: Provide both --scope and --name");
    const path = id || `${at}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
    const session = await openSession(context);
    await findScopeSubscriptionId(context, session, path);
    const found = await session.resourceManager.json("GET", versioned(encodeScope(path), "roleDefinitions"));
    return { data: shapeRoleDefinition(found) };
  },
});
