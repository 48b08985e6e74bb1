/**
 * Turns a filter's tree into a test of rows, or refuses what Graph's directory would refuse: never an empty list for a filter that was not
 * understood (a client that is told "there is none" goes and makes a second one).
 *
 * Spec: https://learn.microsoft.com/graph/aad-advanced-queries, https://learn.microsoft.com/graph/filter-query-parameter
 */
import { isGuid } from "../state/identifiers.ts";
import type { FilterNode, FilterPath } from "./filter.ts";
import type { Literal } from "./filter-lexer.ts";
import { refuseGraph } from "./graph-fault.ts";
import type { FilterField, FilterKind, FilterTraits, ReadAt, ResourceType } from "./resource-type.ts";

export type Predicate<Row> = (row: Row, at: ReadAt) => boolean;

type Reader<Row> = FilterTraits & {
  readonly kind: FilterKind;
  readonly read: (row: Row, at: ReadAt) => unknown;
  readonly name: string;
};
/** Finds what a path means where it stands: a property of the type, or within a lambda a member of its variable. */
type Scope<Row> = {
  readonly reader: (path: FilterPath) => Reader<Row>;
  readonly lambda?: (node: FilterNode & { kind: "lambda" }) => Predicate<Row>;
};

/** The type that is asked, by its names, and whether Graph's index is asked or the plain store. */
type Setting = { readonly name: string; readonly title: string; readonly isAdvanced: boolean };

/** How refusals name the operators that only Graph's index has. */
const indexOperators = {
  ne: "NotEqualsMatch",
  not: "Not",
  endswith: "endsWith",
  all: "All",
  null: "EqualsMatch",
} as const;

/**
 * @param isAdvanced whether the request carries `ConsistencyLevel: eventual` and `$count=true`; `ne`, `not`, `endswith`, `all`, `/$count`,
 * a comparison with null and some properties need them.
 * @throws GraphRefusal `filter-unsupported`, `filter-types`, `property-unknown`, `query-needs-consistency-level`.
 */
export function compileFilter<Row>(type: ResourceType<Row>, node: FilterNode, isAdvanced: boolean): Predicate<Row> {
  const setting: Setting = { name: type.name, title: type.title, isAdvanced };
  const scope: Scope<Row> = {
    reader: (path) =>
      path.at(-1) === "$count" ? countReader(setting, type, path.slice(0, -1)) : plainReader(setting, type, path),
    lambda: (lambda) => compileLambda(setting, type, lambda),
  };
  return compile(setting, node, scope);
}

function plainReader<Row>(setting: Setting, type: ResourceType<Row>, path: FilterPath): Reader<Row> {
  const field = fieldOf(setting, type, path);
  if (field.kind === "texts" || field.kind === "objects" || field.kind === "related") unsupported(setting, path);
  return { ...field, name: path.join("/") };
}

/** `tags/$count`, `owners/$count`: how many things a collection holds, or a relationship leads to. */
function countReader<Row>(setting: Setting, type: ResourceType<Row>, path: FilterPath): Reader<Row> {
  if (path.length === 0) unsupported(setting, ["$count"]);
  const field = fieldOf(setting, type, path);
  if (field.kind !== "texts" && field.kind !== "objects" && field.kind !== "related") unsupported(setting, path);
  if (!setting.isAdvanced) unsupported(setting, path);
  return { kind: "number", read: (row, at) => field.read(row, at).length, name: `${path.join("/")}/$count` };
}

function needIndex({ isAdvanced }: Setting, operator: keyof typeof indexOperators): void {
  if (!isAdvanced) refuseGraph({ kind: "query-needs-consistency-level", operator: indexOperators[operator] });
}

function compile<Row>(setting: Setting, node: FilterNode, scope: Scope<Row>): Predicate<Row> {
  switch (node.kind) {
    case "and":
    case "or": {
      const parts = node.parts.map((part) => compile(setting, part, scope));
      if (node.kind === "and") return (row, at) => parts.every((part) => part(row, at));
      return (row, at) => parts.some((part) => part(row, at));
    }
    case "not": {
      needIndex(setting, "not");
      const part = compile(setting, node.part, scope);
      return (row, at) => !part(row, at);
    }
    case "compare":
      return compileComparison(setting, node, scope.reader(node.path));
    case "in": {
      const reader = scope.reader(node.path);
      const tests = node.literals.map((literal) =>
        compileComparison(setting, { kind: "compare", path: node.path, operator: "eq", literal }, reader),
      );
      return (row, at) => tests.some((test) => test(row, at));
    }
    case "function":
      return compileFunction(setting, node, scope.reader(node.path));
    case "lambda":
      return scope.lambda?.(node) ?? unsupported(setting, node.path);
  }
}

/** Numbers that a collection's `$count` is compared with: only whether it is empty, or holds one. @see https://learn.microsoft.com/graph/aad-advanced-queries */
const countsAsked: readonly unknown[] = [0, 1];

function compileComparison<Row>(
  setting: Setting,
  node: FilterNode & { kind: "compare" },
  reader: Reader<Row>,
): Predicate<Row> {
  const { operator } = node;
  const wanted = comparable(setting, reader, node.literal, operator);
  if (operator === "ne") needIndex(setting, "ne");
  if (wanted === null) needIndex(setting, "null");
  if (reader.name.endsWith("/$count") && !countsAsked.includes(wanted)) unsupported(setting, node.path);
  const read = (row: Row, at: ReadAt) => comparableValue(reader.kind, reader.read(row, at));
  if (operator === "eq") return (row, at) => read(row, at) === wanted;
  if (operator === "ne") return (row, at) => read(row, at) !== wanted;
  const isOrdered = reader.kind === "text" || reader.kind === "time";
  // The directory orders by ge and le only; gt and lt it refuses.
  if (!isOrdered || wanted === null || operator === "gt" || operator === "lt") unsupported(setting, node.path);
  return (row, at) => {
    const value = read(row, at);
    if (value === null) return false;
    return operator === "ge" ? value >= wanted : value <= wanted;
  };
}

function compileFunction<Row>(
  setting: Setting,
  node: FilterNode & { kind: "function" },
  reader: Reader<Row>,
): Predicate<Row> {
  // The directory has no `contains`; `$search` is its way to look inside a text.
  if (reader.kind !== "text" || node.name === "contains") unsupported(setting, node.path);
  const wanted = comparable(setting, reader, node.literal, node.name);
  if (typeof wanted !== "string") unsupported(setting, node.path);
  if (node.name === "endswith") {
    needIndex(setting, "endswith");
    if (reader.canEndWith !== true) unsupported(setting, node.path);
  }
  return (row, at) => {
    const value = comparableValue("text", reader.read(row, at));
    if (typeof value !== "string") return false;
    return node.name === "startswith" ? value.startsWith(wanted) : value.endsWith(wanted);
  };
}

function compileLambda<Row>(
  setting: Setting,
  type: ResourceType<Row>,
  node: FilterNode & { kind: "lambda" },
): Predicate<Row> {
  const field = fieldOf(setting, type, node.path);
  if (field.kind !== "texts" && field.kind !== "objects") unsupported(setting, node.path);
  if (node.quantifier === "all") needIndex(setting, "all");
  const { body } = node;
  if (body === undefined) return (row, at) => field.read(row, at).length > 0;
  const test = compile<unknown>(setting, body, { reader: (path) => memberReader(setting, node, field, path) });
  if (node.quantifier === "any") return (row, at) => field.read(row, at).some((item) => test(item, at));
  return (row, at) => field.read(row, at).every((item) => test(item, at));
}

/** Within a lambda a path is the variable itself (a string) or one member of it (an object). */
function memberReader<Row>(
  setting: Setting,
  node: FilterNode & { kind: "lambda" },
  field: FilterField<Row> & { kind: "texts" | "objects" },
  path: FilterPath,
): Reader<unknown> {
  const [variable, ...rest] = path;
  const name = [...node.path, ...rest].join("/");
  if (variable !== node.variable) {
    const option = "filter";
    refuseGraph({ kind: "property-unknown", property: String(variable), type: setting.name, option });
  }
  if (field.kind === "texts") {
    if (rest.length > 0) unsupported(setting, node.path);
    return { kind: "text", read: (item) => item, name, canEndWith: field.canEndWith === true };
  }
  const member = Object.keys(field.members).find((key) => key.toLowerCase() === rest[0]?.toLowerCase());
  if (member === undefined || rest.length !== 1) unsupported(setting, [...node.path, ...rest]);
  const read = (item: unknown) => (item as Readonly<Record<string, unknown>>)[member];
  return { kind: field.members[member]!, read, name };
}

function fieldOf<Row>(setting: Setting, type: ResourceType<Row>, path: FilterPath): FilterField<Row> {
  const folded = path.join("/").toLowerCase();
  for (const [name, field] of Object.entries(type.filters)) {
    if (name.toLowerCase() !== folded) continue;
    if (field.isAdvanced === true && !setting.isAdvanced) unsupported(setting, path);
    return field;
  }
  const first = path[0]!.toLowerCase();
  if (!type.properties.some((property) => property.name.toLowerCase() === first)) {
    const option = "filter";
    refuseGraph({ kind: "property-unknown", property: path[0]!, type: setting.name, option });
  }
  return unsupported(setting, path);
}

function unsupported({ title }: Pick<Setting, "title">, path: FilterPath): never {
  refuseGraph({ kind: "filter-unsupported", property: path.join("/"), resource: title });
}

const edmNames = {
  text: "Edm.String",
  string: "Edm.String",
  identifier: "Edm.String",
  guid: "Edm.Guid",
  boolean: "Edm.Boolean",
  time: "Edm.DateTimeOffset",
  number: "Edm.Int32",
} as const;

const operatorNames: Readonly<Record<string, string>> = {
  eq: "Equal",
  ne: "NotEqual",
  gt: "GreaterThan",
  ge: "GreaterThanOrEqual",
  lt: "LessThan",
  le: "LessThanOrEqual",
};

/** A literal in the form that {@link comparableValue} gives the property's values; refuses one of another type. */
function comparable<Row>(
  setting: Setting,
  reader: Reader<Row>,
  literal: Literal,
  operator: string,
): string | number | boolean | null {
  if (literal.kind === "null") return null;
  const isMatch =
    literal.kind === reader.kind ||
    (reader.kind === "text" && literal.kind === "string") ||
    (reader.kind === "identifier" && (literal.kind === "string" || literal.kind === "guid"));
  if (!isMatch) {
    const right = edmNames[literal.kind];
    const name = operatorNames[operator] ?? operator;
    refuseGraph({ kind: "filter-types", left: edmNames[reader.kind], right, operator: name });
  }
  if (reader.kind === "identifier" && !isGuid(literal.value))
    refuseGraph({ kind: "body-property-invalid", property: reader.name, resource: setting.title });
  if (reader.kind === "time" && Number.isNaN(literal.value)) unsupported(setting, [reader.name]);
  return typeof literal.value === "string" ? literal.value.toLowerCase() : literal.value;
}

/** A property's value in the form that compares: text folded, times as milliseconds, absent as null. */
function comparableValue(kind: FilterKind, value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (kind === "time") return Date.parse(String(value));
  if (kind === "boolean") return value as boolean;
  if (kind === "number") return value as number;
  return String(value).toLowerCase();
}
