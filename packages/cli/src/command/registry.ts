/**
 * The list of commands: names, one line each, and where the rest of each is. A command's module is loaded only when it is run or asked
 * about, so that `postern --help` costs nothing but this file. May use: command.ts.
 */
import type { Command } from "./command.ts";

/** One command: its words, its summary, and how to load it. */
export interface Entry {
  readonly path: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** What the words that only group commands stand for. */
export const groups: Readonly<Record<string, string>> = {
  access: "Who may do what, over time.",
  account: "Subscriptions of this cloud, and access tokens for it.",
  ad: "Apps and their identities in Entra ID.",
  "ad app": "Application registrations.",
  "ad app credential": "Client secrets of an application.",
  "ad sp": "Service principals: the identities applications act by.",
  "ad sp credential": "Client secrets of a service principal.",
  drill: "What goes wrong in a cloud, on demand: for testing retries.",
  group: "Resource groups.",
  identity: "Managed identities: for programs that are given no secret.",
  keys: "The keys tokens are signed with.",
  role: "Who may do what: roles and their assignments.",
  "role assignment": "Roles given to users, groups and apps.",
  "role definition": "Roles there are to give.",
  secrets: "Secrets and certificates of all apps: when they end, when they were last used.",
  "soft-mode": "Times in which nothing is denied at a scope.",
  storage: "Storage.",
  "storage account": "Storage accounts.",
  "storage account keys": "Access keys of a storage account.",
};

export const entries: readonly Entry[] = [
  { path: "up", summary: "Start the cloud.", load: () => import("../commands/up.ts") },
  { path: "down", summary: "Stop the cloud.", load: () => import("../commands/down.ts") },
  { path: "status", summary: "Show whether the cloud runs, and where.", load: () => import("../commands/status.ts") },
  { path: "run", summary: "Run a program against the cloud, unmodified.", load: () => import("../commands/run.ts") },
  { path: "env", summary: "Print the variables an app signs in with.", load: () => import("../commands/env.ts") },
  {
    path: "explain",
    summary: "Say why somebody may or may not, and which role mends it.",
    load: () => import("../commands/access/explain.ts"),
  },
  {
    path: "who-can",
    summary: "List who may do something at a place.",
    load: () => import("../commands/access/who-can.ts"),
  },
  {
    path: "what-can",
    summary: "List everything somebody may do.",
    load: () => import("../commands/access/what-can.ts"),
  },
  {
    path: "drill delay",
    summary: "Let role assignments and new principals take a while.",
    load: () => import("../commands/drill/delay.ts"),
  },
  { path: "drill list", summary: "List the drills that are on.", load: () => import("../commands/drill/list.ts") },
  {
    path: "drill start",
    summary: "Make requests fail or wait, on purpose and repeatably.",
    load: () => import("../commands/drill/start.ts"),
  },
  { path: "drill stop", summary: "Stop a drill.", load: () => import("../commands/drill/stop.ts") },
  {
    path: "soft-mode create",
    summary: "For a time, deny nothing at a scope, and record what would have been.",
    load: () => import("../commands/soft-mode/create.ts"),
  },
  {
    path: "soft-mode delete",
    summary: "Switch a soft mode off.",
    load: () => import("../commands/soft-mode/delete.ts"),
  },
  {
    path: "soft-mode list",
    summary: "List the soft modes that are on.",
    load: () => import("../commands/soft-mode/list.ts"),
  },
  {
    path: "learn",
    summary: "Find the roles a program needs, and prove them.",
    load: () => import("../commands/learn.ts"),
  },
  {
    path: "access learned",
    summary: "List the roles for what somebody has used already.",
    load: () => import("../commands/access/learned.ts"),
  },
  {
    path: "access diff",
    summary: "List who gained and lost access between two times.",
    load: () => import("../commands/access/diff.ts"),
  },
  {
    path: "account get-access-token",
    summary: "Get an access token of the operator.",
    load: () => import("../commands/account/get-access-token.ts"),
  },
  { path: "account list", summary: "List subscriptions.", load: () => import("../commands/account/list.ts") },
  { path: "account show", summary: "Show the subscription in use.", load: () => import("../commands/account/show.ts") },
  {
    path: "ad app credential list",
    summary: "List an application's client secrets, without their values.",
    load: () => import("../commands/ad/app-credential-list.ts"),
  },
  {
    path: "ad app credential reset",
    summary: "Make an application a new client secret.",
    load: () => import("../commands/ad/app-credential-reset.ts"),
  },
  { path: "ad app delete", summary: "Delete an application.", load: () => import("../commands/ad/app-delete.ts") },
  { path: "ad app list", summary: "List applications.", load: () => import("../commands/ad/app-list.ts") },
  { path: "ad app show", summary: "Show an application.", load: () => import("../commands/ad/app-show.ts") },
  {
    path: "ad sp create-for-rbac",
    summary: "Register an app with a secret, and give it roles.",
    load: () => import("../commands/ad/sp-create-for-rbac.ts"),
  },
  {
    path: "ad sp credential reset",
    summary: "Make a service principal a new client secret.",
    load: () => import("../commands/ad/sp-credential-reset.ts"),
  },
  { path: "ad sp delete", summary: "Delete a service principal.", load: () => import("../commands/ad/sp-delete.ts") },
  { path: "ad sp list", summary: "List service principals.", load: () => import("../commands/ad/sp-list.ts") },
  { path: "ad sp show", summary: "Show a service principal.", load: () => import("../commands/ad/sp-show.ts") },
  { path: "group create", summary: "Create a resource group.", load: () => import("../commands/group/create.ts") },
  {
    path: "group delete",
    summary: "Delete a resource group and all in it.",
    load: () => import("../commands/group/delete.ts"),
  },
  {
    path: "group exists",
    summary: "Tell whether a resource group is there.",
    load: () => import("../commands/group/exists.ts"),
  },
  { path: "group list", summary: "List resource groups.", load: () => import("../commands/group/list.ts") },
  { path: "group show", summary: "Show a resource group.", load: () => import("../commands/group/show.ts") },
  {
    path: "identity create",
    summary: "Create a managed identity.",
    load: () => import("../commands/identity/create.ts"),
  },
  {
    path: "identity delete",
    summary: "Delete a managed identity.",
    load: () => import("../commands/identity/delete.ts"),
  },
  { path: "identity list", summary: "List managed identities.", load: () => import("../commands/identity/list.ts") },
  { path: "identity show", summary: "Show a managed identity.", load: () => import("../commands/identity/show.ts") },
  { path: "keys list", summary: "List signing keys.", load: () => import("../commands/keys/list.ts") },
  {
    path: "keys rotate",
    summary: "Make a new signing key; tokens issued so far hold on.",
    load: () => import("../commands/keys/rotate.ts"),
  },
  {
    path: "role assignment create",
    summary: "Give a role to a user, group or app.",
    load: () => import("../commands/role/assignment-create.ts"),
  },
  {
    path: "role assignment delete",
    summary: "Take roles away.",
    load: () => import("../commands/role/assignment-delete.ts"),
  },
  {
    path: "role assignment list",
    summary: "List who has which role.",
    load: () => import("../commands/role/assignment-list.ts"),
  },
  { path: "role definition list", summary: "List roles.", load: () => import("../commands/role/definition-list.ts") },
  { path: "role definition show", summary: "Show a role.", load: () => import("../commands/role/definition-show.ts") },
  {
    path: "secrets list",
    summary: "List secrets and certificates of all apps by when they end.",
    load: () => import("../commands/secrets/list.ts"),
  },
  {
    path: "storage account check-name",
    summary: "Tell whether an account's name is still free.",
    load: () => import("../commands/storage/account-check-name.ts"),
  },
  {
    path: "storage account create",
    summary: "Create a storage account.",
    load: () => import("../commands/storage/account-create.ts"),
  },
  {
    path: "storage account delete",
    summary: "Delete a storage account.",
    load: () => import("../commands/storage/account-delete.ts"),
  },
  {
    path: "storage account keys list",
    summary: "List a storage account's access keys.",
    load: () => import("../commands/storage/account-keys-list.ts"),
  },
  {
    path: "storage account list",
    summary: "List storage accounts.",
    load: () => import("../commands/storage/account-list.ts"),
  },
  {
    path: "storage account show",
    summary: "Show a storage account.",
    load: () => import("../commands/storage/account-show.ts"),
  },
];

/** The next words that may follow some words, each with its summary: commands and groups alike, in order. */
export function listBelow(path: string): ReadonlyMap<string, string> {
  const prefix = path === "" ? "" : `${path} `;
  const below = new Map<string, string>();
  for (const entry of entries) {
    if (!entry.path.startsWith(prefix)) continue;
    const [word, ...more] = entry.path.slice(prefix.length).split(" ");
    if (word !== undefined && !below.has(word)) {
      below.set(word, more.length === 0 ? entry.summary : (groups[prefix + word] ?? ""));
    }
  }
  return below;
}

export function isGroup(path: string): boolean {
  return path === "" || path in groups;
}

export function findEntry(path: string): Entry | undefined {
  return entries.find((entry) => entry.path === path);
}
