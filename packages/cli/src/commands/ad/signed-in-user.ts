/** `postern ad signed-in-user`. @see https://learn.microsoft.com/graph/api/user-get */
import { defineCommand } from "../../command/command.ts";
import type { Json, ServiceClient } from "../../http/service-client.ts";
import { notFoundWhenShown } from "../../http/service-fault.ts";
import { openSession } from "../../session.ts";

export const showSignedInUser = defineCommand({
  options: {},
  examples: [{ summary: "Who am I? (after: postern login)", line: "postern ad signed-in-user show" }],
  run: async (context) => {
    const { graph } = await openSession(context);
    return { data: await notFoundWhenShown(() => graph.json("GET", "/me")) };
  },
});

export const listOwnedObjects = defineCommand({
  options: {
    type: { kind: "text", flags: ["--type", "-t"], summary: "Only objects of a type, e.g. application or group." },
  },
  examples: [{ summary: "What do I own?", line: "postern ad signed-in-user list-owned-objects --type application" }],
  run: async (context, { type }) => {
    const { graph } = await openSession(context);
    return { data: await listOwned(graph, type) };
  },
});

/** @param type with or without its `#microsoft.graph.`; undefined for all. */
export async function listOwned(graph: ServiceClient, type: string | undefined): Promise<Json[]> {
  const owned = await graph.list("/me/ownedObjects");
  if (!type) return owned;
  const wanted = type.toLowerCase();
  return owned.filter((one) => {
    const odataType = String(one["@odata.type"] ?? "").toLowerCase();
    return odataType === wanted || odataType.split(".").at(-1) === wanted;
  });
}
