/**
 * An inventory as a Terraform configuration in its JSON form, for the providers azurerm and azuread. Pure. May use: inventory.ts,
 * application-properties.ts, terraform-application.ts, terraform-text.ts.
 * @see https://developer.hashicorp.com/terraform/language/syntax/json
 */
import type { Json } from "../http/service-client.ts";
import { applicationMark } from "./application-properties.ts";
import { type Assignment, type Inventory, SUBSCRIPTION } from "./inventory.ts";
import { addApplication } from "./terraform-application.ts";
import { type Add, Labels, text } from "./terraform-text.ts";

function tagsOf(tags: Json | null): Json {
  return tags === null
    ? {}
    : { tags: Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, text(String(value))])) };
}

export function writeTerraform(inventory: Inventory): Json {
  const labels = new Labels();
  const resource: Record<string, Record<string, Json>> = {};
  const add = (type: string, name: string, body: Json) => {
    resource[type] ??= {};
    resource[type][labels.of(type, name)] = body;
  };
  const groupReference = (name: string) =>
    `\${azurerm_resource_group.${labels.of("azurerm_resource_group", name)}.name}`;
  for (const { name, location, tags } of inventory.groups)
    add("azurerm_resource_group", name, { name: text(name), location, ...tagsOf(tags) });
  for (const account of inventory.accounts)
    add("azurerm_storage_account", account.name, writeAccount(account, groupReference(account.group)));
  for (const { name, group, location, tags } of inventory.identities) {
    add("azurerm_user_assigned_identity", `${group}/${name}`, {
      name: text(name),
      resource_group_name: groupReference(group),
      location,
      ...tagsOf(tags),
    });
  }
  const clientIds = new Map(
    inventory.applications.map(({ displayName }) => [
      applicationMark(displayName),
      `\${azuread_application.${labels.of("azuread_application", displayName)}.client_id}`,
    ]),
  );
  for (const app of inventory.applications) addApplication(app, clientIds, labels, add);
  for (const { displayName, mailNickname, description } of inventory.directoryGroups) {
    add("azuread_group", displayName, {
      display_name: text(displayName),
      mail_nickname: text(mailNickname),
      security_enabled: true,
      ...(description === null ? {} : { description: text(description) }),
    });
  }
  for (const { roleName, description, permissions, assignableScopes } of inventory.roles) {
    add("azurerm_role_definition", roleName, {
      name: text(roleName),
      description: text(description),
      scope: text(assignableScopes[0] ?? `/subscriptions/${SUBSCRIPTION}`),
      permissions: permissions.map(({ actions, notActions, dataActions, notDataActions }) => ({
        actions,
        not_actions: notActions,
        data_actions: dataActions,
        not_data_actions: notDataActions,
      })),
      assignable_scopes: assignableScopes.map(text),
    });
  }
  const users = inventory.assignments
    .filter(({ principal }) => principal.kind === "user")
    .map(({ principal }) => principal.name);
  for (const one of inventory.assignments) addAssignment(one, inventory, labels, add);
  return {
    terraform: {
      required_providers: {
        azurerm: { source: "hashicorp/azurerm", version: "~> 4.0" },
        azuread: { source: "hashicorp/azuread", version: "~> 3.0" },
      },
    },
    provider: { azurerm: { features: {} }, azuread: {} },
    data: {
      azurerm_subscription: { current: {} },
      ...(users.length === 0
        ? {}
        : {
            azuread_user: Object.fromEntries(
              users.map((name) => [labels.of("data.azuread_user", name), { user_principal_name: text(name) }]),
            ),
          }),
    },
    resource,
  };
}

function writeAccount(
  { name, location, sku, kind, tags, properties }: Inventory["accounts"][number],
  group: string,
): Json {
  const [tier = "Standard", replication = "LRS"] = sku.split("_");
  const settings: readonly (readonly [string, unknown])[] = [
    ["access_tier", properties.accessTier],
    ["allow_nested_items_to_be_public", properties.allowBlobPublicAccess],
    ["shared_access_key_enabled", properties.allowSharedKeyAccess],
    ["min_tls_version", properties.minimumTlsVersion],
    ["https_traffic_only_enabled", properties.supportsHttpsTrafficOnly],
    [
      "public_network_access_enabled",
      properties.publicNetworkAccess === undefined ? undefined : properties.publicNetworkAccess === "Enabled",
    ],
  ];
  return {
    name,
    resource_group_name: group,
    location,
    account_tier: tier,
    account_replication_type: replication,
    account_kind: kind,
    ...Object.fromEntries(settings.filter(([, value]) => value !== undefined)),
    ...tagsOf(tags),
  };
}

function addAssignment(one: Assignment, inventory: Inventory, labels: Labels, add: Add): void {
  const { principal, role, scope } = one;
  const references = {
    application: () => `azuread_service_principal.${labels.of("azuread_service_principal", principal.name)}.object_id`,
    identity: () =>
      `azurerm_user_assigned_identity.${labels.of("azurerm_user_assigned_identity", principal.name)}.principal_id`,
    group: () => `azuread_group.${labels.of("azuread_group", principal.name)}.object_id`,
    user: () => `data.azuread_user.${labels.of("data.azuread_user", principal.name)}.object_id`,
  } as const;
  const isCustom = inventory.roles.some(({ roleName }) => roleName === role);
  const custom = `\${azurerm_role_definition.${labels.of("azurerm_role_definition", role)}.role_definition_resource_id}`;
  const after = dependencies(scope, inventory, labels);
  add("azurerm_role_assignment", `${principal.name} ${role} ${scope.split("/").slice(-2).join(" ")}`, {
    scope: text(scope),
    ...(isCustom ? { role_definition_id: custom } : { role_definition_name: text(role) }),
    principal_id: `\${${references[principal.kind]()}}`,
    ...(one.description === null ? {} : { description: text(one.description) }),
    ...(one.condition === null
      ? {}
      : { condition: text(one.condition), condition_version: one.conditionVersion ?? "2.0" }),
    ...(after.length === 0 ? {} : { depends_on: after }),
  });
}

/** A scope is text, so what it names has to be named again for the order. */
function dependencies(scope: string, { groups, accounts }: Inventory, labels: Labels): string[] {
  const parts = scope.toLowerCase().split("/");
  const account = accounts.find(({ name }) => parts.includes("storageaccounts") && parts.includes(name.toLowerCase()));
  if (account !== undefined) return [`azurerm_storage_account.${labels.of("azurerm_storage_account", account.name)}`];
  const group = groups.find(({ name }) => parts[3] === "resourcegroups" && parts[4] === name.toLowerCase());
  return group === undefined ? [] : [`azurerm_resource_group.${labels.of("azurerm_resource_group", group.name)}`];
}
