/**
 * `postern role definition create`, `update` and `delete`.
 * @see https://learn.microsoft.com/rest/api/authorization/role-definitions/create-or-update
 */
import { encodeScope } from "../../azure/identifiers.ts";
import { versioned } from "../../azure/resource-manager.ts";
import { readScope, searchRoleDefinitions } from "../../azure/roles.ts";
import { shapeRoleDefinition } from "../../azure/shapes.ts";
import { defineCommand, type Option } from "../../command/command.ts";
import { readJsonArgument } from "../../command/json-argument.ts";
import { failure } from "../../faults.ts";
import type { Json, ServiceClient } from "../../http/service-client.ts";
import { isObject } from "../../output/ordered.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { resourceGroup } from "../options.ts";
import { customRoleOnly, scope } from "./options.ts";

const PROVIDER = "/providers/Microsoft.Authorization/roleDefinitions";

const definition = {
  kind: "text",
  flags: ["--role-definition"],
  valueName: "JSON",
  summary: "The role: a JSON file's path, or JSON itself.",
  required: true,
} as const satisfies Option;

/** Names may begin with a capital, as PowerShell writes them. */
function readDefinition(argument: string): Json {
  const value = readJsonArgument(argument);
  if (!isObject(value)) throw failure("Invalid role definition. A valid dictionary JSON representation is expected.");
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.charAt(0).toLowerCase() + key.slice(1), member]),
  );
}

function scopesOf(role: Json): readonly string[] {
  return Array.isArray(role.assignableScopes) ? role.assignableScopes.map(String) : [];
}

async function put(client: ServiceClient, id: string, roleName: unknown, role: Json): Promise<Json> {
  const [at] = scopesOf(role);
  if (at === undefined) throw failure("please provide 'assignableScopes'");
  const permissions = Array.isArray(role.permissions) ? role.permissions.filter(isObject) : [role];
  const properties = {
    roleName,
    ...(role.description === undefined ? {} : { description: role.description }),
    type: "CustomRole",
    permissions: permissions.map(({ actions, notActions, dataActions, notDataActions }) => ({
      actions,
      notActions,
      dataActions,
      notDataActions,
    })),
    assignableScopes: scopesOf(role),
  };
  const path = versioned(`${encodeScope(at)}${PROVIDER}/${encodeURIComponent(id)}`, "roleDefinitions");
  return shapeRoleDefinition(await client.json("PUT", path, { properties }));
}

export const createDefinition = defineCommand({
  options: { definition },
  examples: [
    { summary: "Create a role from a file", line: "postern role definition create --role-definition role.json" },
    {
      summary: "Or in the line itself",
      line: `postern role definition create --role-definition '{"Name":"Blob Lister","Description":"Lists blobs","Actions":[],"DataActions":["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"],"AssignableScopes":["/subscriptions/SUBSCRIPTION"]}'`,
    },
  ],
  run: async (context, args) => {
    const role = readDefinition(args.definition);
    const { resourceManager } = await openSession(context);
    if (!role.name) throw failure("please provide role name");
    if (scopesOf(role).length === 0) throw failure("please provide 'assignableScopes'");
    return { data: await put(resourceManager, crypto.randomUUID(), role.name, role) };
  },
});

export const updateDefinition = defineCommand({
  options: { definition },
  examples: [{ summary: "Change a role", line: "postern role definition update --role-definition role.json" }],
  run: async (context, args) => {
    const role = readDefinition(args.definition);
    const session = await openSession(context);
    const subscriptionId = await findSubscriptionId(context, session);
    if (typeof role.id === "string" && role.id !== "") {
      const id = role.id.split("/").at(-1)!;
      return { data: await put(session.resourceManager, id, role.roleName, role) };
    }
    context.notes.warn('Role "id" is missing. Look for the role in the current subscription...');
    const name = String(role.name);
    const scopes = scopesOf(role).length > 0 ? scopesOf(role) : [`/subscriptions/${subscriptionId}`];
    const matched = await searchRoleDefinitions(session.resourceManager, name, scopes);
    if (matched.length > 1) throw failure(`More than 2 definitions are found with the name of "${name}"`);
    const [found] = matched;
    if (found === undefined) throw failure(`No definition was found with the name of "${name}"`);
    return { data: await put(session.resourceManager, String(found.name), found.roleName, role) };
  },
});

export const deleteDefinition = defineCommand({
  options: {
    name: { kind: "text", flags: ["--name", "-n"], summary: "The role's name, or its GUID.", required: true },
    resourceGroup,
    scope,
    customRoleOnly,
  },
  examples: [{ summary: "Delete a role", line: 'postern role definition delete --name "Blob Lister"' }],
  run: async (context, args) => {
    const session = await openSession(context);
    const at = readScope(await findSubscriptionId(context, session), args.resourceGroup, args.scope);
    const found = await searchRoleDefinitions(session.resourceManager, args.name, [at]);
    for (const role of found.filter(({ roleType }) => args.customRoleOnly !== true || roleType === "CustomRole")) {
      const path = `${encodeScope(at)}${PROVIDER}/${String(role.name)}`;
      await session.resourceManager.send("DELETE", versioned(path, "roleDefinitions"));
    }
    return {};
  },
});
