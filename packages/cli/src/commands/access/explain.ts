/** `postern explain`: why somebody may or may not, and which role would mend it. May use: insight/, session.ts. */
import { defineCommand } from "../../command/command.ts";
import { notFound, usageFault } from "../../faults.ts";
import {
  type AccessRecord,
  type Explained,
  findPrincipalId,
  InsightClient,
  type Need,
} from "../../insight/insight-client.ts";
import { describeExplained } from "../../insight/wording.ts";
import { openSession } from "../../session.ts";
import { resourceGroup } from "../options.ts";
import { action, assignee, at, data, findScope, scope } from "./options.ts";

export const command = defineCommand({
  options: {
    assignee,
    action,
    data,
    scope,
    resourceGroup,
    at,
    request: {
      kind: "text",
      flags: ["--request"],
      valueName: "ID",
      summary: "A request by its ID (x-ms-request-id), in place of a question.",
    },
    last: { kind: "flag", flags: ["--last"], summary: "The last request that was denied (to --assignee, if given)." },
  },
  examples: [
    {
      summary: "Why an app cannot delete blobs",
      line: "postern explain --assignee my-app --action Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete --resource-group notes-dev",
    },
    { summary: "What was just denied, and what would mend it", line: "postern explain --last" },
    { summary: "One request, by the ID in its answer", line: "postern explain --request REQUEST-ID" },
  ],
  run: async (context, args) => {
    const session = await openSession(context);
    const client = new InsightClient(session);
    if (args.request !== undefined || args.last) {
      if (args.action !== undefined)
        throw usageFault("--action asks a question; --request and --last ask about a request.");
      const principalId =
        args.assignee === undefined ? undefined : await findPrincipalId(session, args.assignee, context);
      return explainRequest(client, args.request ?? (await findLastDenied(client, principalId)));
    }
    if (args.action === undefined || args.assignee === undefined) {
      throw usageFault("Ask with --assignee and --action, or name a request with --request or --last.");
    }
    const answer = await client.post("explain", {
      principalId: await findPrincipalId(session, args.assignee, context),
      operation: args.action,
      isDataAction: args.data ?? "auto",
      scope: await findScope(context, session, args),
      ...(args.at === undefined ? {} : { at: args.at }),
    });
    const explained = answer as unknown as Need & Explained;
    return { data: answer, text: describeExplained(explained, explained), toRows };
  },
});

async function findLastDenied(client: InsightClient, principalId: string | undefined): Promise<string> {
  const { value } = (await client.get("records", { outcome: "denied", principalId })) as unknown as {
    value: AccessRecord[];
  };
  const last = value.at(-1);
  if (last === undefined) throw notFound("Nothing was denied since the cloud was started.");
  return last.requestId;
}

async function explainRequest(client: InsightClient, requestId: string) {
  const answer = await client.get(`records/${encodeURIComponent(requestId)}`);
  const { value } = answer as unknown as { value: AccessRecord[] };
  const text = value
    .map(
      (record) =>
        `${record.time} ${record.surface}: ${record.operation}: ${record.outcome}\n${describeExplained(record.ask, record)}`,
    )
    .join("\n");
  return { data: answer, text, toRows: ({ value: records }: { value: AccessRecord[] }) => records.flatMap(toRows) };
}

function toRows({ principal, decision, mending }: Explained) {
  const row = { Principal: principal.displayName ?? principal.id, Allowed: decision.isAllowed };
  if (decision.isAllowed) return [{ ...row, Why: decision.roleName, MendedBy: "", Scope: decision.scope }];
  return [{ ...row, Why: decision.reason, MendedBy: mending[0]?.roleName ?? "", Scope: mending[0]?.scopes[0] ?? "" }];
}
