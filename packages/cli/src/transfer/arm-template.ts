/**
 * An inventory as an ARM template for a subscription. Registrations are no resources of Resource Manager's: their principals' object IDs are
 * parameters. Pure. May use: inventory.ts.
 * @see https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-to-subscription
 */
import type { Json } from "../http/service-client.ts";
import { type Assignment, type Inventory, SUBSCRIPTION } from "./inventory.ts";

const TEMPLATE_SCHEMA = "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#";
const NESTED_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";

const versions = {
  groups: "2024-03-01",
  deployments: "2024-03-01",
  storage: "2023-05-01",
  identities: "2023-01-31",
  roleDefinitions: "2022-04-01",
  roleAssignments: "2022-04-01",
} as const;

/** A text in a template: one that begins with a bracket would be read as an expression. */
function literal(text: string): string {
  return text.startsWith("[") ? `[${text}` : text;
}

/** A text that may name the subscription, as an expression. */
function expression(text: string): string {
  if (!text.includes(SUBSCRIPTION)) return literal(text);
  return `[replace(${quote(text)}, '${SUBSCRIPTION}', subscription().subscriptionId)]`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function withTags(tags: Json | null): Json {
  return tags === null
    ? {}
    : { tags: Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, literal(String(value))])) };
}

/** The parameter that holds a principal's object ID. */
function parameterOf({ kind, name }: Assignment["principal"]): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return `${kind}${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("")}ObjectId`;
}

export function writeArmTemplate(inventory: Inventory): Json {
  const outside = inventory.assignments.filter(({ principal }) => principal.kind !== "identity");
  const parameters = Object.fromEntries(
    outside.map(({ principal }) => [
      parameterOf(principal),
      { type: "string", metadata: { description: `Object ID of the ${principal.kind} ${principal.name}.` } },
    ]),
  );
  const roles = inventory.roles.map((role) => ({
    type: "Microsoft.Authorization/roleDefinitions",
    apiVersion: versions.roleDefinitions,
    name: `[guid(subscription().id, ${quote(role.roleName)})]`,
    properties: {
      roleName: literal(role.roleName),
      description: literal(role.description),
      type: "CustomRole",
      permissions: role.permissions,
      assignableScopes: role.assignableScopes.map(expression),
    },
  }));
  const place = new Map<string, Json[]>();
  const top: Json[] = [];
  for (const one of inventory.assignments) {
    const [group, resource] = splitScope(one.scope);
    if (group === undefined) top.push(assignment(one, inventory, undefined));
    else place.set(group, [...(place.get(group) ?? []), assignment(one, inventory, resource)]);
  }
  const groups = inventory.groups.flatMap(({ name, location, tags }) => [
    {
      type: "Microsoft.Resources/resourceGroups",
      apiVersion: versions.groups,
      name: literal(name),
      location,
      ...withTags(tags),
      properties: {},
    },
    nested(name, inventory, place.get(name.toLowerCase()) ?? [], parameters),
  ]);
  return {
    $schema: TEMPLATE_SCHEMA,
    contentVersion: "1.0.0.0",
    ...withLeftOut(inventory),
    parameters,
    resources: [...roles, ...groups, ...top],
  };
}

/** Names what Resource Manager has no resources for. */
function withLeftOut({ applications, directoryGroups }: Inventory): Json {
  const listed = (kind: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${kind} ${names.join(", ")}`];
  const leftOut = [
    ...listed(
      "app registrations (with all their settings)",
      applications.map(({ displayName }) => displayName),
    ),
    ...listed(
      "groups",
      directoryGroups.map(({ displayName }) => displayName),
    ),
  ];
  if (leftOut.length === 0) return {};
  return { metadata: { description: `Not in this template, to be made by other means: ${leftOut.join("; ")}.` } };
}

/** @returns the group in small letters, and what is below it; undefined for scopes that are in no group. */
function splitScope(scope: string): readonly [string | undefined, string | undefined] {
  const match = /^\/subscriptions\/@SUBSCRIPTION@\/resourceGroups\/([^/]+)(?:\/providers\/(.+))?$/i.exec(scope);
  return match === null ? [undefined, undefined] : [match[1]!.toLowerCase(), match[2]];
}

/** What is in a group is deployed to the group, from within. */
function nested(group: string, inventory: Inventory, assignments: readonly Json[], parameters: Json): Json {
  const isIn = (one: { readonly group: string }) => one.group.toLowerCase() === group.toLowerCase();
  const accounts = inventory.accounts.filter(isIn).map(({ name, location, sku, kind, tags, properties }) => ({
    type: "Microsoft.Storage/storageAccounts",
    apiVersion: versions.storage,
    name,
    location,
    sku: { name: sku },
    kind,
    ...withTags(tags),
    properties,
  }));
  const identities = inventory.identities.filter(isIn).map(({ name, location, tags }) => ({
    type: "Microsoft.ManagedIdentity/userAssignedIdentities",
    apiVersion: versions.identities,
    name: literal(name),
    location,
    ...withTags(tags),
  }));
  return {
    type: "Microsoft.Resources/deployments",
    apiVersion: versions.deployments,
    name: `[concat('postern-', uniqueString(${quote(group)}))]`,
    resourceGroup: literal(group),
    dependsOn: [
      `[subscriptionResourceId('Microsoft.Resources/resourceGroups', ${quote(group)})]`,
      ...inventory.roles.map(({ roleName }) => roleId(roleName)),
    ],
    properties: {
      mode: "Incremental",
      expressionEvaluationOptions: { scope: "inner" },
      parameters: Object.fromEntries(
        Object.keys(parameters).map((name) => [name, { value: `[parameters('${name}')]` }]),
      ),
      template: {
        $schema: NESTED_SCHEMA,
        contentVersion: "1.0.0.0",
        parameters,
        resources: [...accounts, ...identities, ...assignments],
      },
    },
  };
}

function roleId(roleName: string): string {
  return `[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', guid(subscription().id, ${quote(roleName)}))]`;
}

function assignment(one: Assignment, inventory: Inventory, resource: string | undefined): Json {
  const isCustom = inventory.roles.some(({ roleName }) => roleName === one.role);
  const identity = one.principal.kind === "identity" ? one.principal.name.split("/")[1]! : undefined;
  const principalId =
    identity === undefined
      ? `[parameters('${parameterOf(one.principal)}')]`
      : `[reference(resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', ${quote(identity)}), '${versions.identities}').principalId]`;
  const key = `${one.scope} ${one.role} ${one.principal.kind} ${one.principal.name}`;
  const types = {
    application: "ServicePrincipal",
    identity: "ServicePrincipal",
    group: "Group",
    user: "User",
  } as const;
  const owner = resource?.replace(/^([^/]+\/[^/]+)\/([^/]+).*$/, "$1|$2").split("|");
  return {
    type: "Microsoft.Authorization/roleAssignments",
    apiVersion: versions.roleAssignments,
    name: `[guid(subscription().id, ${quote(key)})]`,
    ...(resource === undefined ? {} : { scope: literal(resource) }),
    dependsOn: [
      ...(isCustom && resource === undefined && !/resourceGroups/i.test(one.scope) ? [roleId(one.role)] : []),
      ...(owner?.length === 2 ? [`[resourceId('${owner[0]}', ${quote(owner[1]!)})]`] : []),
      ...(identity === undefined
        ? []
        : [`[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', ${quote(identity)})]`]),
    ],
    properties: {
      roleDefinitionId: isCustom ? roleId(one.role) : builtInRole(one.role),
      principalId,
      principalType: types[one.principal.kind],
      ...(one.description === null ? {} : { description: literal(one.description) }),
      ...(one.condition === null
        ? {}
        : { condition: expression(one.condition), conditionVersion: one.conditionVersion ?? "2.0" }),
    },
  };
}

/** Filled in by `export`, which knows the roles' GUIDs: a built-in role has the same in every cloud. */
function builtInRole(roleName: string): string {
  return `@ROLE:${roleName}@`;
}
