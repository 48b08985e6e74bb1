/**
 * The operators: what each compares and how.
 *
 * Owns the table; parser, evaluator, printer and editors all read it.
 * @see https://learn.microsoft.com/azure/role-based-access-control/conditions-format#operators
 */
import { foldCase } from "../case-folding.ts";
import type { OperatorName, Quantifier } from "./expression.ts";
import { LikePattern } from "./like-pattern.ts";
import type { Comparable, OperandType } from "./values.ts";

/** What two values are compared for. */
export type Relation = "equals" | "starts-with" | "like" | "less" | "at-most" | "greater" | "at-least";

/** One operator. */
export interface Operator {
  readonly name: OperatorName;
  readonly type: OperandType;
  readonly relation: Relation;
  /** The answer is turned round. */
  readonly isNegated: boolean;
  readonly ignoresCase: boolean;
  /** Whether `ForAnyOfAnyValues:` and its like may stand before it; the documentation's lists say which. */
  readonly canQuantify: boolean;
}

const RELATIONS: Readonly<Record<string, Relation>> = {
  Equals: "equals",
  StartsWith: "starts-with",
  Like: "like",
  LessThan: "less",
  LessThanEquals: "at-most",
  GreaterThan: "greater",
  GreaterThanEquals: "at-least",
};

const TYPES: readonly [prefix: string, type: OperandType, relations: readonly string[], endings: readonly string[]][] =
  [
    ["Bool", "bool", ["Equals", "NotEquals"], [""]],
    ["String", "string", ["Equals", "NotEquals", "StartsWith", "NotStartsWith", "Like", "NotLike"], ["", "IgnoreCase"]],
    ...(["Numeric", "DateTime"] as const).map((prefix): [string, OperandType, string[], string[]] => [
      prefix,
      prefix === "Numeric" ? "numeric" : "datetime",
      ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"],
      [""],
    ]),
    ["Guid", "guid", ["Equals", "NotEquals"], [""]],
  ];

/** All operators. */
export const operators: readonly Operator[] = TYPES.flatMap(([prefix, type, relations, endings]) =>
  relations.flatMap((relation) =>
    endings.map((ending) => ({
      name: `${prefix}${relation}${ending}` as OperatorName,
      type,
      relation: RELATIONS[relation.replace("Not", "")]!,
      isNegated: relation.startsWith("Not"),
      ignoresCase: ending === "IgnoreCase",
      canQuantify: type !== "bool" && type !== "datetime" && !relation.endsWith("StartsWith"),
    })),
  ),
);

/** All quantifiers. */
export const quantifiers: readonly Quantifier[] = [
  "ForAnyOfAnyValues",
  "ForAllOfAnyValues",
  "ForAnyOfAllValues",
  "ForAllOfAllValues",
];

const operatorsByName = new Map(operators.map((operator) => [foldCase(operator.name), operator]));
const quantifiersByName = new Map(quantifiers.map((quantifier) => [foldCase(quantifier), quantifier]));

/** Gives an operator by its name, or undefined; case does not count, as live conditions need (`boolequals`). */
export function findOperator(name: string): Operator | undefined {
  return operatorsByName.get(foldCase(name));
}

/** Gives a quantifier by its name without the colon, or undefined; case does not count. */
export function findQuantifier(name: string): Quantifier | undefined {
  return quantifiersByName.get(foldCase(name));
}

/** What stands on the right: a value, or for the Like operators a pattern. */
export type RightSide = Comparable | LikePattern;

/** Makes a value that was read ready to stand on the right. */
export function prepareRight(operator: Operator, value: Comparable): RightSide {
  return operator.relation === "like" ? new LikePattern(String(value)) : value;
}

const TESTS: Readonly<Record<Relation, (left: Comparable, right: RightSide) => boolean>> = {
  equals: (left, right) => left === right,
  "starts-with": (left, right) => (left as string).startsWith(right as string),
  like: (left, right) => (right as LikePattern).matches(left as string),
  less: (left, right) => left < (right as Comparable),
  "at-most": (left, right) => left <= (right as Comparable),
  greater: (left, right) => left > (right as Comparable),
  "at-least": (left, right) => left >= (right as Comparable),
};

/** Gives the test of one value against another; both were read as the operator's type. */
export function testOf(operator: Operator): (left: Comparable, right: RightSide) => boolean {
  const test = TESTS[operator.relation];
  return operator.isNegated ? (left, right) => !test(left, right) : test;
}
