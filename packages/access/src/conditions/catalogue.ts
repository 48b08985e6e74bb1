/**
 * Which attributes and suboperations there are, and for which action: what an editor offers and a review checks.
 *
 * Data, after Microsoft's tables. Evaluation does not look in here: an attribute that is not listed is looked up all the same.
 * @see https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes
 * @see https://learn.microsoft.com/azure/storage/queues/queues-auth-abac-attributes
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-authorization-actions-attributes
 */
import { matchesAction } from "../actions.ts";
import { foldCase } from "../case-folding.ts";
import { attributeKey, CASE_SENSITIVE_KEY_SUFFIX, KEYS_SUFFIX } from "./attribute-name.ts";
import type { AttributeSource } from "./expression.ts";

const STORAGE = "Microsoft.Storage/storageAccounts";
const CONTAINERS = `${STORAGE}/blobServices/containers`;
const BLOBS = `${CONTAINERS}/blobs`;
const MESSAGES = `${STORAGE}/queueServices/queues/messages`;
const ROLE_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments";
const SECRETS = "Microsoft.KeyVault/vaults/secrets";
const CUSTOM_ATTRIBUTES = "Microsoft.Directory/CustomSecurityAttributes/Id";

/** Names of the attributes whose name is fixed. */
export const attributeNames = {
  accountName: `${STORAGE}:name`,
  isHnsEnabled: `${STORAGE}:isHnsEnabled`,
  encryptionScopeName: `${STORAGE}/encryptionScopes:name`,
  containerName: `${CONTAINERS}:name`,
  blobPath: `${BLOBS}:path`,
  isCurrentVersion: `${BLOBS}:isCurrentVersion`,
  blobTagKeys: `${BLOBS}/tags${KEYS_SUFFIX}`,
  blobPrefix: `${BLOBS}:prefix`,
  listInclude: `${BLOBS}:include`,
  snapshot: `${BLOBS}:snapshot`,
  versionId: `${BLOBS}:versionId`,
  queueName: `${STORAGE}/queueServices/queues:name`,
  secretName: `${SECRETS}:name`,
  roleDefinitionId: `${ROLE_ASSIGNMENTS}:RoleDefinitionId`,
  principalId: `${ROLE_ASSIGNMENTS}:PrincipalId`,
  principalType: `${ROLE_ASSIGNMENTS}:PrincipalType`,
  isPrivateLink: "isPrivateLink",
  privateEndpoint: "Microsoft.Network/privateEndpoints",
  subnet: "Microsoft.Network/virtualNetworks/subnets",
  utcNow: "UtcNow",
} as const;

/** Gives the name of the attribute that holds one blob index tag's value; the key counts case. */
export function blobTagAttribute(key: string): string {
  return `${BLOBS}/tags:${key}${CASE_SENSITIVE_KEY_SUFFIX}`;
}

/** Gives the name of a custom security attribute, e.g. `Engineering_Project`. */
export function customSecurityAttribute(name: string): string {
  return `${CUSTOM_ATTRIBUTES}:${name}`;
}

/** Suboperations of blob actions, as `SubOperationMatches` names them. */
export const subOperationNames = {
  list: "Blob.List",
  readWithTagConditions: "Blob.Read.WithTagConditions",
  writeTier: "Blob.Write.Tier",
  writeWithTagHeaders: "Blob.Write.WithTagHeaders",
} as const;

/** What an attribute holds; `Any` where its definition in the directory says. */
export type AttributeType = "Bool" | "String" | "StringList" | "DateTime" | "Guid" | "Any";

/** One attribute that conditions may name. */
export interface AttributeEntry {
  /** The name; with `{key}` where every key makes an attribute. */
  readonly name: string;
  readonly displayName: string;
  readonly type: AttributeType;
  readonly sources: readonly AttributeSource[];
  /** Only seen in built-in roles: not offered for conditions of one's own. */
  readonly isInternal: boolean;
}

function entry(name: string, displayName: string, type: AttributeType, ...sources: AttributeSource[]): AttributeEntry {
  return { name, displayName, type, sources, isInternal: false };
}

function internal(name: string, displayName: string, type: AttributeType): AttributeEntry {
  return { name, displayName, type, sources: ["resource"], isInternal: true };
}

const names = attributeNames;

/** All attributes. */
export const attributeCatalogue: readonly AttributeEntry[] = [
  entry(names.accountName, "storage account name", "String", "resource"),
  entry(names.isHnsEnabled, "hierarchical namespace flag", "Bool", "resource"),
  entry(names.encryptionScopeName, "encryption scope name", "String", "resource"),
  entry(names.containerName, "container name", "String", "resource"),
  entry(names.blobPath, "blob path", "String", "resource"),
  entry(names.isCurrentVersion, "current version flag", "Bool", "resource"),
  entry(blobTagAttribute("{key}"), "blob index tag", "String", "resource", "request"),
  entry(names.blobTagKeys, "blob index tag keys", "StringList", "resource", "request"),
  entry(names.blobPrefix, "blob prefix", "String", "request"),
  entry(names.listInclude, "what List Blobs includes", "StringList", "request"),
  entry(names.snapshot, "snapshot", "DateTime", "request"),
  entry(names.versionId, "version ID", "DateTime", "request"),
  entry(names.queueName, "queue name", "String", "resource"),
  entry(names.secretName, "secret name", "String", "resource", "request"),
  entry(names.roleDefinitionId, "role of the role assignment", "Guid", "request", "resource"),
  entry(names.principalId, "principal of the role assignment", "Guid", "request", "resource"),
  entry(names.principalType, "principal type of the role assignment", "String", "request", "resource"),
  entry(names.isPrivateLink, "private link flag", "Bool", "environment"),
  entry(names.privateEndpoint, "private endpoint", "String", "environment"),
  entry(names.subnet, "subnet", "String", "environment"),
  entry(names.utcNow, "current time", "DateTime", "environment"),
  entry(customSecurityAttribute("{key}"), "custom security attribute", "Any", "principal"),
  internal("Microsoft.OperationalInsights/workspaces/tables:protectionLevel", "protection level", "String"),
  internal("Microsoft.Insights/logs/tables:protectionLevel", "protection level", "String"),
  internal("HasObotoken", "on-behalf-of token flag", "Bool"),
];

/** One action with a condition of its own, perhaps narrowed to a suboperation. */
export interface ActionEntry {
  readonly action: string;
  readonly isDataAction: boolean;
  /** The suboperation; with `isExcluded` all of the action's operations but that; null for the whole action. */
  readonly subOperation: { readonly name: string; readonly isExcluded: boolean } | null;
  readonly isDeprecated: boolean;
  /** Names as in the catalogue of attributes. Attributes of principal and environment go with every action. */
  readonly resource: readonly string[];
  readonly request: readonly string[];
}

const LETTERS: Readonly<Record<string, readonly string[]>> = {
  a: [names.accountName],
  h: [names.isHnsEnabled],
  c: [names.containerName],
  p: [names.blobPath],
  e: [names.encryptionScopeName],
  v: [names.isCurrentVersion],
  t: [blobTagAttribute("{key}"), names.blobTagKeys],
  P: [names.blobPrefix],
  I: [names.listInclude],
  V: [names.versionId],
  S: [names.snapshot],
};

function namesOf(letters: string): string[] {
  return [...letters].flatMap((letter) => LETTERS[letter] ?? []);
}

/**
 * The Blob service's rows: action, suboperation (`!` for all but), resource letters, request letters. Reads of blobs take tags as well,
 * which Microsoft's table of the action leaves out and its first example uses.
 */
const BLOB_ROWS: readonly [action: string, subOperation: string, resource: string, request: string][] = [
  ["filter/action", "", "ah", ""],
  ["read", subOperationNames.list, "ahc", "PI"],
  ["read", `!${subOperationNames.list}`, "avhcpet", "VS"],
  ["read", subOperationNames.readWithTagConditions, "avhcpet", "VS"],
  ["tags/read", "", "avhcpt", "VS"],
  ["write", "", "ahcpe", ""],
  ["write", subOperationNames.writeTier, "avhcpe", "VS"],
  ["write", subOperationNames.writeWithTagHeaders, "ahcpe", "t"],
  ["add/action", "", "ahcpe", ""],
  ["add/action", subOperationNames.writeWithTagHeaders, "ahcpe", "t"],
  ["tags/write", "", "avhcpt", "tVS"],
  ["immutableStorage/runAsSuperUser/action", "", "ahcp", ""],
  ["delete", "", "avhcp", "VS"],
  ["deleteBlobVersion/action", "", "ahcp", "V"],
  ["permanentDelete/action", "", "avhcp", "VS"],
  ["modifyPermissions/action", "", "ahcp", ""],
  ["manageOwnership/action", "", "ahcp", ""],
  ["move/action", "", "ahcp", ""],
  ["runAsSuperUser/action", "", "avhcp", ""],
];

function blobRow([action, word, resource, request]: (typeof BLOB_ROWS)[number]): ActionEntry {
  const isExcluded = word.startsWith("!");
  return {
    action: `${BLOBS}/${action}`,
    isDataAction: true,
    subOperation: word === "" ? null : { name: isExcluded ? word.slice(1) : word, isExcluded },
    isDeprecated: word === subOperationNames.readWithTagConditions,
    resource: namesOf(resource),
    request: namesOf(request),
  };
}

function plainRow(action: string, isDataAction: boolean, resource: string[], request: string[]): ActionEntry {
  return { action, isDataAction, subOperation: null, isDeprecated: false, resource, request };
}

const ASSIGNMENT = [names.roleDefinitionId, names.principalId, names.principalType];

/** All actions with attributes of their own. Key Vault's two are from its preview. */
export const actionCatalogue: readonly ActionEntry[] = [
  ...BLOB_ROWS.map(blobRow),
  ...["read", "add/action", "write", "delete", "process/action"].map((verb) =>
    plainRow(`${MESSAGES}/${verb}`, true, [names.accountName, names.queueName], []),
  ),
  plainRow(`${SECRETS}/getSecret/action`, true, [names.secretName], []),
  plainRow(`${SECRETS}/setSecret/action`, true, [names.secretName], [names.secretName]),
  plainRow(`${ROLE_ASSIGNMENTS}/write`, false, [], ASSIGNMENT),
  plainRow(`${ROLE_ASSIGNMENTS}/delete`, false, ASSIGNMENT, []),
];

/** Tells whether a name is an entry's, and with which key; null for another's. */
function matchEntry(entryName: string, name: string): { key: string | null } | null {
  const [before, after] = attributeKey(entryName).split("{key}");
  const key = attributeKey(name);
  if (after === undefined) return key === before ? { key: null } : null;
  const isKeyed = key.startsWith(before!) && key.endsWith(after) && key.length > before!.length + after.length;
  return isKeyed ? { key: name.slice(before!.length, name.length - after.length) } : null;
}

/**
 * Looks up an attribute.
 * @param source where a condition takes it from.
 * @param name its name, compared as conditions do.
 * @returns the entry, with the key of a tag or a custom attribute; undefined for none.
 */
export function findAttribute(
  source: AttributeSource,
  name: string,
): { readonly entry: AttributeEntry; readonly key: string | null } | undefined {
  for (const each of attributeCatalogue) {
    const match = each.sources.includes(source) ? matchEntry(each.name, name) : null;
    if (match !== null) return { entry: each, key: match.key };
  }
  return undefined;
}

/**
 * Lists the rows for an action and a suboperation.
 * @param action an action or a pattern, as in `ActionMatches`.
 * @param subOperation as a condition narrows it; null for the whole action, which takes what any of its rows takes.
 */
export function findActions(action: string, subOperation: ActionEntry["subOperation"]): ActionEntry[] {
  return actionCatalogue.filter((row) => {
    if (!matchesAction(action, row.action)) return false;
    if (subOperation === null || row.subOperation === null) return true;
    return (
      foldCase(row.subOperation.name) === foldCase(subOperation.name) &&
      row.subOperation.isExcluded === subOperation.isExcluded
    );
  });
}
