/** Options that the commands about access share. May use: command/, session.ts, azure/roles.ts. */
import { readScope } from "../../azure/roles.ts";
import type { Context, Option } from "../../command/command.ts";
import { findSubscriptionId, type Session } from "../../session.ts";

export const assignee = {
  kind: "text",
  flags: ["--assignee"],
  summary: "A user, group or app: object ID, sign-in name, appId or an app's display name.",
} as const satisfies Option;

export const action = {
  kind: "text",
  flags: ["--action"],
  valueName: "OPERATION",
  summary: "The operation, e.g. Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read.",
} as const satisfies Option;

export const data = {
  kind: "switch",
  flags: ["--data"],
  summary: "Whether it is an operation on data. Default: what the roles say that name it.",
} as const satisfies Option;

export const scope = {
  kind: "text",
  flags: ["--scope"],
  summary: "Where, e.g. /subscriptions/SUBSCRIPTION/resourceGroups/GROUP. Default: the subscription.",
} as const satisfies Option;

export const at = {
  kind: "text",
  flags: ["--at"],
  valueName: "TIME",
  summary: "As it stood then, e.g. 2026-01-31T12:00:00Z. Default: now.",
} as const satisfies Option;

/** The scope that `--scope` or `--resource-group` name; the subscription when neither is given. */
export async function findScope(
  context: Context,
  session: Session,
  args: { readonly scope: string | undefined; readonly resourceGroup: string | undefined },
): Promise<string> {
  return readScope(await findSubscriptionId(context, session), args.resourceGroup, args.scope);
}
