/** `postern ad group member`. @see https://learn.microsoft.com/graph/api/group-list-members */
import { findGroupId, referenceTo } from "../../azure/groups.ts";
import { defineCommand, type Option } from "../../command/command.ts";
import { openSession } from "../../session.ts";
import { groupOption } from "./options.ts";

const memberId = {
  kind: "text",
  flags: ["--member-id"],
  summary: "The object ID of the contact, group, user, or service principal.",
  required: true,
} as const satisfies Option;

export const listMembers = defineCommand({
  options: { group: groupOption },
  examples: [{ summary: "Who is in a group", line: "postern ad group member list --group Readers" }],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    return { data: await graph.list(`/groups/${await findGroupId(graph, args.group)}/members`) };
  },
});

export const addMember = defineCommand({
  options: { group: groupOption, memberId },
  examples: [{ summary: "Add a member", line: "postern ad group member add --group Readers --member-id OBJECTID" }],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    const path = `/groups/${await findGroupId(graph, args.group)}/members/$ref`;
    await graph.send("POST", path, referenceTo(graph, args.memberId));
    return {};
  },
});

export const removeMember = defineCommand({
  options: { group: groupOption, memberId },
  examples: [
    { summary: "Remove a member", line: "postern ad group member remove --group Readers --member-id OBJECTID" },
  ],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    const id = await findGroupId(graph, args.group);
    await graph.send("DELETE", `/groups/${id}/members/${encodeURIComponent(args.memberId)}/$ref`);
    return {};
  },
});

export const checkMember = defineCommand({
  options: { group: groupOption, memberId },
  examples: [
    {
      summary: "Is somebody in a group, indirectly too?",
      line: "postern ad group member check --group Readers --member-id OBJECTID",
    },
  ],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    const id = await findGroupId(graph, args.group);
    const path = `/directoryObjects/${encodeURIComponent(args.memberId)}/checkMemberGroups`;
    const found = (await graph.list(path, { groupIds: [id] })) as unknown as string[];
    return { data: { value: found.includes(id) } };
  },
});
