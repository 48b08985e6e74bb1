/** Groups in Graph, as `az ad group` finds them, and references to members. May use: identifiers.ts, http/. */
import { failure } from "../faults.ts";
import type { Json, ServiceClient } from "../http/service-client.ts";
import { filterQuery, isGuid, quoteOData } from "./identifiers.ts";

/** az's `--group`: an object ID, a display name, or the beginning of only one. @throws CliFault (usage, as in az). */
export async function findGroupId(graph: ServiceClient, identifier: string): Promise<string> {
  if (isGuid(identifier)) return identifier;
  const name = quoteOData(identifier);
  for (const filter of [`displayName eq ${name}`, `startswith(displayName,${name})`]) {
    const found = await graph.list(`/groups${filterQuery(filter)}`);
    if (found.length === 1) return String(found[0]!.id);
    if (found.length > 1) throw failure(`More than one group match the name of '${identifier}'`);
  }
  throw failure(`No group matches the name of '${identifier}'`);
}

/** The body that names a member or owner to Graph. @see https://learn.microsoft.com/graph/api/group-post-members */
export function referenceTo(graph: ServiceClient, objectId: string): Json {
  return { "@odata.id": `${graph.publicOrigin}/v1.0/directoryObjects/${objectId}` };
}
