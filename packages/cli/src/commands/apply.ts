/** `postern apply FILE`: deploys an ARM template. May use: transfer/, session.ts. */
import { existsSync } from "node:fs";
import { defineCommand } from "../command/command.ts";
import { readJsonObject } from "../command/json-argument.ts";
import { usageFault } from "../faults.ts";
import type { Json } from "../http/service-client.ts";
import { findSubscriptionId, openSession } from "../session.ts";
import { deployTemplate } from "../transfer/deployment.ts";
import { readParameters } from "./deployment/parameters.ts";

export const command = defineCommand({
  positionals: [{ name: "FILE", summary: "An ARM template (JSON)." }],
  options: {
    resourceGroup: {
      kind: "text",
      flags: ["--resource-group", "-g"],
      summary: "The group; without it the template is for the subscription.",
    },
    parameters: {
      kind: "list",
      flags: ["--parameters", "-p"],
      summary: "name=value pairs, JSON, or a parameter file's path.",
    },
  },
  examples: [
    {
      summary: "To a resource group",
      line: "postern apply template.json --resource-group notes-dev --parameters name=notesdev",
    },
    {
      summary: "What was exported, to another cloud",
      line: "postern apply cloud.json --cloud AzureCloud --parameters @ids.json",
    },
  ],
  run: async (context, args, { positionals }) => {
    if (!existsSync(positionals[0]!)) throw usageFault(`There is no file ${positionals[0]!}.`);
    const template = readJsonObject(positionals[0]!);
    const session = await openSession(context);
    const subscriptionId = await findSubscriptionId(context, session);
    const parameters = readParameters(args.parameters);
    context.notes.progress("Deploying ...");
    const deployment = await deployTemplate(session, subscriptionId, {
      template,
      group: args.resourceGroup,
      parameters,
    });
    const { outputResources, outputs, provisioningState } = deployment.properties as Json;
    const made = Array.isArray(outputResources) ? (outputResources as Json[]).map(({ id }) => id) : [];
    return { data: { name: deployment.name, state: provisioningState, resources: made, outputs: outputs ?? null } };
  },
});
