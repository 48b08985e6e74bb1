/** `postern ad group`, but its members and owners. @see https://learn.microsoft.com/graph/api/resources/group */
import { fillBody } from "../../azure/graph-body.ts";
import { findGroupId } from "../../azure/groups.ts";
import { filterQuery, quoteOData } from "../../azure/identifiers.ts";
import { defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import { notFoundWhenShown } from "../../http/service-fault.ts";
import { openSession } from "../../session.ts";
import { displayName, filter, groupOption } from "./options.ts";
import { securityEnabledOnly } from "./users.ts";

const places = {
  displayName: "displayName",
  mailNickname: "mailNickname",
  mailEnabled: "mailEnabled",
  securityEnabled: "securityEnabled",
  description: "description",
} as const;

export const createGroup = defineCommand({
  options: {
    displayName: { ...displayName, summary: "The display name.", required: true },
    mailNickname: { kind: "text", flags: ["--mail-nickname"], summary: "Mail nickname.", required: true },
    description: { kind: "text", flags: ["--description"], summary: "What the group is for." },
    force: { kind: "switch", flags: ["--force"], summary: "Make another one even if there is one of both names." },
  },
  examples: [
    { summary: "Create a group", line: "postern ad group create --display-name Readers --mail-nickname readers" },
  ],
  run: async (context, { force, ...args }) => {
    const { graph } = await openSession(context);
    if (force !== true) {
      const names = `displayName eq ${quoteOData(args.displayName)} and mailNickname eq ${quoteOData(args.mailNickname)}`;
      const [found, ...others] = await graph.list(`/groups${filterQuery(names)}`);
      if (others.length > 0) {
        const ids = [found, ...others].map((one) => String(one?.id)).join(", ");
        throw failure(
          `There is more than one group with the same display and nick names: "${ids}". Please delete them first.`,
        );
      }
      if (found !== undefined) {
        context.notes.warn("A group with the same display name and mail nickname already exists, returning.");
        return { data: found };
      }
    }
    const body = fillBody(places, { ...args, mailEnabled: false, securityEnabled: true });
    return { data: await graph.json("POST", "/groups", body) };
  },
});

export const showGroup = defineCommand({
  options: { group: groupOption },
  examples: [{ summary: "Show a group", line: "postern ad group show --group Readers" }],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    const id = await findGroupId(graph, args.group);
    return { data: await notFoundWhenShown(() => graph.json("GET", `/groups/${id}`)) };
  },
});

export const listGroups = defineCommand({
  options: { displayName, filter },
  examples: [{ summary: "List groups", line: "postern ad group list --output table" }],
  run: async (context, args) => {
    const filters = [args.filter, args.displayName && `startswith(displayName,${quoteOData(args.displayName)})`].filter(
      (part) => part,
    );
    const { graph } = await openSession(context);
    return { data: await graph.list(`/groups${filters.length === 0 ? "" : filterQuery(filters.join(" and "))}`) };
  },
});

export const deleteGroup = defineCommand({
  options: { group: groupOption },
  examples: [{ summary: "Delete a group", line: "postern ad group delete --group Readers" }],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    await graph.send("DELETE", `/groups/${await findGroupId(graph, args.group)}`);
    return {};
  },
});

export const listGroupsOfGroup = defineCommand({
  options: { group: groupOption, securityEnabledOnly },
  examples: [{ summary: "The groups a group is in", line: "postern ad group get-member-groups --group Readers" }],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    const id = await findGroupId(graph, args.group);
    const body = { securityEnabledOnly: args.securityEnabledOnly ?? false };
    return { data: await graph.list(`/groups/${id}/getMemberGroups`, body) };
  },
});
