/**
 * Applies the Terraform configuration that `export` writes: what each block means is done by the command line, in the order of the references, and its
 * attributes are filled in where others refer to them. Not Terraform, which is not at hand, nor its providers: which arguments their resources have is
 * written down here from their documentation, and an argument they have not is an error. May use: terraform-application.ts.
 * @see https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs
 * @see https://registry.terraform.io/providers/hashicorp/azuread/latest/docs
 */
import assert from "node:assert/strict";
import { applicationArguments, applicationParts, makeApplication } from "./terraform-application.ts";

type Json = Record<string, unknown>;
/** Runs a command of ours and reads its JSON. */
export type Run = (...words: string[]) => Promise<Json>;

interface Kind {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** @returns the attributes that others may refer to. */
  readonly make: (run: Run, block: Json) => Promise<Json>;
}

const list = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
const flag = (name: string, value: unknown) => (value === undefined || value === "" ? [] : [name, String(value)]);
const tags = (value: unknown) =>
  value === undefined
    ? []
    : ["--tags", ...Object.entries(value as Json).map(([name, one]) => `${name}=${String(one)}`)];

const kinds: Readonly<Record<string, Kind>> = {
  azurerm_resource_group: {
    required: ["name", "location"],
    optional: ["tags", "managed_by"],
    make: async (run, { name, location, tags: given }) => {
      const made = await run("group", "create", "-n", String(name), "-l", String(location), ...tags(given));
      return { id: made.id, name };
    },
  },
  azurerm_storage_account: {
    required: ["name", "resource_group_name", "location", "account_tier", "account_replication_type"],
    optional: [
      ...["account_kind", "access_tier", "allow_nested_items_to_be_public", "shared_access_key_enabled", "tags"],
      ...["min_tls_version", "https_traffic_only_enabled", "public_network_access_enabled"],
    ],
    make: async (run, block) => {
      const made = await run(
        ...["storage", "account", "create", "-n", String(block.name), "-g", String(block.resource_group_name)],
        ...[
          "-l",
          String(block.location),
          "--sku",
          `${String(block.account_tier)}_${String(block.account_replication_type)}`,
        ],
        ...flag("--kind", block.account_kind),
        ...flag("--access-tier", block.access_tier),
        ...flag("--allow-blob-public-access", block.allow_nested_items_to_be_public),
        ...flag("--allow-shared-key-access", block.shared_access_key_enabled),
        ...flag("--min-tls-version", block.min_tls_version),
        ...flag("--https-only", block.https_traffic_only_enabled),
        ...tags(block.tags),
      );
      return { id: made.id, name: block.name };
    },
  },
  azurerm_user_assigned_identity: {
    required: ["name", "resource_group_name", "location"],
    optional: ["tags"],
    make: async (run, { name, resource_group_name: group, location, tags: given }) => {
      const where = ["-n", String(name), "-g", String(group), "-l", String(location)];
      const made = await run("identity", "create", ...where, ...tags(given));
      return { id: made.id, principal_id: made.principalId, client_id: made.clientId };
    },
  },
  azurerm_role_definition: {
    required: ["name", "scope"],
    optional: ["description", "permissions", "assignable_scopes", "role_definition_id"],
    make: async (run, { name, description, permissions, assignable_scopes: scopes }) => {
      const [allowed = {}] = permissions as Json[];
      const definition = {
        Name: name,
        Description: description,
        Actions: list(allowed.actions),
        NotActions: list(allowed.not_actions),
        DataActions: list(allowed.data_actions),
        NotDataActions: list(allowed.not_data_actions),
        AssignableScopes: scopes,
      };
      const made = await run("role", "definition", "create", "--role-definition", JSON.stringify(definition));
      return { role_definition_resource_id: made.id, role_definition_id: made.name };
    },
  },
  azurerm_role_assignment: {
    required: ["scope", "principal_id"],
    optional: ["role_definition_id", "role_definition_name", "condition", "condition_version", "description"],
    make: async (run, block) => {
      assert.ok((block.role_definition_id === undefined) !== (block.role_definition_name === undefined));
      const role = String(block.role_definition_id ?? block.role_definition_name);
      // The provider asks Graph what kind of principal it is; the command line does, too, when it is not told.
      return run(
        ...["role", "assignment", "create", "--assignee", String(block.principal_id), "--role", role],
        ...["--scope", String(block.scope)],
        ...flag("--description", block.description),
        ...flag("--condition", block.condition),
        ...flag("--condition-version", block.condition_version),
      );
    },
  },
  azuread_application: {
    required: ["display_name"],
    optional: applicationArguments,
    make: makeApplication,
  },
  ...applicationParts,
  azuread_service_principal: {
    required: ["client_id"],
    optional: [],
    make: async (run, { client_id: id }) => {
      const made = await run("ad", "sp", "create", "--id", String(id));
      return { object_id: made.id };
    },
  },
  azuread_application_federated_identity_credential: {
    required: ["application_id", "display_name", "issuer", "subject", "audiences"],
    optional: ["description"],
    make: async (run, { application_id: id, display_name: name, issuer, subject, audiences }) => {
      const parameters = JSON.stringify({ name, issuer, subject, audiences });
      const object = String(id).replace("/applications/", "");
      return run("ad", "app", "federated-credential", "create", "--id", object, "--parameters", parameters);
    },
  },
  azuread_group: {
    required: ["display_name"],
    optional: ["mail_nickname", "security_enabled", "description"],
    make: async (run, { display_name: name, mail_nickname: nickname, description }) => {
      const words = ["--display-name", String(name), "--mail-nickname", String(nickname)];
      const made = await run("ad", "group", "create", ...words, ...flag("--description", description));
      return { object_id: made.id };
    },
  },
};

/** A doubled mark, marks that are filled in, a reference. @see https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences */
const template = /([$%])\1\{|\$\{"([$%]+)"\}|\$\{([\w.]+)\}/g;

/** Any resource has them, and none of its arguments. @see https://developer.hashicorp.com/terraform/language/syntax/json#comment-properties */
const metaArguments = ["depends_on", "lifecycle", "//"];

function argumentsOf(block: Json): Json {
  return Object.fromEntries(Object.entries(block).filter(([name]) => !metaArguments.includes(name)));
}

/** Every block by its address, e.g. azurerm_resource_group.one, checked for arguments its kind has not. */
function readBlocks(configuration: Json): Map<string, Json> {
  const blocks = new Map<string, Json>();
  for (const [type, named] of Object.entries(configuration.resource as Record<string, Record<string, Json>>)) {
    const kind = kinds[type];
    assert.ok(kind !== undefined, `${type} is no resource that is known here`);
    for (const [label, block] of Object.entries(named)) {
      const names = Object.keys(argumentsOf(block));
      const strangers: string[] = names.filter((name) => ![...kind.required, ...kind.optional].includes(name));
      const missing: string[] = kind.required.filter((name) => !names.includes(name));
      assert.deepEqual([strangers, missing], [[], []], `${type}.${label}`);
      assert.match(label, /^[A-Za-z_][\w-]*$/);
      blocks.set(`${type}.${label}`, block);
    }
  }
  return blocks;
}

/** Replaces references by what is known, and `$${` and `%%{` by what they stand for. */
function fill(value: unknown, known: ReadonlyMap<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => fill(item, known));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fill(member, known)]));
  }
  if (typeof value !== "string") return value;
  return value.replace(template, (_, mark?: string, marks?: string, path?: string) => {
    if (path === undefined) return marks ?? `${mark}{`;
    assert.ok(known.has(path), `nothing is known by ${path}`);
    return String(known.get(path));
  });
}

/** What the texts of a value refer to. */
function referencesIn(value: unknown): string[] {
  if (typeof value === "string") return [...value.matchAll(template)].flatMap(([, , , path]) => path ?? []);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(referencesIn) : [];
}

/** The blocks a block refers to; data is there from the beginning. */
function needsOf(block: Json): string[] {
  const referred = referencesIn(block).map((path) => path.split(".").slice(0, 2).join("."));
  return [...new Set([...referred, ...list(block.depends_on)])].filter((address) => !address.startsWith("data."));
}

/** Makes all of a configuration. @param run commands in the cloud it is made in. @returns how many blocks were made. */
export async function applyTerraform(configuration: Json, subscriptionId: string, run: Run): Promise<number> {
  const blocks = readBlocks(configuration);
  const known = new Map<string, unknown>([["data.azurerm_subscription.current.subscription_id", subscriptionId]]);
  const made = new Set<string>();
  while (made.size < blocks.size) {
    const ready = [...blocks].filter(
      ([address, block]) => !made.has(address) && needsOf(block).every((need) => made.has(need)),
    );
    assert.ok(ready.length > 0, "the rest refers to what is not there, or to itself");
    for (const [address, block] of ready) {
      const attributes = await kinds[address.split(".")[0]!]!.make(run, fill(argumentsOf(block), known) as Json);
      for (const [name, value] of Object.entries(attributes)) known.set(`${address}.${name}`, value);
      made.add(address);
    }
  }
  return made.size;
}
