/**
 * Finds the rows a filter can possibly match by index, so that `appId eq '..'` over a large tenant costs one look-up and not a scan.
 * What it answers is a superset: the predicate is applied on top of it.
 */
import type { ReadModel } from "../state/read-model.ts";
import type { FilterNode } from "./filter.ts";
import type { Literal } from "./filter-lexer.ts";
import type { ResourceType } from "./resource-type.ts";

/** @returns candidate rows, each once, in no order; undefined when only a scan will do. */
export function candidatesOf<Row>(
  type: ResourceType<Row>,
  node: FilterNode,
  model: ReadModel,
): readonly Row[] | undefined {
  switch (node.kind) {
    case "compare":
      return node.operator === "eq" ? lookUp(type, node.path.join("/"), node.literal, model) : undefined;
    case "in":
      return union(
        type,
        node.literals.map((literal) => lookUp(type, node.path.join("/"), literal, model)),
      );
    case "and":
      return smallest(node.parts.map((part) => candidatesOf(type, part, model)));
    case "or":
      return union(
        type,
        node.parts.map((part) => candidatesOf(type, part, model)),
      );
    case "lambda": {
      const { body } = node;
      const isEquality =
        node.quantifier === "any" &&
        body?.kind === "compare" &&
        body.operator === "eq" &&
        body.path.length === 1 &&
        body.path[0] === node.variable;
      return isEquality ? lookUp(type, node.path.join("/"), body.literal, model) : undefined;
    }
    case "not":
    case "function":
      return undefined;
  }
}

function lookUp<Row>(
  type: ResourceType<Row>,
  path: string,
  literal: Literal,
  model: ReadModel,
): readonly Row[] | undefined {
  if (literal.kind !== "string" && literal.kind !== "guid") return undefined;
  const folded = path.toLowerCase();
  for (const [name, find] of Object.entries(type.indexes))
    if (name.toLowerCase() === folded) return find(model, literal.value.toLowerCase());
  return undefined;
}

function union<Row>(type: ResourceType<Row>, parts: readonly (readonly Row[] | undefined)[]): Row[] | undefined {
  const rows = new Map<string, Row>();
  for (const part of parts) {
    if (part === undefined) return undefined;
    for (const row of part) rows.set(type.keyOf(row), row);
  }
  return [...rows.values()];
}

function smallest<Row>(parts: readonly (readonly Row[] | undefined)[]): readonly Row[] | undefined {
  let least: readonly Row[] | undefined;
  for (const part of parts) if (part !== undefined && (least === undefined || part.length < least.length)) least = part;
  return least;
}
