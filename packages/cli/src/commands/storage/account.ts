/** Finding a storage account by its name alone, as az does when no resource group is given. May use: azure/, session.ts. */
import { storageAccountPath, versioned } from "../../azure/resource-manager.ts";
import type { Context, Option } from "../../command/command.ts";
import { usageFault } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { findSubscriptionId, type Session } from "../../session.ts";

/** What an account's id names. */
export const accountType = "Microsoft.Storage/storageAccounts";

export const accountName = {
  kind: "text",
  flags: ["--name", "-n", "--account-name"],
  summary: "The storage account name.",
  required: true,
} as const satisfies Option;

/** The account's path in Resource Manager. @throws CliFault (usage, as in az) when no group is given and no account has the name. */
export async function findAccountPath(
  context: Context,
  session: Session,
  name: string,
  group: string | undefined,
): Promise<string> {
  const subscriptionId = await findSubscriptionId(context, session);
  if (group !== undefined) return storageAccountPath(subscriptionId, group, name);
  const accounts = await listAccounts(session, subscriptionId, undefined);
  const account = accounts.find((candidate) => String(candidate.name).toLowerCase() === name.toLowerCase());
  const ownGroup = account === undefined ? undefined : String(account.id).split("/")[4];
  if (ownGroup === undefined) throw usageFault(`Storage account '${name}' not found.`);
  return storageAccountPath(subscriptionId, ownGroup, name);
}

export function listAccounts(session: Session, subscriptionId: string, group: string | undefined): Promise<Json[]> {
  const scope = group === undefined ? "" : `/resourceGroups/${encodeURIComponent(group)}`;
  const path = `/subscriptions/${subscriptionId}${scope}/providers/Microsoft.Storage/storageAccounts`;
  return session.resourceManager.list(versioned(path, "storage"));
}

/** Tells whether a name is free, as the service says it: {nameAvailable, reason, message}. */
export async function checkName(session: Session, subscriptionId: string, name: string): Promise<Json> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Storage/checkNameAvailability`;
  const body = { name, type: "Microsoft.Storage/storageAccounts" };
  const {
    nameAvailable,
    reason = null,
    message = null,
  } = await session.resourceManager.json("POST", versioned(path, "storage"), body);
  return { nameAvailable, reason, message };
}
