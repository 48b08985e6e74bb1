/**
 * Collections as Graph answers them: filtered, searched, ordered, counted and cut into pages; whole, as `/$count`, as `/$ref`, or cast to
 * one of the types in them.
 */
import type { Reply } from "../wire/exchange.ts";
import { expansionOf } from "./expansion.ts";
import { parseFilter } from "./filter.ts";
import { candidatesOf } from "./filter-plan.ts";
import { compileFilter } from "./filter-predicate.ts";
import { refuseGraph } from "./graph-fault.ts";
import { defaultPageSize, maxBatchPageSize, maxExpandedPageSize } from "./limits.ts";
import type { GraphCall } from "./operation.ts";
import { cutPage, type PageRequest, type Rows } from "./page.ts";
import { findProperty, type ResourceType, renderRow } from "./resource-type.ts";
import { compileSearch, parseSearch } from "./search.ts";
import { contextOf, selectOf } from "./selection.ts";
import { makeSkipToken, readSkipToken } from "./skip-token.ts";
import { directoryObjectType, renderTyped, type TypedRow, typedRow } from "./typed-row.ts";

/** What of a collection passes, and in which order. */
type Plan<Row> = Pick<PageRequest<Row>, "passes" | "order"> & { readonly rows: Rows<Row> };

/** 200 with a page of a collection of one type. */
export function answerCollection<Row>(call: GraphCall, type: ResourceType<Row>, all: Rows<Row>): Reply {
  const { cast } = call.view;
  if (cast !== undefined && cast.toLowerCase() !== type.name.toLowerCase())
    refuseGraph({ kind: "segment-unknown", segment: `microsoft.graph.${cast}` });
  if (call.view.isReference) refuseGraph({ kind: "segment-unknown", segment: "$ref" });
  const at = { model: call.cloud.model };
  const plan = planOf(call, type, all);
  if (call.view.isCount) return answerCount(plan);
  const select = selectOf(call, type);
  const expansion = expansionOf(call, type);
  return answerPage(call, plan, contextOf(call, type.set, select, expansion?.columns), (row) => ({
    ...renderRow(type, row, at, select),
    ...expansion?.render(type.keyOf(row)),
  }));
}

/** 200 with a page of directory objects of several types; each says which it is. */
export function answerObjects(call: GraphCall, objects: readonly TypedRow[]): Reply {
  const { cast } = call.view;
  if (cast !== undefined) {
    const ofType = objects.filter(({ typeName }) => typeName.toLowerCase() === cast.toLowerCase());
    const [first] = ofType;
    // A cast to a type that none of the objects has leaves nothing, and nothing of that type to be asked about either.
    const type = first === undefined ? directoryObjectType : first.type;
    return answerCollection({ ...call, view: { ...call.view, cast: undefined } }, type, typedRows(ofType));
  }
  const plan = planOf(call, directoryObjectType, typedRows(objects));
  if (call.view.isCount) return answerCount(plan);
  if (call.options.expand !== undefined)
    refuseGraph({ kind: "absent", what: "$expand on a collection of mixed types" });
  if (call.view.isReference) {
    const render = ({ id }: TypedRow) => ({ "@odata.id": `${call.base}/directoryObjects/${id}` });
    return answerPage(call, plan, contextOf(call, "Collection($ref)"), render);
  }
  return answerPage(call, plan, contextOf(call, "directoryObjects"), (object) =>
    renderTyped(object, call.options.select),
  );
}

/** A fixed set of rows as a collection. */
export function rowsOf<Row>(type: ResourceType<Row>, list: readonly Row[]): Rows<Row> {
  const byKey = new Map(list.map((row) => [type.keyOf(row), row]));
  return { keys: [...byKey.keys()].sort(), get: (key) => byKey.get(key) };
}

function typedRows(objects: readonly TypedRow[]): Rows<TypedRow> {
  const byId = new Map(objects.map((object) => [object.id, object]));
  return { keys: [...byId.keys()].sort(), get: (id) => byId.get(id) };
}

/** Reads filter, search and order, refusing what the type or the kind of query does not have. */
function planOf<Row>(call: GraphCall, type: ResourceType<Row>, all: Rows<Row>): Plan<Row> {
  const { model } = call.cloud;
  const { options, view } = call;
  const isAdvanced = call.isAdvanced || type.isOutsideDirectory === true;
  if (view.isCount && !call.isEventual) refuseGraph({ kind: "query-count-needs-header" });
  if (options.search !== undefined && !call.isEventual) refuseGraph({ kind: "query-search-needs-header" });
  const order = orderOf(call, type, isAdvanced);
  const tests: ((row: Row) => boolean)[] = [];
  let rows = all;
  if (options.filter !== undefined) {
    const filter = parseFilter(options.filter);
    const predicate = compileFilter(type, filter, isAdvanced);
    tests.push((row) => predicate(row, { model }));
    const candidates = candidatesOf(type, filter, model);
    if (candidates !== undefined) rows = rowsOf(type, candidates);
  }
  if (options.search !== undefined) {
    const found = compileSearch(type, parseSearch(options.search));
    tests.push((row) => found(row, { model }));
  }
  return { rows, order, passes: (row) => tests.every((test) => test(row)) };
}

function orderOf<Row>(call: GraphCall, type: ResourceType<Row>, isAdvanced: boolean): PageRequest<Row>["order"] {
  const { orderBy } = call.options;
  if (orderBy === undefined) return type.order === undefined ? undefined : { ...type.order, isDescending: true };
  if (findProperty(type, orderBy.name) === undefined)
    refuseGraph({ kind: "property-unknown", property: orderBy.name, type: type.name, option: "orderby" });
  const order = type.orderBy?.find(({ name }) => name.toLowerCase() === orderBy.name.toLowerCase());
  // The directory's plain store sorts by a few properties, and cannot both filter and sort; its index can.
  const isUnsupported =
    order === undefined || (!isAdvanced && (order.isAdvanced === true || call.options.filter !== undefined));
  if (isUnsupported) refuseGraph({ kind: "query-order-unsupported" });
  return { read: order.read, isDescending: orderBy.isDescending };
}

function answerPage<Row>(call: GraphCall, plan: Plan<Row>, context: string, render: (row: Row) => unknown): Reply {
  const { page, next } = pageOf(call, plan);
  // Graph counts only for requests that say they accept its index; for others `$count=true` is passed over in silence, by its documentation.
  const count = call.isEventual && call.options.isCountAsked ? { "@odata.count": countRows(plan) } : {};
  return { status: 200, body: { "@odata.context": context, ...count, ...next, value: page.map(render) } };
}

/** The number alone, as text. */
function answerCount<Row>(plan: Plan<Row>): Reply {
  return { status: 200, headers: { "content-type": "text/plain" }, body: String(countRows(plan)) };
}

function countRows<Row>({ rows, passes }: Plan<Row>): number {
  let count = 0;
  for (const key of rows.keys) {
    const row = rows.get(key);
    if (row !== undefined && passes(row)) count++;
  }
  return count;
}

function pageOf<Row>(
  call: GraphCall,
  { rows, passes, order }: Plan<Row>,
): { readonly page: readonly Row[]; readonly next: { readonly "@odata.nextLink"?: string } } {
  const { options, cloud, exchange } = call;
  const query = JSON.stringify([
    exchange.path.toLowerCase(),
    options.filter ?? null,
    options.search ?? null,
    options.orderBy ?? null,
  ]);
  const { skipToken } = options;
  const after = skipToken === undefined ? undefined : readSkipToken(cloud.secrets, query, skipToken);
  const page = cutPage(rows, { top: pageSizeOf(call), after, passes, order });
  if (page.next === undefined) return { page: page.rows, next: {} };
  return {
    page: page.rows,
    next: { "@odata.nextLink": linkWith(call, "$skiptoken", makeSkipToken(cloud.secrets, query, page.next)) },
  };
}

/** Rows of a page: what was asked for, and less where each row may be large. */
export function pageSizeOf({ options, isBatchPart }: GraphCall): number {
  const bounds = [options.top ?? defaultPageSize];
  if (options.expand !== undefined) bounds.push(maxExpandedPageSize);
  if (isBatchPart) bounds.push(maxBatchPageSize);
  return Math.min(...bounds);
}

/** The request's own address with one token in the place of any there was. */
export function linkWith({ exchange }: GraphCall, option: "$skiptoken" | "$deltatoken", token: string): string {
  const rest = exchange.query
    .split("&")
    .filter((pair) => pair !== "" && !/^(?:\$|%24)?(?:skip|delta)token=/i.test(pair));
  return `${exchange.origin}${exchange.prefix}${exchange.path}?${[...rest, `${option}=${token}`].join("&")}`;
}

export { type TypedRow, typedRow };
