/** `postern group list`. @see https://learn.microsoft.com/rest/api/resources/resource-groups/list */
import { quoteOData } from "../../azure/identifiers.ts";
import { versioned } from "../../azure/resource-manager.ts";
import { shapeResourceGroup } from "../../azure/shapes.ts";
import { defineCommand, type Row } from "../../command/command.ts";
import type { Json } from "../../http/service-client.ts";
import { isObject } from "../../output/ordered.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { readTags } from "../options.ts";

export const command = defineCommand({
  options: {
    tag: { kind: "text", flags: ["--tag"], summary: "A single tag in 'key[=value]' format to filter by." },
  },
  examples: [{ summary: "List the groups of this cloud", line: "postern group list --output table" }],
  run: async (context, args) => {
    const session = await openSession(context);
    const path = `/subscriptions/${await findSubscriptionId(context, session)}/resourcegroups`;
    const found = await session.resourceManager.list(versioned(path, "resourceGroups", filterOf(args.tag)));
    return { data: found.map(shapeResourceGroup), toRows: toRows };
  },
});

function filterOf(tag: string | undefined): string | undefined {
  const [pair] = Object.entries(readTags(tag === undefined ? [] : [tag]) ?? {});
  if (pair === undefined) return undefined;
  const [name, value] = pair;
  return `tagname eq ${quoteOData(name)}${value === "" ? "" : ` and tagvalue eq ${quoteOData(value)}`}`;
}

function toRows(groups: readonly Json[]): Row[] {
  return groups.map(({ name, location, properties }) => ({
    Name: name,
    Location: location,
    Status: isObject(properties) ? properties.provisioningState : null,
  }));
}
