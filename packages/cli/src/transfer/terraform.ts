/**
 * An inventory as a Terraform configuration in its JSON form, for the providers azurerm and azuread. Pure. May use: inventory.ts.
 * @see https://developer.hashicorp.com/terraform/language/syntax/json
 */
import type { Json } from "../http/service-client.ts";
import { type Assignment, type Inventory, SUBSCRIPTION } from "./inventory.ts";

// biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own template
const SUBSCRIPTION_REFERENCE = "${data.azurerm_subscription.current.subscription_id}";

/** Names blocks: letters, digits and `_`, each only once. */
class Labels {
  readonly #labels = new Map<string, string>();
  readonly #used = new Set<string>();

  of(kind: string, name: string): string {
    const key = `${kind} ${name.toLowerCase()}`;
    const known = this.#labels.get(key);
    if (known !== undefined) return known;
    const base = name
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, "_")
      .replace(/^(?=\d)|^$/, "_");
    let label = base;
    for (let count = 2; this.#used.has(`${kind} ${label}`); count += 1) label = `${base}_${count}`;
    this.#used.add(`${kind} ${label}`);
    this.#labels.set(key, label);
    return label;
  }
}

/** `${` and `%{` begin templates, and are doubled not to; after another of their kind, doubling could be read in two ways: there the marks are a text that is filled in. */
function text(value: string): string {
  return value
    .replace(/(\$+|%+)(?=\{)/g, (marks) => (marks.length === 1 ? marks + marks : `\${"${marks}"}`))
    .replaceAll(SUBSCRIPTION, () => SUBSCRIPTION_REFERENCE);
}

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
  for (const app of inventory.applications) addApplication(app, labels, add);
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

type Add = (type: string, name: string, body: Json) => void;

function addApplication(app: Inventory["applications"][number], labels: Labels, add: Add): void {
  const own = `azuread_application.${labels.of("azuread_application", app.displayName)}`;
  add("azuread_application", app.displayName, {
    display_name: text(app.displayName),
    sign_in_audience: app.signInAudience,
    ...(app.webRedirectUris.length === 0 ? {} : { web: [{ redirect_uris: app.webRedirectUris.map(text) }] }),
    ...(app.publicRedirectUris.length === 0
      ? {}
      : { public_client: [{ redirect_uris: app.publicRedirectUris.map(text) }] }),
  });
  if (app.hasPrincipal) add("azuread_service_principal", app.displayName, { client_id: `\${${own}.client_id}` });
  for (const { name, issuer, subject, audiences } of app.federated) {
    add("azuread_application_federated_identity_credential", `${app.displayName}/${String(name)}`, {
      application_id: `\${${own}.id}`,
      display_name: text(String(name)),
      issuer: text(String(issuer)),
      subject: text(String(subject)),
      audiences,
    });
  }
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
