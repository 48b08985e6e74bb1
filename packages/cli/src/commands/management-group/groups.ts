/** `postern account management-group`. @see https://learn.microsoft.com/rest/api/managementgroups/management-groups */
import { encodeScope } from "../../azure/identifiers.ts";
import { versioned } from "../../azure/resource-manager.ts";
import { shapeListedManagementGroup, shapeManagementGroup, shapeSubscriptionUnderGroup } from "../../azure/shapes.ts";
import { defineCommand } from "../../command/command.ts";
import { CliFault, failure } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { findAccount, openSession, type Session } from "../../session.ts";
import { listSubscriptions } from "../account/subscription.ts";
import { optionalText, requiredText } from "../options.ts";

const PROVIDER = "/providers/Microsoft.Management/managementGroups";

const name = requiredText(["--name", "-n"], "Name of the management group.");
const subscription = requiredText(["--subscription", "-s"], "Subscription ID or name.");
const displayName = optionalText(["--display-name", "-d"], "Its display name.");
const parent = optionalText(["--parent", "-p"], "Its parent: a name or full ID.");

function pathOf(group: string, query = ""): string {
  const path = versioned(`${PROVIDER}/${encodeURIComponent(group)}`, "managementGroups");
  return query === "" ? path : `${path}&${query}`;
}

function parentId(parentName: string): string {
  return parentName.startsWith("/") ? parentName : `${PROVIDER}/${parentName}`;
}

export const listManagementGroups = defineCommand({
  options: {},
  examples: [{ summary: "List management groups", line: "postern account management-group list" }],
  run: async (context) => {
    const { resourceManager } = await openSession(context);
    const found = await resourceManager.list(versioned(PROVIDER, "managementGroups"));
    return { data: found.map(shapeListedManagementGroup) };
  },
});

export const showManagementGroup = defineCommand({
  options: {
    name,
    expand: { kind: "flag", flags: ["--expand", "-e"], summary: "Show what is in it." },
    recurse: { kind: "flag", flags: ["--recurse", "-r"], summary: "And what is in that; with --expand." },
  },
  examples: [
    { summary: "Show one with what is in it", line: "postern account management-group show --name mg --expand" },
  ],
  run: async (context, args) => {
    const query = [args.expand && "$expand=children", args.recurse && "$recurse=true"].filter((part) => part).join("&");
    const { resourceManager } = await openSession(context);
    return { data: shapeManagementGroup(await resourceManager.json("GET", pathOf(args.name, query))) };
  },
});

export const createManagementGroup = defineCommand({
  options: { name, displayName, parent },
  examples: [
    { summary: "Create one", line: "postern account management-group create --name mg --display-name Development" },
  ],
  run: async (context, args) => {
    const { resourceManager } = await openSession(context);
    const body = {
      name: args.name,
      properties: {
        displayName: args.displayName,
        ...(args.parent && { details: { parent: { id: parentId(args.parent) } } }),
      },
    };
    const answer = await resourceManager.finish("PUT", pathOf(args.name), body);
    return { data: shapeManagementGroup(JSON.parse(answer.body) as Json) };
  },
});

export const updateManagementGroup = defineCommand({
  options: { name, displayName, parent },
  examples: [{ summary: "Move it", line: "postern account management-group update --name mg --parent other" }],
  run: async (context, args) => {
    const { resourceManager } = await openSession(context);
    const body = {
      ...(args.displayName && { displayName: args.displayName }),
      ...(args.parent && { parentGroupId: parentId(args.parent) }),
    };
    const changed = await resourceManager.json("PATCH", pathOf(args.name), body).catch((error: unknown) => {
      // In az only what is shown or deleted is "not there"; what cannot be changed is a failure.
      throw error instanceof CliFault && error.kind === "not-found" ? failure(error.message) : error;
    });
    return { data: shapeManagementGroup(changed) };
  },
});

export const deleteManagementGroup = defineCommand({
  options: { name },
  examples: [{ summary: "Delete one", line: "postern account management-group delete --name mg" }],
  run: async (context, args) => {
    const { resourceManager } = await openSession(context);
    await resourceManager.finish("DELETE", pathOf(args.name));
    return {};
  },
});

async function underGroup(session: Session, group: string, wanted: string): Promise<string> {
  const known = findAccount(session.accounts, wanted)?.id ?? (await findOperators(session, wanted));
  return versioned(encodeScope(`${PROVIDER}/${group}/subscriptions/${known}`), "managementGroups");
}

async function findOperators(session: Session, wanted: string): Promise<string> {
  const all = await listSubscriptions(session, "cloudName");
  const found = all.find(({ id, name: one }) =>
    [id, one].some((text) => String(text).toLowerCase() === wanted.toLowerCase()),
  );
  if (found === undefined)
    throw failure(`Subscription '${wanted}' not found. Check the spelling and casing and try again.`);
  return String(found.id);
}

export const addSubscription = defineCommand({
  options: { name, wanted: subscription },
  examples: [
    {
      summary: "Put a subscription in",
      line: "postern account management-group subscription add --name mg --subscription SUBSCRIPTION",
    },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const answer = await session.resourceManager.json("PUT", await underGroup(session, args.name, args.wanted));
    return { data: shapeSubscriptionUnderGroup(answer) };
  },
});

export const removeSubscription = defineCommand({
  options: { name, wanted: subscription },
  examples: [
    {
      summary: "Take it out",
      line: "postern account management-group subscription remove --name mg --subscription SUBSCRIPTION",
    },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    await session.resourceManager.send("DELETE", await underGroup(session, args.name, args.wanted));
    return {};
  },
});
