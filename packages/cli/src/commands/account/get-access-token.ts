/** `postern account get-access-token`. @see https://learn.microsoft.com/cli/azure/account#az-account-get-access-token */
import { defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import { findSubscriptionId, openSession } from "../../session.ts";

export const command = defineCommand({
  options: {
    resource: {
      kind: "text",
      flags: ["--resource"],
      summary: "The resource the token is for. Default: Resource Manager.",
    },
    resourceType: {
      kind: "text",
      flags: ["--resource-type"],
      choices: ["arm", "ms-graph"],
      summary: "The resource by a short name.",
    },
    scope: { kind: "list", flags: ["--scope"], summary: "The resource as a scope that ends in /.default." },
  },
  examples: [
    {
      summary: "A token for Storage, for curl",
      line: "postern account get-access-token --resource https://storage.azure.com --query accessToken -o tsv",
    },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const { endpoints, tokens, operator } = session;
    const byType = { arm: endpoints.resourceManagerAudience, "ms-graph": endpoints.graphAudience };
    const audience =
      args.resource ??
      readScopes(args.scope) ??
      (args.resourceType === undefined ? byType.arm : byType[args.resourceType as keyof typeof byType]);
    const { accessToken, expiresAtMs } = await tokens.get(audience);
    return {
      data: {
        tokenType: "Bearer",
        accessToken,
        expires_on: Math.floor(expiresAtMs / 1000),
        expiresOn: formatLocalTime(new Date(expiresAtMs)),
        tenant: operator.tenantId,
        subscription: await findSubscriptionId(context, session),
      },
    };
  },
});

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
