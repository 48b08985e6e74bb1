/** `postern account get-access-token`. @see https://learn.microsoft.com/cli/azure/account#az-account-get-access-token */
import type { CloudEndpoints } from "../../clouds.ts";
import { defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import { findNamedSubscriptionId, openSession } from "../../session.ts";
import { subscriptionOption } from "./options.ts";

export const command = defineCommand({
  options: {
    wanted: subscriptionOption,
    resource: {
      kind: "text",
      flags: ["--resource"],
      summary: "The resource the token is for. Default: Resource Manager.",
    },
    resourceType: {
      kind: "text",
      flags: ["--resource-type"],
      choices: ["aad-graph", "arm", "batch", "data-lake", "media", "ms-graph", "oss-rdbms"],
      summary: "The resource by a short name.",
    },
    scope: { kind: "list", flags: ["--scope"], summary: "The resource as a scope that ends in /.default." },
    tenant: { kind: "text", flags: ["--tenant", "-t"], summary: "The tenant the token is of." },
  },
  examples: [
    {
      summary: "A token for Storage, for curl",
      line: "postern account get-access-token --resource https://storage.azure.com --query accessToken -o tsv",
    },
  ],
  run: async (context, args) => {
    if (args.wanted && args.tenant) throw failure("Please specify only one of subscription and tenant, not both");
    const session = await openSession(context);
    const { endpoints, tokens, identity } = session;
    const subscription = args.tenant ? undefined : await findNamedSubscriptionId(context, session, args.wanted);
    const audience = readScopes(args.scope) ?? args.resource ?? audienceOf(endpoints, args.resourceType);
    const { accessToken, expiresAtMs } = await tokens.get(audience, args.tenant);
    const expires = { expiresOn: formatLocalTime(new Date(expiresAtMs)), expires_on: Math.floor(expiresAtMs / 1000) };
    return {
      data: {
        tokenType: "Bearer",
        accessToken,
        ...expires,
        tenant: args.tenant ?? identity.tenantId,
        ...(subscription === undefined ? {} : { subscription }),
      },
    };
  },
});

/** What az's short names stand for in the public cloud; two of them differ between clouds. */
function audienceOf(endpoints: CloudEndpoints, type: string | undefined): string {
  const audiences: Readonly<Record<string, string>> = {
    "aad-graph": "https://graph.windows.net/",
    arm: endpoints.resourceManagerAudience,
    batch: "https://batch.core.windows.net/",
    "data-lake": "https://datalake.azure.net/",
    media: "https://rest.media.azure.net",
    "ms-graph": endpoints.graphAudience,
    "oss-rdbms": "https://ossrdbms-aad.database.windows.net",
  };
  return audiences[type ?? "arm"]!;
}

/** An app gets tokens for one resource's `.default` scope only. */
function readScopes(scopes: readonly string[] | undefined): string | undefined {
  if (scopes === undefined) return undefined;
  const [scope] = scopes;
  if (scopes.length !== 1 || scope === undefined || !scope.endsWith("/.default")) {
    throw failure("--scope takes one scope that ends in /.default: the operator signs in as an app.");
  }
  return scope.slice(0, -"/.default".length);
}

/** az's `expiresOn`: local time without a zone, to the microsecond. */
function formatLocalTime(time: Date): string {
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, ".000000");
}
