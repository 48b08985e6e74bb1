/**
 * Adds to a row what `$expand` asks for: twenty objects of a relationship at most, read only by who may read them by themselves.
 * @see https://learn.microsoft.com/graph/query-parameters#expand-parameter
 */
import { mayAct } from "../directory/permissions.ts";
import type { ExpandItem } from "./expand-option.ts";
import { refuseGraph } from "./graph-fault.ts";
import { maxExpandedObjects } from "./limits.ts";
import type { GraphCall } from "./operation.ts";
import { type Relation, relations } from "./relations.ts";
import { findProperty, type ResourceType } from "./resource-type.ts";
import { renderTyped, type TypedRow } from "./typed-row.ts";

export type Expansion = {
  /** For the context: `members()` or `members(id,displayName)`. */
  readonly columns: readonly string[];
  readonly render: (id: string) => Record<string, unknown>;
};

/**
 * Prepares the expansion of rows of a type; undefined when none is asked for.
 * @throws GraphRefusal `property-unknown`, `query-expand-advanced`, `denied`.
 */
export function expansionOf<Row>(call: GraphCall, type: ResourceType<Row>): Expansion | undefined {
  const { expand } = call.options;
  if (expand === undefined) return undefined;
  if (call.isAdvanced) refuseGraph({ kind: "query-expand-advanced" });
  const items = expand.map((item) => ({ item, relation: relationOf(call, type, item) }));
  return {
    columns: items.map(({ item, relation }) => `${relation.name}(${item.select?.join(",") ?? ""})`),
    render: (id) =>
      Object.fromEntries(items.map(({ item, relation }) => [relation.name, renderRelation(call, relation, item, id)])),
  };
}

function relationOf<Row>(call: GraphCall, type: ResourceType<Row>, { name }: ExpandItem): Relation {
  const relation = relations[type.name]?.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (relation === undefined) {
    if (findProperty(type, name) !== undefined)
      refuseGraph({ kind: "query-malformed", option: "$expand", why: `'${name}' is a property, not a relationship` });
    refuseGraph({ kind: "property-unknown", property: name, type: type.name, option: "expand" });
  }
  // Who reads themselves may read their own relationships; for anything else the right to the relationship itself is needed.
  const isOwn = call.action === "read-self";
  if (!isOwn && !mayAct(call.cloud.model, call.caller, relation.action, undefined)) refuseGraph({ kind: "denied" });
  return relation;
}

function renderRelation(call: GraphCall, relation: Relation, { select }: ExpandItem, id: string): unknown {
  const objects = [...relation.list(call, id)].sort(byId).slice(0, maxExpandedObjects);
  const rendered = objects.map((object) =>
    relation.isPlain === true ? object.render(select) : renderTyped(object, select),
  );
  return relation.isSingle === true ? (rendered[0] ?? null) : rendered;
}

function byId(a: TypedRow, b: TypedRow): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
