/** `postern deployment group` and `deployment sub`. @see https://learn.microsoft.com/cli/azure/deployment */
import { existsSync } from "node:fs";
import { resourceGroupPath, versioned } from "../../azure/resource-manager.ts";
import { shapeDeployment } from "../../azure/shapes.ts";
import { type Command, defineCommand, type Option } from "../../command/command.ts";
import { readJsonObject } from "../../command/json-argument.ts";
import { failure, usageFault } from "../../faults.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { deploymentPath, deployTemplate } from "../../transfer/deployment.ts";
import { optionalText, resourceGroup } from "../options.ts";
import { readParameters } from "./parameters.ts";

const name = optionalText(["--name", "-n"], "The deployment's name.");
const location = optionalText(["--location", "-l"], "Where the record of the deployment is.");
const templateFile = optionalText(["--template-file", "-f"], "The template's path.");
const parameters = {
  kind: "list",
  flags: ["--parameters", "-p"],
  summary: "name=value pairs, JSON, or a parameter file's path.",
} as const satisfies Option;
const hidden = {
  mode: { kind: "text", flags: ["--mode"], choices: ["Incremental"], summary: "Incremental: nothing is deleted." },
} as const satisfies Readonly<Record<string, Option>>;

type Level = "group" | "sub";

function groupOf(level: Level) {
  return { ...resourceGroup, required: level === "group", isHidden: level === "sub" };
}

function sample(level: Level): string {
  return level === "group" ? "--resource-group notes-dev" : "--location westeurope";
}

/** az's own name for a deployment is its file's. */
function nameOf(file: string): string {
  return file
    .split("/")
    .at(-1)!
    .replace(/\.[^.]*$/, "");
}

function creator(level: Level): Command {
  return defineCommand({
    options: {
      name,
      resourceGroup: groupOf(level),
      location: { ...location, required: level === "sub", isHidden: level === "group" },
      templateFile,
      parameters,
      ...hidden,
    },
    examples: [
      {
        summary: "Deploy a template",
        line: `postern deployment ${level} create ${sample(level)} --template-file template.json`,
      },
    ],
    run: async (context, args) => {
      if (args.templateFile === undefined) throw usageFault("the following arguments are required: --template-file/-f");
      if (!existsSync(args.templateFile)) {
        throw failure(`[Errno 2] No such file or directory: '${args.templateFile}'`);
      }
      const template = readJsonObject(args.templateFile);
      const session = await openSession(context);
      const deployment = await deployTemplate(session, await findSubscriptionId(context, session), {
        template,
        group: level === "group" ? args.resourceGroup : undefined,
        parameters: readParameters(args.parameters),
        name: args.name ?? nameOf(args.templateFile),
        location: args.location,
      });
      return { data: shapeDeployment(deployment) };
    },
  });
}

function shower(level: Level): Command {
  return defineCommand({
    options: { name: { ...name, required: true }, resourceGroup: groupOf(level) },
    examples: [
      {
        summary: "Show a deployment",
        line: `postern deployment ${level} show --name template ${level === "group" ? sample(level) : ""}`.trim(),
      },
    ],
    run: async (context, args) => {
      const session = await openSession(context);
      const subscriptionId = await findSubscriptionId(context, session);
      const path = deploymentPath(subscriptionId, level === "group" ? args.resourceGroup : undefined, args.name);
      return { data: shapeDeployment(await session.resourceManager.json("GET", versioned(path, "deployments"))) };
    },
  });
}

function lister(level: Level): Command {
  return defineCommand({
    options: { resourceGroup: groupOf(level) },
    examples: [
      {
        summary: "List deployments",
        line: `postern deployment ${level} list ${level === "group" ? sample(level) : ""}`.trim(),
      },
    ],
    run: async (context, args) => {
      const session = await openSession(context);
      const subscriptionId = await findSubscriptionId(context, session);
      const scope =
        level === "group"
          ? resourceGroupPath(subscriptionId, args.resourceGroup ?? "")
          : `/subscriptions/${subscriptionId}`;
      const path = versioned(`${scope}/providers/Microsoft.Resources/deployments`, "deployments");
      return { data: (await session.resourceManager.list(path)).map(shapeDeployment) };
    },
  });
}

function remover(level: Level): Command {
  return defineCommand({
    options: { name: { ...name, required: true }, resourceGroup: groupOf(level) },
    examples: [
      {
        summary: "Forget a deployment; what it made stays",
        line: `postern deployment ${level} delete --name template ${level === "group" ? sample(level) : ""}`.trim(),
      },
    ],
    run: async (context, args) => {
      const session = await openSession(context);
      const subscriptionId = await findSubscriptionId(context, session);
      const path = deploymentPath(subscriptionId, level === "group" ? args.resourceGroup : undefined, args.name);
      await session.resourceManager.finish("DELETE", versioned(path, "deployments"));
      return {};
    },
  });
}

export const createInGroup = creator("group");
export const createInSubscription = creator("sub");
export const showInGroup = shower("group");
export const showInSubscription = shower("sub");
export const listInGroup = lister("group");
export const listInSubscription = lister("sub");
export const deleteInGroup = remover("group");
export const deleteInSubscription = remover("sub");
