/**
 * The list of commands: names, one line each, and where the rest of each is. A command's module is loaded only when it is run or asked
 * about, so that `postern --help` costs nothing but this file. May use: command.ts.
 */
import type { Entry } from "./command.ts";
import { accountEntries } from "./entries/account.ts";
import { directoryEntries } from "./entries/directory.ts";
import { ownEntries } from "./entries/own.ts";
import { resourceEntries } from "./entries/resources.ts";

/** What the words that only group commands stand for. */
export const groups: Readonly<Record<string, string>> = {
  access: "Who may do what, over time.",
  account: "Subscriptions of this cloud, and access tokens for it.",
  "account management-group": "Management groups, above subscriptions.",
  "account management-group subscription": "Subscriptions in a management group.",
  ad: "Apps and their identities in Entra ID.",
  "ad app": "Application registrations.",
  "ad app credential": "Client secrets of an application.",
  "ad app owner": "Owners of an application.",
  "ad app permission": "What an application asks of APIs, and was granted.",
  "ad group": "Groups.",
  "ad group member": "Members of a group.",
  "ad group owner": "Owners of a group.",
  "ad signed-in-user": "Who is signed in.",
  "ad app federated-credential": "Outside issuers whose tokens sign an application in.",
  "ad sp": "Service principals: the identities applications act by.",
  "ad sp credential": "Client secrets of a service principal.",
  cloud: "Clouds to work on: this machine's, Microsoft's, others.",
  "ad sp owner": "Owners of a service principal.",
  "ad user": "People.",
  deployment: "ARM templates.",
  "deployment group": "Deployments to a resource group.",
  "deployment sub": "Deployments to a subscription.",
  drill: "What goes wrong in a cloud, on demand: for testing retries.",
  env: "The variables an app signs in with, and apps for each environment.",
  group: "Resource groups.",
  identity: "Managed identities: for programs that are given no secret.",
  "identity federated-credential": "Outside issuers whose tokens are a managed identity.",
  keys: "The keys tokens are signed with.",
  role: "Who may do what: roles and their assignments.",
  "role assignment": "Roles given to users, groups and apps.",
  "role definition": "Roles there are to give.",
  secrets: "Secrets and certificates of all apps: when they end, when they were last used.",
  "soft-mode": "Times in which nothing is denied at a scope.",
  storage: "Storage.",
  "storage account": "Storage accounts.",
  "storage account keys": "Access keys of a storage account.",
  "storage blob": "Blobs.",
  "storage container": "Containers of blobs.",
  "storage container metadata": "A container's metadata.",
};

export const entries: readonly Entry[] = [...ownEntries, ...accountEntries, ...directoryEntries, ...resourceEntries];

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
