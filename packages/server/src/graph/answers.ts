/** The forms of Graph's answers: one object, something just made, a value, nothing; collections are in collections.ts. Rendering only; nothing is decided here. */
import type { Reply } from "../wire/exchange.ts";
import { expansionOf } from "./expansion.ts";
import { refuseGraph } from "./graph-fault.ts";
import type { GraphCall } from "./operation.ts";
import { entityTagOf } from "./precondition.ts";
import { type ResourceType, renderRow } from "./resource-type.ts";
import { contextOf, selectOf } from "./selection.ts";

export { answerCollection, answerObjects, rowsOf } from "./collections.ts";
export { renderTyped } from "./typed-row.ts";

/** 204, no body: PATCH, DELETE, `$ref` and removePassword. */
export const noContent: Reply = { status: 204 };

/** 200 with one object of the type, its `$select` and `$expand` applied. */
export function answerOne<Row>(call: GraphCall, type: ResourceType<Row>, row: Row): Reply {
  refuseCollectionOptions(call);
  const select = selectOf(call, type);
  const expansion = expansionOf(call, type);
  const context = `${contextOf(call, type.set, select, expansion?.columns)}/$entity`;
  const rendered = renderRow(type, row, { model: call.cloud.model }, select);
  return {
    status: 200,
    headers: { etag: entityTagOf(call.cloud.secrets, row) },
    body: { "@odata.context": context, ...rendered, ...expansion?.render(type.keyOf(row)) },
  };
}

/** 201 with the directory object just made. */
export function answerCreated<Row>(call: GraphCall, type: ResourceType<Row>, row: Row): Reply {
  const host = new URL(call.base).origin;
  const path = `directoryObjects/${type.keyOf(row)}/Microsoft.DirectoryServices.${type.title}`;
  const location = `${host}/v2/${call.cloud.model.tenant.tenantId}/${path}`;
  return { ...answerMade(call, type, row), headers: { location } };
}

/** 201 with something made that is no directory object. */
export function answerMade<Row>(call: GraphCall, type: ResourceType<Row>, row: Row): Reply {
  const { model } = call.cloud;
  return {
    status: 201,
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

/** Refuses options that one object cannot have. */
export function refuseCollectionOptions({ options }: GraphCall): void {
  const { filter, search, top, orderBy, skipToken } = options;
  if ([filter, search, top, orderBy, skipToken].some((option) => option !== undefined))
    refuseGraph({ kind: "query-not-collection" });
}
