/** `postern ad user`. @see https://learn.microsoft.com/graph/api/resources/user */
import { fillBody, userPlaces } from "../../azure/graph-body.ts";
import { filterQuery, quoteOData } from "../../azure/identifiers.ts";
import { getObjects } from "../../azure/principals.ts";
import { defineCommand, type Option } from "../../command/command.ts";
import { notFoundWhenShown } from "../../http/service-fault.ts";
import { openSession } from "../../session.ts";
import { displayName, filter } from "./options.ts";

const userId = {
  kind: "text",
  flags: ["--id"],
  summary: "The object ID or principal name of the user.",
  required: true,
} as const satisfies Option;
const password = { kind: "text", flags: ["--password"], summary: "The user's password." } as const satisfies Option;
const mailNickname = { kind: "text", flags: ["--mail-nickname"], summary: "Mail alias." } as const satisfies Option;
const mustChange = {
  kind: "switch",
  flags: ["--force-change-password-next-sign-in"],
  summary: "Whether the password has to be changed at the next sign-in.",
} as const satisfies Option;

function pathOf(id: string): string {
  // A name that begins with $ would be read as an operation.
  return id.startsWith("$") ? `/users('${encodeURIComponent(id)}')` : `/users/${encodeURIComponent(id)}`;
}

export const createUser = defineCommand({
  options: {
    displayName: { ...displayName, summary: "The display name.", required: true },
    userPrincipalName: {
      kind: "text",
      flags: ["--user-principal-name"],
      summary: "The name to sign in with, e.g. ann@contoso.com.",
      required: true,
    },
    password: { ...password, required: true },
    mailNickname,
    immutableId: { kind: "text", flags: ["--immutable-id"], summary: "ID of the user's on-premises account." },
    forceChangePasswordNextSignIn: mustChange,
  },
  examples: [
    {
      summary: "Create a user, the password read from a file",
      line: "postern ad user create --display-name Ann --user-principal-name ann@DOMAIN --password @password.txt",
    },
  ],
  run: async (context, args) => {
    const body = fillBody(userPlaces, {
      ...args,
      mailNickname: args.mailNickname || args.userPrincipalName.split("@")[0],
      forceChangePasswordNextSignIn: args.forceChangePasswordNextSignIn ?? false,
      accountEnabled: true,
    });
    const { graph } = await openSession(context);
    return { data: await graph.json("POST", "/users", body) };
  },
});

export const updateUser = defineCommand({
  options: {
    id: userId,
    displayName: { ...displayName, summary: "The display name." },
    password,
    mailNickname,
    accountEnabled: { kind: "switch", flags: ["--account-enabled"], summary: "Whether the user may sign in." },
    forceChangePasswordNextSignIn: mustChange,
  },
  examples: [{ summary: "Lock a user out", line: "postern ad user update --id ann@DOMAIN --account-enabled false" }],
  run: async (context, { id, ...rest }) => {
    const { graph } = await openSession(context);
    await graph.send("PATCH", pathOf(id), fillBody(userPlaces, rest));
    return {};
  },
});

export const showUser = defineCommand({
  options: { id: userId },
  examples: [{ summary: "Show a user", line: "postern ad user show --id ann@DOMAIN" }],
  run: async (context, { id }) => {
    const { graph } = await openSession(context);
    return { data: await notFoundWhenShown(() => graph.json("GET", pathOf(id))) };
  },
});

export const deleteUser = defineCommand({
  options: { id: userId },
  examples: [{ summary: "Delete a user", line: "postern ad user delete --id ann@DOMAIN" }],
  run: async (context, { id }) => {
    const { graph } = await openSession(context);
    await graph.send("DELETE", pathOf(id));
    return {};
  },
});

export const listUsers = defineCommand({
  options: { displayName, upn: { kind: "text", flags: ["--upn"], summary: "User principal name." }, filter },
  examples: [{ summary: "List users", line: "postern ad user list --output table" }],
  run: async (context, args) => {
    const filters = [
      args.filter,
      args.upn && `userPrincipalName eq ${quoteOData(args.upn)}`,
      args.displayName && `startswith(displayName,${quoteOData(args.displayName)})`,
    ].filter((part) => part);
    const { graph } = await openSession(context);
    return { data: await graph.list(`/users${filters.length === 0 ? "" : filterQuery(filters.join(" and "))}`) };
  },
});

export const securityEnabledOnly = {
  kind: "switch",
  flags: ["--security-enabled-only"],
  summary: "Security groups only.",
} as const satisfies Option;

export const listUserGroups = defineCommand({
  options: { id: userId, securityEnabledOnly },
  examples: [
    { summary: "The groups of a user, indirect ones too", line: "postern ad user get-member-groups --id ann@DOMAIN" },
  ],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    const body = { securityEnabledOnly: args.securityEnabledOnly ?? false };
    const ids = (await graph.list(`${pathOf(args.id)}/getMemberGroups`, body)) as unknown as string[];
    const names = new Map((await getObjects(graph, ids)).map((one) => [one.id, one.displayName]));
    return { data: ids.map((id) => ({ displayName: names.get(id) ?? null, id })) };
  },
});
