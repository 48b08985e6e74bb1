import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_ATTRIBUTE_VALUES } from "./comparison.ts";
import { evaluateCondition, parseCondition } from "./condition.ts";
import type { ConditionInput } from "./inquiry.ts";
import type { AttributeValue } from "./values.ts";

type Answer = "true" | "false" | "unknown";

function evaluate(text: string, input: Partial<ConditionInput> = {}): Answer {
  const result = parseCondition(text);
  assert.ok(result.isValid, `${text}: ${JSON.stringify(result)}`);
  const outcome = evaluateCondition(result.condition, { operation: "A.B/read", ...input });
  if (outcome.isTrue) return "true";
  return outcome.isUnknown ? "unknown" : "false";
}

function withX(text: string, x?: AttributeValue): Answer {
  return evaluate(text, { attributes: { resource: x === undefined ? {} : { x } } });
}

function check(rows: readonly (readonly [text: string, answer: Answer])[]): void {
  for (const [text, answer] of rows) assert.equal(evaluate(text), answer, text);
}

test("the documented truth table of the cross product", () => {
  check([
    ["{'red', 'blue'} ForAnyOfAnyValues:StringEquals {'blue', 'green'}", "true"],
    ["{'red', 'blue'} ForAnyOfAnyValues:StringEquals {'orange', 'green'}", "false"],
    ["{'red', 'blue'} ForAllOfAnyValues:StringEquals {'orange', 'red', 'blue'}", "true"],
    ["{'red', 'blue'} ForAllOfAnyValues:StringEquals {'red', 'green'}", "false"],
    ["{10, 20} ForAnyOfAllValues:NumericLessThan {15, 18}", "true"],
    ["{10, 20} ForAllOfAllValues:NumericLessThan {5, 15, 18}", "false"],
    ["{10, 20} ForAllOfAllValues:NumericLessThan {25, 30}", "true"],
    ["{10, 20} ForAllOfAllValues:NumericLessThan {15, 25, 30}", "false"],
  ]);
});

test("negated operators under quantifiers compare pair by pair", () => {
  check([
    ["{'a', 'b'} ForAnyOfAnyValues:StringNotEquals {'a'}", "true"],
    ["{'a'} ForAnyOfAnyValues:StringNotEquals {'a'}", "false"],
    ["{'a', 'b'} ForAllOfAllValues:StringNotEquals {'c', 'd'}", "true"],
    ["{'a', 'b'} ForAllOfAllValues:StringNotEquals {'c', 'b'}", "false"],
    ["{'a', 'b'} ForAnyOfAllValues:StringNotLikeIgnoreCase {'A*', 'c'}", "true"],
    ["{'ab', 'cd'} ForAllOfAnyValues:StringLike {'a?', '?d'}", "true"],
    [`${"0".repeat(32)} ForAnyOfAllValues:GuidNotEquals {${"1".repeat(32)}, ${"2".repeat(32)}}`, "true"],
    [`${"1".repeat(32)} ForAnyOfAllValues:GuidNotEquals {${"1".repeat(32)}, ${"2".repeat(32)}}`, "false"],
  ]);
});

test("documented examples of ActionMatches and StringLike", () => {
  const operation = "Microsoft.Authorization/roleAssignments/write";
  assert.equal(evaluate("ActionMatches{'Microsoft.Authorization/roleAssignments/*'}", { operation }), "true");
  assert.equal(evaluate("ActionMatches{'Microsoft.Authorization/roleDefinitions/*'}", { operation }), "false");
  assert.equal(evaluate("ActionMatches{'microsoft.authorization/ROLEASSIGNMENTS/write'}", { operation }), "true");
  assert.equal(withX("@Resource[x] StringLike 'a*c?'", "abcd"), "true");
  assert.equal(withX("@Resource[x] StringLike 'A*C?'", "abcd"), "false");
  assert.equal(withX("@Resource[x] StringLikeIgnoreCase 'A*C?'", "abcd"), "true");
  assert.equal(withX("@Resource[x] StringLike 'a*c'", "abcd"), "false");
});

test("every operator, true and false", () => {
  const guid = "08d4c71a-cc63-4ce4-a9c8-5dd251b4d619";
  const time = "2022-06-01T00:00:00.5Z";
  const rows: [operator: string, literal: string, isTrueFor: AttributeValue, isFalseFor: AttributeValue][] = [
    ["BoolEquals", "true", true, false],
    ["BoolNotEquals", "true", false, true],
    ["StringEquals", "'Ab'", "Ab", "ab"],
    ["StringEqualsIgnoreCase", "'Ab'", "aB", "b"],
    ["StringNotEquals", "'Ab'", "ab", "Ab"],
    ["StringNotEqualsIgnoreCase", "'Ab'", "b", "aB"],
    ["StringStartsWith", "'Ab*'", "Ab*c", "Abc"],
    ["StringStartsWithIgnoreCase", "'Ab'", "aBc", "xab"],
    ["StringNotStartsWith", "'Ab'", "abc", "Abc"],
    ["StringNotStartsWithIgnoreCase", "'Ab'", "xab", "aBc"],
    ["StringLike", "'A?*'", "Ab", "ab"],
    ["StringLikeIgnoreCase", "'A?*'", "ab", "a"],
    ["StringNotLike", "'A?*'", "ab", "Ab"],
    ["StringNotLikeIgnoreCase", "'A?*'", "a", "ab"],
    ["NumericEquals", "10", 10, 9],
    ["NumericNotEquals", "10", 9, 10],
    ["NumericLessThan", "10", 9, 10],
    ["NumericLessThanEquals", "10", 10, 11],
    ["NumericGreaterThan", "-1", 0, -1],
    ["NumericGreaterThanEquals", "9", 10, 8],
    ["DateTimeEquals", `'${time}'`, "2022-06-01T00:00:00.5000000Z", "2022-06-01T00:00:00.5000001Z"],
    ["DateTimeNotEquals", `'${time}'`, "2022-06-01T00:00:00Z", time],
    ["DateTimeLessThan", `'${time}'`, "2022-06-01T00:00:00.49Z", time],
    ["DateTimeLessThanEquals", `'${time}'`, time, "2022-06-01T00:00:00.51Z"],
    ["DateTimeGreaterThan", `'${time}'`, "2022-06-01T00:00:00.51Z", time],
    ["DateTimeGreaterThanEquals", `'${time}'`, time, "2022-06-01T00:00:00.49Z"],
    ["GuidEquals", guid, guid.replaceAll("-", "").toUpperCase(), guid.replace("0", "1")],
    ["GuidNotEquals", guid, guid.replace("0", "1"), guid.toUpperCase()],
  ];
  assert.equal(rows.length, 28);
  for (const [operator, literal, isTrueFor, isFalseFor] of rows) {
    const text = `@Resource[x] ${operator} ${literal}`;
    assert.equal(withX(text, isTrueFor), "true", text);
    assert.equal(withX(text, isFalseFor), "false", text);
    const turned = `${literal} ${operator} @Resource[x]`;
    if (operator.endsWith("Equals") && !/Than/.test(operator)) assert.equal(withX(turned, isTrueFor), "true", turned);
  }
});

test("a missing attribute grants nothing, neither plainly nor by a negation", () => {
  for (const text of [
    "@Resource[x] StringEquals 'y'",
    "@Resource[x] StringNotEquals 'y'",
    "NOT @Resource[x] StringEquals 'y'",
    "!(!(@Resource[x] StringEquals 'y'))",
    "!(@Resource[x] StringEquals 'y' AND @Resource[z] StringEquals 'y')",
    "!(@Resource[x] StringEquals 'y' OR @Resource[z] StringEquals 'y')",
    "@Resource[x] ForAllOfAnyValues:StringEquals {'y'}",
    "@Resource[x] ForAllOfAllValues:StringNotEquals {'y'}",
    "NOT @Resource[x] ForAnyOfAnyValues:StringEquals {'y'}",
    "@Resource[x] StringEquals @Resource[x]",
    "!(@Resource[x] StringEquals @Resource[z])",
  ]) {
    assert.equal(withX(text), "unknown", text);
    assert.equal(withX(text, []), "unknown", `${text}, an empty list`);
  }
});

test("what does not depend on the missing attribute is known", () => {
  assert.equal(withX("@Resource[x] StringEquals 'y' OR ActionMatches{'A.B/read'}"), "true");
  assert.equal(withX("@Resource[x] StringEquals 'y' AND ActionMatches{'A.B/write'}"), "false");
  assert.equal(withX("!(@Resource[x] StringEquals 'y' AND ActionMatches{'A.B/write'})"), "true");
});

test("Exists is known once the source is given, and guards", () => {
  assert.equal(withX("Exists @Resource[x]", "y"), "true");
  assert.equal(withX("Exists @Resource[X]", false), "true");
  assert.equal(withX("Exists @Resource[x]"), "false");
  assert.equal(withX("NOT Exists @Resource[x]"), "true");
  assert.equal(withX("NOT Exists @Resource[x]", []), "true");
  assert.equal(withX("@Resource[x] StringNotEquals 'y' OR NOT Exists @Resource[x]"), "true");
  assert.equal(withX("@Resource[x] StringNotEquals 'y' OR NOT Exists @Resource[x]", "y"), "false");
  assert.equal(evaluate("NOT Exists @Resource[x]"), "unknown", "the ask does not give the source");
  assert.equal(evaluate("NOT Exists @Request[x]", { attributes: { resource: {} } }), "unknown");
});

test("a value of another type is neither so nor not so", () => {
  for (const text of [
    "@Resource[x] StringEquals 'y'",
    "NOT @Resource[x] StringEquals 'y'",
    "@Resource[x] StringNotEquals 'y'",
  ]) {
    for (const value of [5, true, ["y"], ["y", "z"]]) assert.equal(withX(text, value), "unknown", `${text} ${value}`);
  }
  assert.equal(withX("NOT @Resource[x] DateTimeLessThan '2022-01-01T00:00:00Z'", "yesterday"), "unknown");
  assert.equal(withX("NOT @Resource[x] GuidEquals 00000000000000000000000000000000", "me"), "unknown");
  assert.equal(withX("@Resource[x] ForAnyOfAnyValues:StringEquals {'y'}", ["y", 5]), "unknown");
  assert.equal(
    withX("@Resource[x] ForAnyOfAnyValues:StringEquals {'y'}", Array(MAX_ATTRIBUTE_VALUES).fill("y")),
    "true",
  );
  assert.equal(
    withX("@Resource[x] ForAnyOfAnyValues:StringEquals {'y'}", Array(MAX_ATTRIBUTE_VALUES + 1).fill("y")),
    "unknown",
  );
});

test("suboperations: given, none, and not said", () => {
  const written = "SubOperationMatches{'blob.list'}";
  const preview = "@Request[subOperation] ForAnyOfAnyValues:StringEqualsIgnoreCase {'blob.list'}";
  for (const text of [written, preview]) {
    assert.equal(evaluate(text, { subOperations: ["Blob.List"] }), "true");
    assert.equal(evaluate(text, { subOperations: ["Blob.Write.Tier"] }), "false");
    assert.equal(evaluate(text, { subOperations: [] }), "false");
    assert.equal(evaluate(`NOT ${text}`, { subOperations: [] }), "true");
    assert.equal(evaluate(`NOT ${text}`), "unknown");
  }
  assert.equal(
    evaluate("@Request[subOperation] ForAllOfAnyValues:StringEquals {'x'}", { subOperations: [] }),
    "unknown",
  );
});

test("a name is found in whichever case either side writes it, and nothing is found on the prototype", () => {
  const attributes = { resource: { "MICROSOFT.X/y:NAME": "v" } };
  assert.equal(evaluate("@Resource[Microsoft.X/y:name] StringEquals 'v'", { attributes }), "true");
  for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
    assert.equal(evaluate(`Exists @Resource[${name}]`, { attributes }), "false", name);
  }
  const tags = { resource: { "a/tags:Project<$key_case_sensitive$>": "v" } };
  assert.equal(
    evaluate("@Resource[A/tags:Project<$key_case_sensitive$>] StringEquals 'v'", { attributes: tags }),
    "true",
  );
  assert.equal(evaluate("Exists @Resource[A/tags:project<$key_case_sensitive$>]", { attributes: tags }), "false");
});

test("the failed clause is the requirement, not the part that says what is meant", () => {
  const text =
    "(!(ActionMatches{'A.B/read'}) OR (@Resource[x] StringEquals 'y' AND @Request[z] StringEquals 'w')) AND (!(ActionMatches{'A.B/write'}) OR @Resource[x] StringEquals 'q')";
  const result = parseCondition(text);
  assert.ok(result.isValid);
  const clauseFor = (input: Partial<ConditionInput>) => {
    const outcome = evaluateCondition(result.condition, { operation: "A.B/read", ...input });
    assert.ok(!outcome.isTrue);
    assert.equal(text.slice(outcome.clause.range.start, outcome.clause.range.end), outcome.clause.text);
    return [outcome.clause.text, outcome.clause.because, outcome.clause.attribute];
  };
  const request = { z: "w" };
  assert.deepEqual(clauseFor({ attributes: { resource: { x: "n" }, request } }), [
    "@Resource[x] StringEquals 'y'",
    "false",
    null,
  ]);
  assert.deepEqual(clauseFor({ attributes: { resource: { x: "y" } } }), [
    "@Request[z] StringEquals 'w'",
    "source-not-given",
    "@Request[z]",
  ]);
  assert.deepEqual(clauseFor({ attributes: { resource: {}, request } }), [
    "@Resource[x] StringEquals 'y'",
    "attribute-missing",
    "@Resource[x]",
  ]);
  assert.deepEqual(clauseFor({ attributes: { resource: { x: 5 }, request } }), [
    "@Resource[x] StringEquals 'y'",
    "value-unfit",
    "@Resource[x]",
  ]);
  assert.deepEqual(clauseFor({ operation: "a.b/WRITE", attributes: { resource: { x: "y" }, request } }), [
    "@Resource[x] StringEquals 'q'",
    "false",
    null,
  ]);
});

test("of several alternatives the whole failed, of a negation too", () => {
  const outcomeOf = (text: string, input: Partial<ConditionInput>) => {
    const result = parseCondition(text);
    assert.ok(result.isValid);
    const outcome = evaluateCondition(result.condition, { operation: "A.B/read", ...input });
    assert.ok(!outcome.isTrue);
    return [outcome.clause.text, outcome.clause.because];
  };
  const either = "@Resource[x] StringEquals 'y' OR @Resource[z] StringEquals 'y'";
  assert.deepEqual(outcomeOf(either, { attributes: { resource: { x: "n", z: "n" } } }), [either, "false"]);
  assert.deepEqual(outcomeOf(either, { attributes: { resource: { x: "n" } } }), [either, "attribute-missing"]);
  const negated = "!(@Resource[x] StringEquals 'y')";
  assert.deepEqual(outcomeOf(negated, { attributes: { resource: { x: "y" } } }), [negated, "false"]);
  assert.deepEqual(outcomeOf(`SubOperationMatches{'s'} AND ${negated}`, { attributes: { resource: { x: "n" } } }), [
    "SubOperationMatches{'s'}",
    "sub-operations-not-given",
  ]);
});
