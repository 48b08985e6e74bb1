/** `ad app federated-credential`. @see https://learn.microsoft.com/graph/api/resources/federatedidentitycredential */
import { resolveApplication } from "../../azure/applications.ts";
import { defineCommand, type Option } from "../../command/command.ts";
import { readJsonArgument } from "../../command/json-argument.ts";
import { openSession, type Session } from "../../session.ts";
import { applicationId } from "./options.ts";

const credentialId = {
  kind: "text",
  flags: ["--federated-credential-id"],
  summary: "ID or name of the federated identity credential.",
  required: true,
} as const satisfies Option;
const parameters = {
  kind: "text",
  flags: ["--parameters"],
  summary: "The credential's properties: a JSON file's path, or JSON itself.",
  required: true,
} as const satisfies Option;

async function pathOf({ graph }: Session, identifier: string, credential?: string): Promise<string> {
  const id = await resolveApplication(graph, identifier);
  const one = credential === undefined ? "" : `/${encodeURIComponent(credential)}`;
  return `/applications/${encodeURIComponent(id)}/federatedIdentityCredentials${one}`;
}

export const listFederated = defineCommand({
  options: { id: applicationId },
  examples: [
    { summary: "Whose tokens an app may sign in with", line: "postern ad app federated-credential list --id APPID" },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    return { data: await session.graph.list(await pathOf(session, args.id)) };
  },
});

export const createFederated = defineCommand({
  options: { id: applicationId, parameters },
  examples: [
    {
      summary: "Let a workflow of GitHub's sign in",
      line: `postern ad app federated-credential create --id APPID --parameters '{"name":"ci","issuer":"https://token.actions.githubusercontent.com","subject":"repo:me/app:ref:refs/heads/main","audiences":["api://AzureADTokenExchange"]}'`,
    },
  ],
  run: async (context, args) => {
    const body = readJsonArgument(args.parameters);
    const session = await openSession(context);
    return { data: await session.graph.json("POST", await pathOf(session, args.id), body) };
  },
});

export const showFederated = defineCommand({
  options: { id: applicationId, credentialId },
  examples: [
    { summary: "Show one", line: "postern ad app federated-credential show --id APPID --federated-credential-id ci" },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    return { data: await session.graph.json("GET", await pathOf(session, args.id, args.credentialId)) };
  },
});

export const updateFederated = defineCommand({
  options: { id: applicationId, credentialId, parameters },
  examples: [
    {
      summary: "Change whose",
      line: `postern ad app federated-credential update --id APPID --federated-credential-id ci --parameters '{"subject":"repo:me/app:environment:prod"}'`,
    },
  ],
  run: async (context, args) => {
    const body = readJsonArgument(args.parameters);
    const session = await openSession(context);
    await session.graph.send("PATCH", await pathOf(session, args.id, args.credentialId), body);
    return {};
  },
});

export const deleteFederated = defineCommand({
  options: { id: applicationId, credentialId },
  examples: [
    {
      summary: "Remove one",
      line: "postern ad app federated-credential delete --id APPID --federated-credential-id ci",
    },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    await session.graph.send("DELETE", await pathOf(session, args.id, args.credentialId));
    return {};
  },
});
