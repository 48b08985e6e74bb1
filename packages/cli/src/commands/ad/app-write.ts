/** `postern ad app create` and `update`. @see https://learn.microsoft.com/graph/api/application-post-applications */
import { createOrPatchApplication, resolveApplication } from "../../azure/applications.ts";
import { applicationBody, keyCredential } from "../../azure/graph-body.ts";
import { defineCommand } from "../../command/command.ts";
import { applyGenericUpdate, genericUpdate } from "../../command/generic-update.ts";
import { openSession } from "../../session.ts";
import { applicationProperties } from "./application-options.ts";
import { applicationId, displayName } from "./options.ts";

export const createApp = defineCommand({
  options: {
    displayName: { ...displayName, summary: "The display name of the application.", required: true },
    ...applicationProperties,
  },
  examples: [
    { summary: "Create an application", line: "postern ad app create --display-name my-app" },
    {
      summary: "A web application people sign in to",
      line: "postern ad app create --display-name my-site --web-redirect-uris https://localhost:8443/callback",
    },
  ],
  run: async (context, args) => {
    const keys = args.keyValue === undefined ? [] : [keyCredential(args)];
    const body = applicationBody(args, keys);
    const { graph } = await openSession(context);
    return { data: await createOrPatchApplication(graph, body, context.notes) };
  },
});

export const updateApp = defineCommand({
  options: {
    id: applicationId,
    displayName: { ...displayName, summary: "The display name." },
    ...applicationProperties,
    ...genericUpdate,
  },
  examples: [
    { summary: "Rename an application", line: "postern ad app update --id APPID --display-name new-name" },
    { summary: "Set any property", line: "postern ad app update --id APPID --set web.homePageUrl=https://example.com" },
  ],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    // az shows the application first, so that one that is not there is told before anything is read from the options.
    const id = encodeURIComponent(await resolveApplication(graph, args.id));
    await graph.json("GET", `/applications/${id}`);
    const body = applicationBody(args, args.keyValue === undefined ? undefined : [keyCredential(args)]);
    applyGenericUpdate(body, args);
    await graph.send("PATCH", `/applications/${id}`, body);
    return {};
  },
});
