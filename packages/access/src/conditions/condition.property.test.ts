/**
 * Random trees and asks against an oracle of another shape (sets of possible answers, regular expressions, big integers), and texts
 * of all kinds against the promise never to throw.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { builtinRoles } from "../roles.ts";
import { evaluateCondition, parseCondition } from "./condition.ts";
import { describeCondition } from "./description.ts";
import type { AttributeOperand, Comparison, Expression, Literal, Operand } from "./expression.ts";
import type { ConditionInput } from "./inquiry.ts";
import { Inquiry } from "./inquiry.ts";
import { operators, quantifiers } from "./operators.ts";
import { printExpression } from "./printer.ts";
import { evaluateTree } from "./program.ts";
import { reviewCondition } from "./review.ts";
import type { AttributeScalar, AttributeValue } from "./values.ts";

const NO_RANGE = { start: 0, end: 0 };
const SOURCES = ["resource", "request", "principal", "environment"] as const;
const NAMES = [
  "a",
  "B.c/d:name",
  "t/tags:Key<$key_case_sensitive$>",
  "t/tags:key<$key_case_sensitive$>",
  "t/tags&$keys$&",
];
const TEXTS = ["", "a", "A", "ab", "a*", "a?b", "A\\*", "*", "b/a.b", "2022-06-01T00:00:00Z"];
const GUIDS = ["0", "1"].map((digit) => [8, 4, 4, 4, 12].map((count) => digit.repeat(count)).join("-"));
const TIMES = ["2022-06-01T00:00:00Z", "2022-06-01T00:00:00.0000001Z", "2024-02-29T12:00:00.5Z"];
const ACTIONS = ["A.B/read", "A.B/c/write"];
const PATTERNS = [...ACTIONS, "A.B/*", "*/WRITE", "*"];

const oneOf = <T>(list: readonly T[]) => fc.constantFrom(...list);
const attribute: fc.Arbitrary<AttributeOperand> = fc.record({
  kind: fc.constant("attribute" as const),
  source: oneOf(SOURCES),
  name: oneOf(NAMES),
});
const LITERALS: Record<string, fc.Arbitrary<Literal>> = {
  bool: fc.boolean().map((value) => ({ type: "boolean", value })),
  string: oneOf(TEXTS).map((value) => ({ type: "string", value })),
  numeric: fc.integer({ min: -2, max: 2 }).map((value) => ({ type: "integer", value })),
  datetime: oneOf(TIMES).map((value) => ({ type: "string", value })),
  guid: oneOf(GUIDS).map((value) => ({ type: "guid", value })),
};

const comparison: fc.Arbitrary<Comparison> = oneOf(operators).chain(({ name, type, canQuantify }) => {
  const literal = LITERALS[type]!;
  const one: fc.Arbitrary<Operand> = literal.map((each) => ({ kind: "literal", literal: each }));
  const many: fc.Arbitrary<Operand> = fc
    .array(literal, { minLength: 1, maxLength: 3 })
    .map((literals) => ({ kind: "list", literals }));
  const plain = fc.record({
    kind: fc.constant("comparison" as const),
    left: fc.oneof({ weight: 3, arbitrary: attribute }, { weight: 1, arbitrary: one }),
    quantifier: fc.constant(null),
    operator: fc.constant(name),
    right: fc.oneof({ weight: 3, arbitrary: one }, { weight: 1, arbitrary: attribute }),
    range: fc.constant(NO_RANGE),
  });
  const quantified = fc.record({
    kind: fc.constant("comparison" as const),
    left: fc.oneof({ weight: 3, arbitrary: attribute }, { weight: 1, arbitrary: many }),
    quantifier: oneOf(quantifiers),
    operator: fc.constant(name),
    right: fc.oneof({ weight: 3, arbitrary: many }, { weight: 1, arbitrary: attribute }, { weight: 1, arbitrary: one }),
    range: fc.constant(NO_RANGE),
  });
  return canQuantify ? fc.oneof(plain, quantified) : plain;
});

const expressions = (withExistence: boolean): fc.Arbitrary<Expression> =>
  fc.letrec<{ node: Expression }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      { weight: 4, arbitrary: comparison },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: oneOf(["action-matches", "sub-operation-matches"] as const),
          pattern: oneOf(PATTERNS),
          range: fc.constant(NO_RANGE),
        }),
      },
      {
        weight: withExistence ? 1 : 0,
        arbitrary: fc.record({ kind: fc.constant("exists" as const), attribute, range: fc.constant(NO_RANGE) }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: oneOf(["and", "or"] as const),
          operands: fc.array(tie("node"), { minLength: 2, maxLength: 3 }),
          range: fc.constant(NO_RANGE),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant("not" as const), operand: tie("node"), range: fc.constant(NO_RANGE) }),
      },
    ),
  })).node;

const scalar: fc.Arbitrary<AttributeScalar> = fc.oneof(
  { weight: 3, arbitrary: oneOf(TEXTS) },
  { weight: 1, arbitrary: oneOf([...GUIDS, ...GUIDS.map((guid) => guid.replaceAll("-", "").toUpperCase())]) },
  { weight: 1, arbitrary: oneOf(TIMES) },
  { weight: 1, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.integer({ min: -2, max: 2 }) },
);
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  { weight: 3, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
);
const record = fc.dictionary(oneOf(NAMES.map((name, i) => (i < 2 ? name.toUpperCase() : name))), value, { maxKeys: 5 });
const inputs: fc.Arbitrary<ConditionInput> = fc.record({
  operation: oneOf([...ACTIONS, "a.b/READ"]),
  subOperations: oneOf([undefined, [], ["A.B/read"], ["a.b/c/WRITE", "x"]]),
  attributes: fc.record(
    { resource: record, request: record, principal: record, environment: record },
    { requiredKeys: ["resource"] },
  ),
});

// The oracle. An answer is a list of what it may be: [true], [false], or both when it is not known.

type Possible = readonly boolean[];
const BOTH: Possible = [true, false];

const sameName = (name: string) =>
  name.includes("<$") ? name.replace(/^[^:]*/, (path) => path.toUpperCase()) : name.toUpperCase();

function lookUpValue({ source, name }: AttributeOperand, { attributes }: ConditionInput): AttributeValue | undefined {
  const found = Object.entries(attributes?.[source] ?? {}).find(([each]) => sameName(each) === sameName(name))?.[1];
  return Array.isArray(found) && found.length === 0 ? undefined : found;
}

function ticks(text: string): bigint | undefined {
  const match = /^(.{19})(?:\.(\d+))?Z$/.exec(text);
  const milliseconds = match === null ? Number.NaN : Date.parse(`${match[1]}Z`);
  if (Number.isNaN(milliseconds)) return undefined;
  return BigInt(milliseconds) * 10_000n + BigInt((match![2] ?? "").padEnd(7, "0"));
}

function readAs(type: string, each: unknown): unknown {
  if (type === "Bool") return typeof each === "boolean" ? each : undefined;
  if (type === "Numeric") return typeof each === "number" ? each : undefined;
  if (typeof each !== "string") return undefined;
  if (type === "String") return each;
  if (type === "DateTime") return ticks(each);
  const hexadecimal = each.replaceAll("-", "").toLowerCase();
  return /^[0-9a-f]{32}$/.test(hexadecimal) ? hexadecimal : undefined;
}

function likeExpression(pattern: string): RegExp {
  const source = pattern.replace(/\\[*?]|[\s\S]/g, (each) => {
    if (each === "*") return "[\\s\\S]*";
    if (each === "?") return "[\\s\\S]";
    return (each.length === 2 ? each.charAt(1) : each).replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  });
  return new RegExp(`^${source}$`);
}

function comparePair(operator: string, left: never, right: never): boolean {
  const relation = operator.replace(/^(Bool|String|Numeric|DateTime|Guid)(Not)?/, "").replace("IgnoreCase", "");
  const tests: Record<string, () => boolean> = {
    Equals: () => left === right,
    StartsWith: () => String(left).indexOf(String(right)) === 0,
    Like: () => likeExpression(String(right)).test(String(left)),
    LessThan: () => left < right,
    LessThanEquals: () => !(left > right),
    GreaterThan: () => left > right,
    GreaterThanEquals: () => !(left < right),
  };
  return tests[relation]!() !== operator.includes("Not");
}

function possibleComparison({ left, quantifier, operator, right }: Comparison, input: ConditionInput): Possible {
  const type = /^(Bool|String|Numeric|DateTime|Guid)/.exec(operator)![1]!;
  const sides = [left, right].map((operand) => {
    if (operand.kind === "literal") return [operand.literal.value];
    if (operand.kind === "list") return operand.literals.map((each) => each.value);
    const found = lookUpValue(operand, input);
    if (found === undefined || (quantifier === null && Array.isArray(found))) return undefined;
    return Array.isArray(found) ? found : [found];
  });
  const [lefts, rights] = sides.map((side) =>
    side?.map((each) =>
      readAs(type, operator.endsWith("IgnoreCase") && typeof each === "string" ? each.toLowerCase() : each),
    ),
  );
  if (!lefts || !rights || [...lefts, ...rights].includes(undefined)) return BOTH;
  const [, leftWord, rightWord] = /^For(Any|All)Of(Any|All)Values$/.exec(quantifier ?? "ForAllOfAllValues")!;
  const holds = (each: unknown) => {
    const results = rights.map((other) => comparePair(operator, each as never, other as never));
    return rightWord === "Any" ? results.includes(true) : !results.includes(false);
  };
  const results = lefts.map(holds);
  return [leftWord === "Any" ? results.includes(true) : !results.includes(false)];
}

function possible(expression: Expression, input: ConditionInput): Possible {
  switch (expression.kind) {
    case "comparison":
      return possibleComparison(expression, input);
    case "exists":
      return input.attributes?.[expression.attribute.source]
        ? [lookUpValue(expression.attribute, input) !== undefined]
        : BOTH;
    case "not":
      return possible(expression.operand, input).map((each) => !each);
    case "action-matches":
    case "sub-operation-matches": {
      const wanted = new RegExp(`^${expression.pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`, "i");
      if (expression.kind === "action-matches") return [wanted.test(input.operation)];
      return input.subOperations ? [input.subOperations.some((each) => wanted.test(each))] : BOTH;
    }
    default: {
      const parts = expression.operands.map((each) => possible(each, input));
      const some = (truth: boolean) => parts.some((part) => part.includes(truth));
      const every = (truth: boolean) => parts.every((part) => part.includes(truth));
      const [canBeTrue, canBeFalse] =
        expression.kind === "and" ? [every(true), some(false)] : [some(true), every(false)];
      return [...(canBeTrue ? [true] : []), ...(canBeFalse ? [false] : [])];
    }
  }
}

function read(text: string) {
  const result = parseCondition(text);
  assert.ok(result.isValid, `${text}: ${JSON.stringify(result)}`);
  return result.condition;
}

function withoutRanges(expression: Expression): unknown {
  return JSON.parse(JSON.stringify(expression, (key, each) => (key === "range" ? undefined : each)));
}

test("the evaluator agrees with the oracle, and its two ways with each other", () => {
  const seen = { true: 0, false: 0, unknown: 0 };
  fc.assert(
    fc.property(expressions(true), fc.array(inputs, { minLength: 3, maxLength: 3 }), (expression, asks) => {
      const condition = read(printExpression(expression));
      for (const ask of asks) {
        const expected = possible(expression, ask);
        const outcome = evaluateCondition(condition, ask);
        const truth = evaluateTree(condition.expression, new Inquiry(ask));
        const answer = outcome.isTrue ? "true" : outcome.isUnknown ? "unknown" : "false";
        seen[answer] += 1;
        const context = () => `${condition.text} ${JSON.stringify(ask)}`;
        assert.equal(answer, expected.length === 2 ? "unknown" : String(expected[0]), context());
        assert.equal(outcome.isTrue, truth === 2, context());
        if (outcome.isTrue) continue;
        const { range, text } = outcome.clause;
        assert.ok(range.start < range.end && range.end <= condition.text.length && text.length > 0);
      }
    }),
    { numRuns: 2500 },
  );
  for (const [answer, count] of Object.entries(seen)) assert.ok(count > 500, `${answer}: ${count}`);
});

test("what is true without an attribute stays true whatever its value would be", () => {
  const seen = { granted: 0 };
  fc.assert(
    fc.property(
      expressions(false),
      inputs,
      oneOf(SOURCES),
      oneOf(NAMES),
      value,
      (expression, ask, source, name, any) => {
        const condition = read(printExpression(expression));
        const taken = Object.entries(ask.attributes?.[source] ?? {}).filter(
          ([each]) => sameName(each) !== sameName(name),
        );
        const without = { ...ask, attributes: { ...ask.attributes, [source]: Object.fromEntries(taken) } };
        const withAny = {
          ...ask,
          attributes: { ...ask.attributes, [source]: Object.fromEntries([...taken, [name, any]]) },
        };
        if (!evaluateCondition(condition, without).isTrue) return;
        seen.granted += 1;
        const outcome = evaluateCondition(condition, withAny);
        assert.ok(outcome.isTrue, condition.text);
      },
    ),
    { numRuns: 2500 },
  );
  assert.ok(seen.granted > 250, `${seen.granted}`);
});

test("what is printed reads as the same tree", () => {
  fc.assert(
    fc.property(expressions(true), (expression) => {
      const text = printExpression(expression);
      const again = read(text).expression;
      assert.deepEqual(withoutRanges(again), withoutRanges(expression), text);
      assert.equal(printExpression(again), text);
    }),
    { numRuns: 2500 },
  );
});

const SAMPLES = [
  ...builtinRoles.flatMap((role) => role.permissions).flatMap(({ condition }) => (condition ? [condition] : [])),
  "((!(ActionMatches{'A.B/read'} AND NOT SubOperationMatches{'Blob.List'})) OR (@Resource[t/tags:Key<$key_case_sensitive$>] StringLike 'a*\\?' || !Exists @Request[a]))",
];
const FRAGMENTS = [
  "'",
  "(",
  ")",
  "{",
  "}",
  "[",
  "]",
  "@",
  "!",
  "&&",
  "||",
  " AND ",
  " OR ",
  "NOT ",
  ",",
  ":",
  "<$",
  "\\",
  "\0",
  "\ud800",
  "é",
  "-",
  "1e9",
  "ForAnyOfAnyValues:",
  "@Resource[",
  "Exists ",
];
const mutated = fc
  .tuple(oneOf(SAMPLES), fc.array(fc.tuple(fc.nat(), fc.nat(12), oneOf(FRAGMENTS)), { minLength: 1, maxLength: 4 }))
  .map(([text, edits]) =>
    edits.reduce((result, [at, cut, insert]) => {
      const place = at % (result.length + 1);
      return result.slice(0, place) + insert + result.slice(place + cut);
    }, text),
  );
const soup = fc.array(fc.oneof(oneOf(FRAGMENTS), oneOf(TEXTS), oneOf(operators.map(({ name }) => name))), {
  maxLength: 30,
});

test("no text makes it throw, and a fault has a place in the text", () => {
  const seen = { valid: 0, faults: new Set<string>() };
  const texts = fc.oneof(
    { weight: 3, arbitrary: mutated },
    { weight: 1, arbitrary: soup.map((parts) => parts.join("")) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("latin1")) },
  );
  fc.assert(
    fc.property(texts, inputs, (text, ask) => {
      const result = parseCondition(text);
      if (!result.isValid) {
        seen.faults.add(result.fault.kind);
        assert.ok(result.fault.position >= 0 && result.fault.position <= text.length);
        return;
      }
      seen.valid += 1;
      assert.equal(typeof evaluateCondition(result.condition, ask).isTrue, "boolean");
      assert.ok(describeCondition(result.condition).length > 0);
      assert.ok(Array.isArray(reviewCondition(result.condition)));
    }),
    { numRuns: 10_000 },
  );
  assert.ok(seen.valid > 50, `${seen.valid} valid`);
  assert.ok(seen.faults.size >= 6, [...seen.faults].join());
});
