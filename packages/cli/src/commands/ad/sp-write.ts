/** `postern ad sp create` and `update`. @see https://learn.microsoft.com/graph/api/serviceprincipal-post-serviceprincipals */
import { resolveServicePrincipal } from "../../azure/applications.ts";
import { filterQuery, isGuid, quoteOData } from "../../azure/identifiers.ts";
import { defineCommand } from "../../command/command.ts";
import { applyGenericUpdate, genericUpdate } from "../../command/generic-update.ts";
import type { Json, ServiceClient } from "../../http/service-client.ts";
import { ServiceFault } from "../../http/service-fault.ts";
import { openSession } from "../../session.ts";
import { applicationId, servicePrincipalId } from "./options.ts";

export const createSp = defineCommand({
  options: { id: applicationId },
  examples: [{ summary: "Make an application a service principal", line: "postern ad sp create --id APPID" }],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    const appId = await findAppId(graph, args.id);
    return { data: await graph.json("POST", "/servicePrincipals", { appId, accountEnabled: true }) };
  },
});

/** The appId an identifier means; one that nobody here knows may be an application of another tenant. */
async function findAppId(graph: ServiceClient, identifier: string): Promise<string> {
  const text = quoteOData(identifier);
  const filter = isGuid(identifier) ? `appId eq ${text}` : `identifierUris/any(s:s eq ${text})`;
  const [found] = await graph.list(`/applications${filterQuery(filter)}`);
  if (found !== undefined) return String(found.appId);
  try {
    return String((await graph.json("GET", `/applications/${encodeURIComponent(identifier)}`)).appId);
  } catch (error) {
    if (error instanceof ServiceFault) return identifier;
    throw error;
  }
}

export const updateSp = defineCommand({
  options: { id: servicePrincipalId, ...genericUpdate },
  examples: [
    {
      summary: "Let only people in who are assigned to it",
      line: "postern ad sp update --id APPID --set appRoleAssignmentRequired=true",
    },
  ],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    const path = `/servicePrincipals/${encodeURIComponent(await resolveServicePrincipal(graph, args.id))}`;
    await graph.json("GET", path);
    const body: Json = {};
    applyGenericUpdate(body, args);
    await graph.send("PATCH", path, body);
    return {};
  },
});
