/**
 * The activity log of a subscription, as far as it is about role assignments: what `az role assignment list-changelogs` reads.
 * @see https://learn.microsoft.com/rest/api/monitor/activity-logs/list
 */
import { isAtOrBelow, parseScope } from "@postern/access";
import { type AssignmentEvent, readAssignmentHistory } from "../authorization/assignment-history.ts";
import { roleDefinitionIdAt } from "../authorization/role-definitions.ts";
import type { Reply } from "../wire/exchange.ts";
import { type ArmContext, type ArmRow, readCallerScope, row } from "./context.ts";
import { refuseArm } from "./fault.ts";
import { listBody, takePage } from "./paging.ts";
import { subscriptionScope } from "./subscriptions.ts";
import { wireTime } from "./wire-time.ts";

/** Terms of one filter; ours: clients send three. */
const maxTerms = 8;
const provider = "Microsoft.Authorization";
/** Later than any revision, so that keys made by subtracting sort the newest first. */
const revisionCeiling = 10 ** 15;

const termPattern = /^\s*([a-z]+)\s+(eq|ge|le)\s+(?:'((?:[^']|'')*)'|([^\s']+))\s*(and\s+|$)/i;

type Range = { readonly from: string; readonly to: string; readonly resourceProvider: string; readonly group: string };

/** The start of the time is required, as on Azure. @throws ArmRefusal `filter-invalid`. */
function readRange(text: string): Range {
  const refuse = (): never => refuseArm({ kind: "filter-invalid", given: text.slice(0, 256) });
  const terms = new Map<string, string>();
  for (let rest = text; rest.trim() !== ""; ) {
    const match = termPattern.exec(rest) ?? refuse();
    const [whole, name, operator, quoted, bare, and] = match;
    const term = `${name!.toLowerCase()} ${operator!.toLowerCase()}`;
    if (terms.has(term) || terms.size >= maxTerms) refuse();
    terms.set(term, quoted?.replaceAll("''", "'") ?? bare!);
    rest = rest.slice(whole.length);
    if (rest === "" && and !== "") refuse();
  }
  const readTime = (term: string, missing: string): string => {
    const given = terms.get(term);
    terms.delete(term);
    const time = Date.parse(given ?? missing);
    return Number.isNaN(time) ? refuse() : new Date(time).toISOString();
  };
  const readText = (term: string): string => {
    const given = terms.get(term) ?? "";
    terms.delete(term);
    return given.toLowerCase();
  };
  const range = {
    from: readTime("eventtimestamp ge", ""),
    to: readTime("eventtimestamp le", "9999-12-31T23:59:59Z"),
    resourceProvider: readText("resourceprovider eq"),
    group: readText("resourcegroupname eq"),
  };
  // All events here are of these channels.
  readText("eventchannels eq");
  return terms.size === 0 ? range : refuse();
}

type Part = "Started" | "Succeeded";

function named(value: string) {
  return { value, localizedValue: value };
}

function eventBody({ cloud, params }: ArmContext, event: AssignmentEvent, part: Part) {
  const { revision, place, time, actor, kind, assignment } = event;
  const scope = readCallerScope(assignment.scope);
  const id = `${assignment.scope}/providers/${provider}/roleAssignments/${assignment.name}`;
  const action = `${provider}/roleAssignments/${kind}`;
  const principal = cloud.model.principal(actor.principalId);
  const number = (revision * 1000 + place).toString(16).padStart(12, "0");
  const properties = {
    id: assignment.name,
    scope: assignment.scope,
    roleDefinitionId: roleDefinitionIdAt(scope, assignment.roleDefinitionId),
    principalId: assignment.principalId,
    principalType: assignment.principalType,
    condition: assignment.condition,
    conditionVersion: assignment.conditionVersion,
  };
  const text = JSON.stringify({ id, name: assignment.name, type: `${provider}/roleAssignments`, properties });
  // The member's spelling is Azure's, and az reads it so.
  const body =
    part === "Started"
      ? { requestbody: text }
      : { statusCode: kind === "write" ? "Created" : "OK", responseBody: text };
  return {
    authorization: { action, scope: id },
    caller: principal?.type === "User" ? principal.row.userPrincipalName : actor.principalId,
    channels: "Operation",
    claims: {},
    correlationId: `00000000-0000-4000-8000-${number}`,
    description: "",
    eventDataId: `0000000${part === "Started" ? 1 : 2}-0000-4000-8000-${number}`,
    eventName: named(part === "Started" ? "BeginRequest" : "EndRequest"),
    category: named("Administrative"),
    httpRequest: { clientRequestId: null, clientIpAddress: null, method: kind === "write" ? "PUT" : "DELETE" },
    id: `${id}/events/0000000${part === "Started" ? 1 : 2}-0000-4000-8000-${number}/ticks/${Date.parse(time)}`,
    level: "Informational",
    resourceGroupName: scope.resourceGroupName ?? "",
    resourceProviderName: named(provider),
    resourceType: named(`${provider}/roleAssignments`),
    resourceId: id,
    operationId: `00000000-0000-4000-8000-${number}`,
    operationName: named(action),
    properties: part === "Started" && kind === "delete" ? {} : body,
    status: named(part),
    subStatus: named(part === "Started" ? "" : kind === "write" ? "Created" : "OK"),
    eventTimestamp: wireTime(time),
    submissionTimestamp: wireTime(time),
    subscriptionId: params.subscriptionId!.toLowerCase(),
    tenantId: cloud.model.tenant.tenantId,
  };
}

async function listEvents(context: ArmContext): Promise<Reply> {
  const { cloud, exchange, query } = context;
  const range = readRange(query.filter() ?? "");
  const subscription = readCallerScope(subscriptionScope(context));
  const isMeant = ({ assignment }: AssignmentEvent): boolean => {
    const parsed = parseScope(assignment.scope);
    if (!parsed.isValid || !isAtOrBelow(parsed.scope, subscription)) return false;
    return range.group === "" || parsed.scope.resourceGroupName?.toLowerCase() === range.group;
  };
  const isProviderMeant = range.resourceProvider === "" || range.resourceProvider === provider.toLowerCase();
  const history = isProviderMeant ? await readAssignmentHistory(cloud.store, range.from, range.to) : [];
  const events = history.filter(isMeant).flatMap((event) =>
    (["Succeeded", "Started"] as const).map((part, order) => ({
      key: `${revisionCeiling - event.revision}/${String(999_999 - event.place).padStart(6, "0")}/${order}`,
      event,
      part,
    })),
  );
  const { rows, nextLink } = takePage(exchange, query, events, ({ key }) => key);
  return {
    status: 200,
    body: listBody(
      rows.map(({ event, part }) => eventBody(context, event, part)),
      nextLink,
    ),
  };
}

export const activityLogRows: readonly ArmRow[] = [
  row({
    operation: "List activity log",
    method: "GET",
    path: "/subscriptions/{subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values",
    apiVersion: "2015-04-01",
    doc: "https://learn.microsoft.com/rest/api/monitor/activity-logs/list",
    authorize: { kind: "rbac", action: "Microsoft.Insights/eventtypes/values/read", at: subscriptionScope },
    handle: listEvents,
  }),
];
