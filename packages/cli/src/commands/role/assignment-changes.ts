/**
 * `postern role assignment list-changelogs`: who was given or lost a role, from the activity log.
 * @see https://learn.microsoft.com/azure/role-based-access-control/change-history-report
 */

import { toPythonTime } from "../../azure/identifiers.ts";
import { getObjects, nameOf } from "../../azure/principals.ts";
import { versioned } from "../../azure/resource-manager.ts";
import { listRoleDefinitions } from "../../azure/roles.ts";
import { defineCommand } from "../../command/command.ts";
import { failure } from "../../faults.ts";
import type { Json } from "../../http/service-client.ts";
import { isObject } from "../../output/ordered.ts";
import { findSubscriptionId, openSession } from "../../session.ts";
import { parseRecord } from "../../state/private-file.ts";

const HOUR_MS = 3_600_000;
/** The service takes whole seconds: what was done in this one is to be seen, too. */
const SECOND_MS = 1000;

export const command = defineCommand({
  options: {
    startTime: {
      kind: "text",
      flags: ["--start-time"],
      summary: "From when, e.g. 2026-12-31T12:59:59Z. Default: an hour ago.",
    },
    endTime: { kind: "text", flags: ["--end-time"], summary: "Until when. Default: now." },
  },
  examples: [{ summary: "What changed in the last hour", line: "postern role assignment list-changelogs" }],
  run: async (context, args) => {
    const end = args.endTime === undefined ? new Date(Date.now() + SECOND_MS) : readTime(args.endTime);
    const start = args.startTime === undefined ? new Date(end.getTime() - HOUR_MS) : readTime(args.startTime);
    if (args.startTime !== undefined && start >= end) throw failure("Start time cannot be later than end time.");
    const session = await openSession(context);
    const subscription = `/subscriptions/${await findSubscriptionId(context, session)}`;
    const filter = `resourceProvider eq Microsoft.Authorization and eventTimestamp ge ${toSeconds(start)} and eventTimestamp le ${toSeconds(end)}`;
    const path = `${subscription}/providers/Microsoft.Insights/eventtypes/management/values`;
    const events = (await session.resourceManager.list(versioned(path, "activityLog", filter))).filter((event) =>
      textOf(event.operationName).startsWith("Microsoft.Authorization/roleAssignments"),
    );
    const ends = new Map(
      events.filter((event) => textOf(event.status) !== "Started").map((one) => [one.operationId, one]),
    );
    const starts = events.filter((event) => textOf(event.status) === "Started");
    if (starts.length === 0) return { data: [] };
    const roles = await listRoleDefinitions(session.resourceManager, subscription);
    const names = new Map(roles.map(({ name, roleName }) => [String(name), String(roleName)]));
    const entries = starts.flatMap((event) => {
      const last = ends.get(event.operationId);
      return last === undefined || textOf(last.status) !== "Succeeded" ? [] : toEntry(event, last, names);
    });
    const ids = [...new Set(entries.map(({ principalId }) => principalId).filter((id) => typeof id === "string"))];
    const people = new Map((await getObjects(session.graph, ids)).map((one) => [one.id, nameOf(one)]));
    return {
      data: entries.map((entry) => ({ ...entry, principalName: people.get(entry.principalId) ?? null })),
    };
  },
});

/** az takes exactly this form. */
function readTime(text: string): Date {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw failure(`Input '${text}' is not valid datetime. Valid example: 2000-12-31T12:59:59Z`);
  }
  return new Date(text);
}

function toSeconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}

function textOf(localized: unknown): string {
  return isObject(localized) ? String(localized.value ?? "") : String(localized ?? "");
}

/** One line of the report; an event whose body says nothing has none. */
function toEntry(start: Json, end: Json, roles: ReadonlyMap<string, string>): Json[] {
  const method = isObject(start.httpRequest) ? start.httpRequest.method : undefined;
  const isGrant = method === "PUT";
  const entry: Json = {
    principalId: null,
    principalName: null,
    scope: null,
    scopeName: null,
    scopeType: null,
    roleDefinitionId: null,
    roleName: null,
    timestamp: toPythonTime(end.eventTimestamp),
    caller: start.caller ?? null,
  };
  if (isGrant) entry.scope = isObject(end.authorization) ? (end.authorization.scope ?? null) : null;
  if (isGrant || method === "DELETE") entry.action = isGrant ? "Granted" : "Revoked";
  const source = isGrant ? start.properties : method === "DELETE" ? end.properties : undefined;
  const text = isObject(source) ? (isGrant ? source.requestbody : source.responseBody) : undefined;
  if (typeof text !== "string") return [entry];
  const properties = parseRecord(text)?.properties;
  if (!isObject(properties)) return [];
  const scope = String(entry.scope ?? properties.scope ?? "");
  const role = String(properties.roleDefinitionId).split("/").at(-1)!;
  return [
    {
      ...entry,
      ...describeScope(scope),
      principalId: properties.principalId,
      roleDefinitionId: role,
      roleName: roles.get(role) ?? "N/A",
    },
  ];
}

function describeScope(scope: string): Json {
  const end = scope.toLowerCase().indexOf("/providers/microsoft.authorization");
  const own = end < 0 ? scope : scope.slice(0, end);
  const parts = own.split("/").filter((part) => part !== "");
  const scopeType = parts.length < 3 ? "Subscription" : parts.length < 5 ? "Resource group" : "Resource";
  return { scope: own, scopeName: parts.at(-1) ?? null, scopeType };
}
