import assert from "node:assert/strict";
import { test } from "node:test";
import { builtinRoles } from "../roles.ts";
import { parseCondition } from "./condition.ts";
import type { ConditionFaultKind } from "./condition-fault.ts";
import type { Expression } from "./expression.ts";
import { operators, quantifiers } from "./operators.ts";
import { MAX_CONDITION_NESTING, MAX_CONDITION_SIZE_BYTES, MAX_LIST_VALUES } from "./parser.ts";
import { printExpression } from "./printer.ts";

const A = "@Resource[a] StringEquals 'x'";

function parse(text: string): Expression {
  const result = parseCondition(text);
  assert.ok(result.isValid, `${text}: ${JSON.stringify(result)}`);
  return result.condition.expression;
}

/** Reads a text and prints it again. */
function canonical(text: string): string {
  return printExpression(parse(text));
}

test("the conditions of all 29 built-in roles that have them are read", () => {
  const permissions = builtinRoles.flatMap((role) => role.permissions).filter((each) => each.condition);
  const roles = builtinRoles.filter((role) => role.permissions.some((each) => each.condition));
  assert.deepEqual([roles.length, permissions.length], [29, 31]);
  for (const { condition } of permissions) {
    const once = canonical(condition!);
    assert.equal(canonical(once), once);
  }
});

test("both spellings of each logical operator, in any case", () => {
  assert.equal(canonical(`${A} && ${A}`), `${A} AND ${A}`);
  assert.equal(canonical(`${A} and ${A}`), `${A} AND ${A}`);
  assert.equal(canonical(`${A} || ${A}`), `${A} OR ${A}`);
  assert.equal(canonical(`!!${A}`), `NOT !(${A})`);
  assert.equal(canonical(`not Exists @request[a]`), "NOT Exists @Request[a]");
});

test("NOT binds to what follows it", () => {
  const expression = parse(`NOT ${A} AND ${A}`);
  assert.equal(expression.kind, "and");
  assert.equal(expression.kind === "and" && expression.operands[0]?.kind, "not");
});

test("AND beside OR wants parentheses, as the documentation has it", () => {
  const text = `${A} AND ${A} OR ${A}`;
  assert.deepEqual(parseCondition(text), {
    isValid: false,
    fault: { kind: "mixed-and-or", position: text.indexOf(" OR ") + 1 },
  });
  parse(`(${A} AND ${A}) OR ${A}`);
  parse(`${A} AND (${A} OR ${A})`);
});

test("what live conditions have", () => {
  assert.equal(canonical("@Resource[HasObotoken] boolequals true"), "@Resource[HasObotoken] BoolEquals true");
  const guid = "08d4c71a-cc63-4ce4-a9c8-5dd251b4d619";
  for (const written of [guid, guid.replaceAll("-", ""), guid.toUpperCase(), `'${guid}'`]) {
    assert.equal(
      canonical(`@Request[r] ForAnyOfAnyValues:GuidEquals{${written},${guid}}`),
      `@Request[r] ForAnyOfAnyValues:GuidEquals {${guid}, ${guid}}`,
    );
  }
  const digits = "12345678901234567890123456789012";
  assert.equal(
    canonical(`@Request[r] GuidEquals ${digits}`),
    "@Request[r] GuidEquals 12345678-9012-3456-7890-123456789012",
  );
  assert.equal(canonical("@Resource[a] BoolEquals True"), "@Resource[a] BoolEquals true");
});

test("the preview's way to write a suboperation", () => {
  const text =
    "ActionMatches{'x/read'} AND @Request[subOperation] ForAnyOfAnyValues:StringEqualsIgnoreCase {'Blob.List'}";
  assert.equal(canonical(`!(${text})`), `!(${text})`);
});

test("line breaks and tabs are blanks, and blanks are not needed", () => {
  assert.equal(canonical(`(\r\n\t${A}\n)OR(${A})`), `${A} OR ${A}`);
});

test("attributes on both sides, literals on both sides", () => {
  const text = "@Principal[p] StringEquals @Resource[tags:Project<$key_case_sensitive$>]";
  assert.equal(canonical(text), text);
  const literals = "{'red', 'blue'} ForAnyOfAnyValues:StringEquals {'blue', 'green'}";
  assert.equal(canonical(literals), literals);
  assert.equal(canonical("@Resource[a] StringEquals {'x'}"), A, "braces round one value");
});

test("every operator is read, and with every quantifier where the documentation lists it", () => {
  const value = {
    bool: "true",
    string: "'x'",
    numeric: "-5",
    datetime: "'2022-06-01T00:00:00Z'",
    guid: "0".repeat(32),
  };
  assert.equal(operators.length, 28);
  for (const { name, type, canQuantify } of operators) {
    parse(`@Resource[a] ${name} ${value[type]}`);
    for (const quantifier of quantifiers) {
      const result = parseCondition(`@Resource[a] ${quantifier}:${name} {${value[type]}}`);
      assert.equal(result.isValid, canQuantify, `${quantifier}:${name}`);
    }
  }
});

test("faults, each with its place", () => {
  const faults: [text: string, kind: ConditionFaultKind, position: number][] = [
    ["", "empty", 0],
    [" \n", "empty", 0],
    ["()", "unexpected-token", 1],
    ["(", "unexpected-end", 1],
    [`(${A}`, "unexpected-end", A.length + 1],
    [`${A})`, "unexpected-token", A.length],
    [`${A} ${A}`, "unexpected-token", A.length + 1],
    [`${A} AND`, "unexpected-end", A.length + 4],
    ["AND", "unexpected-token", 0],
    ["@Resource[a]", "unexpected-end", 12],
    ["@Resource[a] 'x'", "unexpected-token", 13],
    ["@Resource[a] StringEquals", "unexpected-end", 25],
    ["@Resource[a] StringEquals x", "unexpected-token", 26],
    ["@Resource[a] StringEquals 'x", "unterminated-string", 26],
    ["@Resource[a] StringEquals 'x\ny'", "unexpected-character", 26],
    ["@Resource[a StringEquals 'x'", "unterminated-attribute", 0],
    ["@Resource[] StringEquals 'x'", "invalid-attribute-name", 10],
    ["@Resource[ a] StringEquals 'x'", "invalid-attribute-name", 10],
    ["@Resource['a'] StringEquals 'x'", "invalid-attribute-name", 10],
    ["@Resources[a] StringEquals 'x'", "unknown-attribute-source", 0],
    ["@Resource [a] StringEquals 'x'", "unknown-attribute-source", 0],
    ["@", "unknown-attribute-source", 0],
    ["Resource[a] StringEquals 'x'", "unexpected-character", 8],
    ["@Resource[a] StringSounds 'x'", "unknown-operator", 13],
    ["@Resource[a] ForSomeOfAnyValues:StringEquals {'x'}", "unknown-operator", 13],
    ["@Resource[a] ForAnyOfAnyValues {'x'}", "unknown-operator", 13],
    ["@Resource[a] ForAnyOfAnyValues: StringEquals {'x'}", "unexpected-character", 13],
    ["@Resource[a] ForAnyOfAnyValues:BoolEquals {true}", "quantifier-not-supported", 13],
    ["@Resource[a] ForAnyOfAnyValues:StringStartsWith {'x'}", "quantifier-not-supported", 13],
    ["@Resource[a] StringEquals {'x', 'y'}", "list-without-quantifier", 26],
    ["@Resource[a] ForAnyOfAnyValues:StringEquals {}", "unexpected-token", 45],
    ["@Resource[a] ForAnyOfAnyValues:StringEquals {'x',}", "unexpected-token", 49],
    ["@Resource[a] ForAnyOfAnyValues:StringEquals {'x' 'y'}", "unexpected-token", 49],
    ["@Resource[a] StringEquals 5", "literal-type-mismatch", 26],
    ["@Resource[a] NumericEquals '5'", "literal-type-mismatch", 27],
    ["@Resource[a] BoolEquals 'true'", "literal-type-mismatch", 24],
    ["@Resource[a] GuidEquals 'x'", "literal-type-mismatch", 24],
    ["@Resource[a] ForAnyOfAnyValues:NumericEquals {1, 'x'}", "literal-type-mismatch", 45],
    ["@Resource[a] NumericEquals 1.5", "unexpected-character", 28],
    ["@Resource[a] NumericEquals 9007199254740992", "integer-out-of-range", 27],
    ["@Resource[a] DateTimeEquals '2022-02-30T00:00:00Z'", "invalid-date-time", 28],
    ["ActionMatches('x')", "unexpected-token", 13],
    ["ActionMatches{x}", "unexpected-token", 14],
    ["ActionMatches{' '}", "invalid-pattern", 14],
    ["ActionMatches{'x', 'y'}", "unexpected-token", 17],
    ["Exists 'x'", "unexpected-token", 7],
    [`${A} & ${A}`, "unexpected-character", A.length + 1],
    [`${A}\u00a0AND ${A}`, "unexpected-character", A.length],
    ["true", "unexpected-end", 4],
  ];
  for (const [text, kind, position] of faults) {
    assert.deepEqual(parseCondition(text), { isValid: false, fault: { kind, position } }, text);
  }
});

test("bounds: size in bytes, nesting, values of a list", () => {
  const fill = (character: string, bytes: number) => {
    const frame = "@Resource[a] StringEquals ''";
    return frame.replace("''", `'${character.repeat((bytes - frame.length) / Buffer.byteLength(character))}'`);
  };
  const kind = (text: string) => {
    const result = parseCondition(text);
    return result.isValid ? "valid" : result.fault.kind;
  };
  assert.equal(kind(fill("x", MAX_CONDITION_SIZE_BYTES)), "valid");
  assert.equal(kind(fill("x", MAX_CONDITION_SIZE_BYTES + 1)), "too-large");
  assert.equal(kind(fill("é", MAX_CONDITION_SIZE_BYTES)), "valid");
  assert.equal(kind(fill("é", MAX_CONDITION_SIZE_BYTES + 2)), "too-large");
  for (const [open, close] of [
    ["(", ")"],
    ["!", ""],
  ] as const) {
    const nested = (depth: number) => open.repeat(depth) + A + close.repeat(depth);
    assert.equal(kind(nested(MAX_CONDITION_NESTING)), "valid");
    assert.equal(kind(nested(MAX_CONDITION_NESTING + 1)), "nested-too-deep");
    assert.equal(kind(nested(4000 - A.length)), "nested-too-deep");
  }
  const listed = (count: number) => `@Resource[a] ForAnyOfAnyValues:NumericEquals {${Array(count).fill(1).join(",")}}`;
  assert.equal(kind(listed(MAX_LIST_VALUES)), "valid");
  assert.equal(kind(listed(MAX_LIST_VALUES + 1)), "list-too-long");
});

test("ranges point at the text, parentheses included", () => {
  const text = ` ( ${A} ) OR Exists @Request[b]`;
  const expression = parse(text);
  assert.ok(expression.kind === "or");
  const [first, second] = expression.operands.map(({ range }) => text.slice(range.start, range.end));
  assert.deepEqual([first, second], [`( ${A} )`, "Exists @Request[b]"]);
  assert.equal(text.slice(expression.range.start, expression.range.end), text.trim());
});
