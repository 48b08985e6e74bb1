/** The forms of Graph's answers: one object, a collection by pages, something just made, nothing. Rendering only; nothing is decided here. */
import type { Reply } from "../wire/exchange.ts";
import { parseFilter } from "./filter.ts";
import { candidatesOf } from "./filter-plan.ts";
import { compileFilter } from "./filter-predicate.ts";
import { refuseGraph } from "./graph-fault.ts";
import { defaultPageSize } from "./limits.ts";
import type { GraphCall } from "./operation.ts";
import { cutPage, type PageRequest, type Rows } from "./page.ts";
import { findProperty, type ResourceType, renderRow } from "./resource-type.ts";
import { makeSkipToken, readSkipToken } from "./skip-token.ts";

/** 204, no body: PATCH, DELETE, `$ref` and removePassword. */
export const noContent: Reply = { status: 204 };

/** 200 with one object of the type, its `$select` applied. */
export function answerOne<Row>(call: GraphCall, type: ResourceType<Row>, row: Row): Reply {
  refuseCollectionOptions(call);
  const select = selectOf(call, type);
  const context = `${contextOf(call, type.set, select)}/$entity`;
  return {
    status: 200,
    body: { "@odata.context": context, ...renderRow(type, row, { model: call.cloud.model }, select) },
  };
}

/** 201 with the object just made. @param objectType as the Location header spells the type: `Application`. */
export function answerCreated<Row>(call: GraphCall, type: ResourceType<Row>, row: Row): Reply {
  const { model } = call.cloud;
  const host = new URL(call.base).origin;
  const path = `directoryObjects/${type.keyOf(row)}/Microsoft.DirectoryServices.${type.title}`;
  return {
    status: 201,
    headers: { location: `${host}/v2/${model.tenant.tenantId}/${path}` },
    body: {
      "@odata.context": `${contextOf(call, type.set)}/$entity`,
      ...renderRow(type, row, { model, isNew: true }),
    },
  };
}

/** 200 with a value that is no object of the directory. @param name what the context calls it: `Collection(Edm.String)`. */
export function answerValue(call: GraphCall, name: string, body: Readonly<Record<string, unknown>>): Reply {
  return { status: 200, body: { "@odata.context": contextOf(call, name), ...body } };
}

/** 200 with a page of a collection of one type, filtered, ordered and counted as asked. */
export function answerCollection<Row>(call: GraphCall, type: ResourceType<Row>, all: Rows<Row>): Reply {
  const { model } = call.cloud;
  const at = { model };
  const select = selectOf(call, type);
  const order = orderOf(call, type);
  const filter = call.options.filter === undefined ? undefined : parseFilter(call.options.filter);
  let rows = all;
  let passes: (row: Row) => boolean = () => true;
  if (filter !== undefined) {
    const predicate = compileFilter(type, filter, call.isAdvanced);
    passes = (row) => predicate(row, at);
    const candidates = candidatesOf(type, filter, model);
    if (candidates !== undefined) rows = rowsOf(type, candidates);
  }
  const { page, next } = pageOf(call, rows, { passes, order });
  return {
    status: 200,
    body: {
      "@odata.context": contextOf(call, type.set, select),
      ...countOf(call, rows, passes),
      ...next,
      value: page.map((row) => renderRow(type, row, at, select)),
    },
  };
}

/** Any object of the directory with its type, for collections that mix them. */
export type TypedRow = {
  readonly id: string;
  readonly typeName: string;
  /** @param select names as asked for, in any case; undefined for the default set. */
  readonly render: (select: readonly string[] | undefined) => Record<string, unknown>;
};

export function typedRow<Row>(call: Pick<GraphCall, "cloud">, type: ResourceType<Row>, row: Row): TypedRow {
  return {
    id: type.keyOf(row),
    typeName: type.name,
    render: (names) => {
      const known = names?.flatMap((name) => findProperty(type, name)?.name ?? []);
      return renderRow(type, row, { model: call.cloud.model }, known && new Set(known));
    },
  };
}

/** 200 with a page of directory objects of several types; each says which it is. */
export function answerObjects(call: GraphCall, objects: readonly TypedRow[]): Reply {
  if (call.options.filter !== undefined)
    refuseGraph({ kind: "absent", what: "$filter on a collection of mixed types" });
  if (call.options.orderBy !== undefined)
    refuseGraph({ kind: "absent", what: "$orderby on a collection of mixed types" });
  const byId = new Map(objects.map((object) => [object.id, object]));
  const rows: Rows<TypedRow> = { keys: [...byId.keys()].sort(), get: (id) => byId.get(id) };
  const passes = () => true;
  const { page, next } = pageOf(call, rows, { passes, order: undefined });
  return {
    status: 200,
    body: {
      "@odata.context": contextOf(call, "directoryObjects"),
      ...countOf(call, rows, passes),
      ...next,
      value: page.map((object) => renderTyped(object, call.options.select)),
    },
  };
}

/** One object that says its type first, as in getByIds. */
export function renderTyped(object: TypedRow, select?: readonly string[]): Record<string, unknown> {
  return { "@odata.type": `#microsoft.graph.${object.typeName}`, ...object.render(select) };
}

/** A fixed set of rows as a collection. */
export function rowsOf<Row>(type: ResourceType<Row>, list: readonly Row[]): Rows<Row> {
  const byKey = new Map(list.map((row) => [type.keyOf(row), row]));
  return { keys: [...byKey.keys()].sort(), get: (key) => byKey.get(key) };
}

/** Refuses options that one object cannot have. */
export function refuseCollectionOptions({ options }: GraphCall): void {
  const { filter, top, orderBy, skipToken } = options;
  if ([filter, top, orderBy, skipToken].some((option) => option !== undefined))
    refuseGraph({ kind: "query-not-collection" });
}

function selectOf<Row>(call: GraphCall, type: ResourceType<Row>): ReadonlySet<string> | undefined {
  return (
    call.options.select &&
    new Set(
      call.options.select.map((name) => {
        const property = findProperty(type, name);
        if (property === undefined)
          refuseGraph({ kind: "property-unknown", property: name, type: type.name, option: "select" });
        return property.name;
      }),
    )
  );
}

function orderOf<Row>(call: GraphCall, type: ResourceType<Row>): PageRequest<Row>["order"] {
  const { orderBy } = call.options;
  if (orderBy === undefined) return undefined;
  if (findProperty(type, orderBy.name) === undefined)
    refuseGraph({ kind: "property-unknown", property: orderBy.name, type: type.name, option: "orderby" });
  if (type.orderBy?.name.toLowerCase() !== orderBy.name.toLowerCase())
    refuseGraph({ kind: "filter-unsupported", property: orderBy.name, resource: type.title });
  // The directory's plain store cannot both filter and sort; its index can.
  if (call.options.filter !== undefined && !call.isAdvanced) refuseGraph({ kind: "query-needs-consistency-level" });
  return { read: type.orderBy.read, isDescending: orderBy.isDescending };
}

function pageOf<Row>(
  call: GraphCall,
  rows: Rows<Row>,
  { passes, order }: Pick<PageRequest<Row>, "passes" | "order">,
): { readonly page: readonly Row[]; readonly next: { readonly "@odata.nextLink"?: string } } {
  const { options, cloud, exchange } = call;
  const query = JSON.stringify([exchange.path.toLowerCase(), options.filter ?? null, options.orderBy ?? null]);
  const { skipToken } = options;
  const after = skipToken === undefined ? undefined : readSkipToken(cloud.secrets, query, skipToken);
  const page = cutPage(rows, { top: options.top ?? defaultPageSize, after, passes, order });
  if (page.next === undefined) return { page: page.rows, next: {} };
  const rest = exchange.query.split("&").filter((pair) => pair !== "" && !/^(\$|%24)?skiptoken=/i.test(pair));
  const parameters = [...rest, `$skiptoken=${makeSkipToken(cloud.secrets, query, page.next)}`].join("&");
  const nextLink = `${exchange.origin}${exchange.prefix}${exchange.path}?${parameters}`;
  return { page: page.rows, next: { "@odata.nextLink": nextLink } };
}

/** Graph counts only for requests that say they accept its index; for others `$count=true` is passed over in silence, by its documentation. */
function countOf<Row>(
  call: GraphCall,
  rows: Rows<Row>,
  passes: (row: Row) => boolean,
): { readonly "@odata.count"?: number } {
  if (!call.isAdvanced) return {};
  let count = 0;
  for (const key of rows.keys) {
    const row = rows.get(key);
    if (row !== undefined && passes(row)) count++;
  }
  return { "@odata.count": count };
}

function contextOf(call: GraphCall, name: string, select?: ReadonlySet<string>): string {
  const columns = select === undefined ? "" : `(${[...select].join(",")})`;
  return `${call.base}/$metadata#${name}${columns}`;
}
