/** `ad app permission`: what an application asks of APIs, and what it was granted. @see https://learn.microsoft.com/graph/api/resources/requiredresourceaccess */
import { getApplication } from "../../azure/applications.ts";
import { defineCommand, type Option } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { openSession } from "../../session.ts";
import { applicationId } from "./options.ts";

const api = {
  kind: "text",
  flags: ["--api"],
  summary: "appId of the API, e.g. 00000003-0000-0000-c000-000000000000 for Microsoft Graph.",
  required: true,
} as const satisfies Option;
const GRAPH = "00000003-0000-0000-c000-000000000000";
const USER_READ = "e1fe6dd8-ba31-4d61-89e7-88639da4683d";

interface RequiredAccess {
  readonly resourceAppId: string;
  readonly resourceAccess: readonly Json[];
}

function requiredOf(application: Json): readonly RequiredAccess[] {
  return (application.requiredResourceAccess as RequiredAccess[] | undefined) ?? [];
}

export const listPermissions = defineCommand({
  options: { id: applicationId },
  examples: [{ summary: "What an application asks for", line: "postern ad app permission list --id APPID" }],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    return { data: requiredOf(await getApplication(graph, args.id)) };
  },
});

export const addPermission = defineCommand({
  options: {
    id: applicationId,
    api,
    apiPermissions: {
      kind: "list",
      flags: ["--api-permissions"],
      valueName: "ID=TYPE",
      summary: "Space-separated {id}={type}; a type is Scope (delegated) or Role (of the app itself).",
      required: true,
    },
  },
  examples: [
    {
      summary: "Ask for User.Read of Microsoft Graph",
      line: `postern ad app permission add --id APPID --api ${GRAPH} --api-permissions ${USER_READ}=Scope`,
    },
  ],
  run: async (context, args) => {
    const added = args.apiPermissions.map((text) => {
      const [id, type, ...more] = text.split("=");
      if (type === undefined || more.length > 0) {
        throw failure(
          "Usage error: Please provide both permission id and type, such as " +
            `\`--api-permissions ${USER_READ}=Scope\``,
        );
      }
      return { id, type };
    });
    const { graph } = await openSession(context);
    const application = await getApplication(graph, args.id);
    const required = requiredOf(application);
    const extended = required.some(({ resourceAppId }) => resourceAppId === args.api)
      ? required.map((one) =>
          one.resourceAppId === args.api ? { ...one, resourceAccess: [...one.resourceAccess, ...added] } : one,
        )
      : [...required, { resourceAppId: args.api, resourceAccess: added }];
    await graph.send("PATCH", `/applications/${String(application.id)}`, { requiredResourceAccess: extended });
    context.notes.warn(
      `Invoking \`az ad app permission grant --id ${args.id} --api ${args.api}\` is needed to make the change effective`,
    );
    return {};
  },
});

export const deletePermission = defineCommand({
  options: {
    id: applicationId,
    api,
    apiPermissions: {
      kind: "list",
      flags: ["--api-permissions"],
      valueName: "ID",
      summary: "Space-separated permission IDs. Default: all of the API.",
    },
  },
  examples: [
    {
      summary: "Ask for nothing of an API any more",
      line: `postern ad app permission delete --id APPID --api ${GRAPH}`,
    },
  ],
  run: async (context, { id, api: resource, apiPermissions }) => {
    const { graph } = await openSession(context);
    const application = await getApplication(graph, id);
    const required = requiredOf(application);
    const own = required.find(({ resourceAppId }) => resourceAppId === resource);
    if (own === undefined) {
      context.notes.warn(`App ${id} doesn't require access to API ${resource}.`);
      return {};
    }
    const strangers = (apiPermissions ?? []).filter((one) => !own.resourceAccess.some((access) => access.id === one));
    if (strangers.length > 0) {
      context.notes.warn(`App ${id} doesn't require access to API ${resource}'s permission ${strangers.join(", ")}.`);
      if (strangers.length === apiPermissions?.length) return {};
    }
    const kept = own.resourceAccess.filter(
      (access) => apiPermissions !== undefined && !apiPermissions.includes(String(access.id)),
    );
    const rest = required.flatMap((one) =>
      one !== own ? [one] : kept.length === 0 ? [] : [{ ...one, resourceAccess: kept }],
    );
    await graph.send("PATCH", `/applications/${String(application.id)}`, { requiredResourceAccess: rest });
    return {};
  },
});
