/**
 * What Postern knows about access and Azure does not tell: why, who, what, when, and which roles would do. On our own plane, under
 * /postern/access.
 *
 * Owns: the rows of this folder. May use: the access package's advice, the records, the change log. Nothing here decides about a request of
 * an app; every answer rests on the same `decide`.
 *
 * match -> authenticate (tokens for Resource Manager) -> handle, which asks `decide` for the caller's right -> render
 */
import { OperationUniverse } from "@postern/access";
import type { Cloud } from "../cloud.ts";
import type { Drills } from "../drills/drills.ts";
import { answerCaller } from "../postern-caller.ts";
import type { PosternRow } from "../postern-surface.ts";
import type { OperationRow } from "../wire/operation.ts";
import { type Handler, readAction, writeAction } from "./call.ts";
import { deleteDrill, deletePropagation, listDrills, putDrill, putPropagation } from "./drills.ts";
import { Past } from "./past.ts";
import { diffTimes, explainAccess, type Knowledge, listWhatCan, listWhoCan } from "./questions.ts";
import { learnRoles, listRecords, showRecord } from "./records.ts";
import { deleteSoftMode, listSoftModes, putSoftMode } from "./soft-modes.ts";

export type InsightOptions = {
  /** Judges a token's `aud`: those of Resource Manager. */
  readonly isAudience: (audience: string) => boolean;
};

const base = "/postern/access";
const doc = "https://learn.microsoft.com/azure/role-based-access-control/check-access";
const sampleGuid = "00000000-0000-0000-0000-0000000000aa";
const sampleScope = "/subscriptions/00000000-0000-0000-0000-000000000001";
const sampleNeed = { operation: "Microsoft.Resources/subscriptions/read", scope: sampleScope };

type RowInput = {
  readonly operation: string;
  readonly method: string;
  /** After the base; `{name}` at its end is the hole. */
  readonly path: string;
  readonly permission: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly handler: Handler;
};

/** The rows, for the surface of our own plane. */
export function createInsightRows(cloud: Cloud, { isAudience }: InsightOptions): readonly PosternRow[] {
  const past = new Past(cloud);
  let universe: OperationUniverse | undefined;
  const knowledge: Knowledge = {
    past,
    // Made when first asked for: most servers are never asked.
    universe: () => {
      const { access } = cloud.model;
      universe ??= new OperationUniverse([...access.roles()].filter(({ id }) => access.isBuiltinRole(id)));
      return universe;
    },
  };
  const row = ({ handler, ...input }: RowInput): PosternRow => ({
    ...describeRow(input),
    pattern: new RegExp(`^${base}/${input.path.replace("{name}", "([^/]{1,64})")}$`, "i"),
    handle: (exchange, match) =>
      answerCaller(cloud, exchange, { service: "Resource Manager", isAudience }, ({ principalId: caller }) => {
        return handler({ cloud, exchange, caller, query: new URLSearchParams(exchange.query), name: match[1] ?? "" });
      }),
  });
  return [...rowInputs(knowledge), ...(cloud.drills === undefined ? [] : drillInputs(cloud.drills))].map(row);
}

function rowInputs(knowledge: Knowledge): RowInput[] {
  // Anyone about itself; each asks for `readAction` before it says anything about others.
  const own = "signed-in";
  return [
    {
      operation: "Explain access",
      method: "POST",
      path: "explain",
      permission: own,
      body: sampleNeed,
      handler: (call) => explainAccess(knowledge, call),
    },
    {
      operation: "List who can",
      method: "GET",
      path: "who-can",
      permission: readAction,
      query: sampleNeed,
      handler: (call) => listWhoCan(knowledge, call),
    },
    {
      operation: "List what a principal can",
      method: "GET",
      path: "what-can",
      permission: own,
      handler: (call) => listWhatCan(knowledge, call),
    },
    {
      operation: "Compare access",
      method: "GET",
      path: "diff",
      permission: readAction,
      query: { from: "2026-01-01T00:00:00Z" },
      handler: (call) => diffTimes(knowledge, call),
    },
    { operation: "List access records", method: "GET", path: "records", permission: own, handler: listRecords },
    {
      operation: "Get access record",
      method: "GET",
      path: "records/{name}",
      permission: own,
      handler: (call) => showRecord(knowledge, call),
    },
    {
      operation: "Learn roles",
      method: "POST",
      path: "learn",
      permission: own,
      body: { since: "2026-01-01T00:00:00Z" },
      handler: (call) => learnRoles(knowledge, call),
    },
    { operation: "List soft modes", method: "GET", path: "softModes", permission: own, handler: listSoftModes },
    {
      operation: "Create soft mode",
      method: "PUT",
      path: "softModes/{name}",
      permission: writeAction,
      body: { scope: sampleScope, seconds: 60 },
      handler: putSoftMode,
    },
    {
      operation: "Delete soft mode",
      method: "DELETE",
      path: "softModes/{name}",
      permission: writeAction,
      handler: deleteSoftMode,
    },
  ];
}

function drillInputs(drills: Drills): RowInput[] {
  const permission = writeAction;
  return [
    {
      operation: "List drills",
      method: "GET",
      path: "drills",
      permission,
      handler: (call) => listDrills(drills, call),
    },
    {
      operation: "Start drill",
      method: "PUT",
      path: "drills/{name}",
      permission,
      body: { surface: "arm", fault: "throttled", seconds: 60 },
      handler: (call) => putDrill(drills, call),
    },
    {
      operation: "Stop drill",
      method: "DELETE",
      path: "drills/{name}",
      permission,
      handler: (call) => deleteDrill(drills, call),
    },
    {
      operation: "Set propagation",
      method: "PUT",
      path: "propagation",
      permission,
      body: { assignments: { minSeconds: 1, maxSeconds: 5 } },
      handler: (call) => putPropagation(drills, call),
    },
    {
      operation: "Reset propagation",
      method: "DELETE",
      path: "propagation",
      permission,
      handler: (call) => deletePropagation(drills, call),
    },
  ];
}

function describeRow({ operation, method, path, permission, query, body }: Omit<RowInput, "handler">): OperationRow {
  const search = query === undefined ? "" : `?${new URLSearchParams(query)}`;
  const sampleTarget = `${base}/${path.replace("{name}", sampleGuid)}${search}`;
  const sample =
    body === undefined
      ? { target: sampleTarget }
      : { target: sampleTarget, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  return { operation, method, match: `${base}/${path}`, permission, doc, sample };
}
