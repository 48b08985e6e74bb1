/** `ad app permission grant`, `list-grants` and `admin-consent`. @see https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant */
import { getApplication, resolveServicePrincipal } from "../../azure/applications.ts";
import { filterQuery, quoteOData } from "../../azure/identifiers.ts";
import { defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { openIamPlane } from "../../own-plane.ts";
import { openSession } from "../../session.ts";
import { applicationId, filter } from "./options.ts";

const GRAPH = "00000003-0000-0000-c000-000000000000";

export const grantPermission = defineCommand({
  options: {
    id: { ...applicationId, flags: ["--id", "--client-id"] },
    api: { kind: "text", flags: ["--api", "--resource-id"], summary: "appId of the API.", required: true },
    scope: { kind: "list", flags: ["--scope"], summary: "Space-separated delegated permissions.", required: true },
    consentType: {
      kind: "text",
      flags: ["--consent-type"],
      choices: ["AllPrincipals", "Principal"],
      summary: "For everyone or for one user. Default: AllPrincipals.",
    },
    principalId: { kind: "text", flags: ["--principal-id"], summary: "That user's object ID." },
  },
  examples: [
    {
      summary: "Let an app read who signs in",
      line: `postern ad app permission grant --id APPID --api ${GRAPH} --scope User.Read`,
    },
  ],
  run: async (context, args) => {
    const { graph } = await openSession(context);
    const clientId = await resolveServicePrincipal(graph, args.id);
    const resourceId = await resolveServicePrincipal(graph, args.api);
    const grants = await graph.list(`/oauth2PermissionGrants${filterQuery(`clientId eq ${quoteOData(clientId)}`)}`);
    for (const grant of grants.filter((one) => one.clientId === clientId && one.resourceId === resourceId)) {
      await graph.send("DELETE", `/oauth2PermissionGrants/${encodeURIComponent(String(grant.id))}`);
    }
    const body = {
      clientId,
      consentType: args.consentType ?? "AllPrincipals",
      principalId: args.principalId ?? null,
      resourceId,
      scope: args.scope.join(" "),
    };
    return { data: await graph.json("POST", "/oauth2PermissionGrants", body) };
  },
});

export const listGrants = defineCommand({
  options: {
    id: { ...applicationId, required: false },
    filter,
    showResourceName: {
      kind: "switch",
      flags: ["--show-resource-name", "-r"],
      summary: "Show the API's display name.",
    },
  },
  examples: [{ summary: "What was granted to an app", line: "postern ad app permission list-grants --id APPID" }],
  run: async (context, args) => {
    if (args.id && args.filter) throw failure('Please only use one of "--identifier" and "--filter", not both');
    const { graph } = await openSession(context);
    const wanted = args.id ? `clientId eq ${quoteOData(await resolveServicePrincipal(graph, args.id))}` : args.filter;
    const grants = await graph.list(`/oauth2PermissionGrants${wanted ? filterQuery(wanted) : ""}`);
    if (args.showResourceName !== true) return { data: grants };
    const named: Json[] = [];
    for (const grant of grants) {
      const { displayName } = await graph.json("GET", `/servicePrincipals/${String(grant.resourceId)}`);
      named.push({ ...grant, resourceDisplayName: displayName });
    }
    return { data: named };
  },
});

export const adminConsent = defineCommand({
  options: { id: applicationId },
  examples: [
    {
      summary: "Grant an app all it asks for, for everyone",
      line: "postern ad app permission admin-consent --id APPID",
    },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const { appId } = await getApplication(session.graph, args.id);
    const path = `/api/RegisteredApplications/${encodeURIComponent(String(appId))}/Consent?onBehalfOfAll=true`;
    await openIamPlane(session).send("POST", path);
    return {};
  },
});
