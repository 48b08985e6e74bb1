import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FilterNode, parseFilter } from "./filter.ts";
import type { Literal } from "./filter-lexer.ts";
import { GraphRefusal } from "./graph-fault.ts";

const text = (value: string): Literal => ({ kind: "string", value });

test("reads what the clients send", () => {
  assert.deepEqual(parseFilter("displayName eq 'N'"), {
    kind: "compare",
    path: ["displayName"],
    operator: "eq",
    literal: text("N"),
  });
  assert.deepEqual(parseFilter("startswith(displayName,'O''Brien')"), {
    kind: "function",
    name: "startswith",
    path: ["displayName"],
    literal: text("O'Brien"),
  });
  assert.deepEqual(parseFilter("startsWith (displayName, 'x')"), parseFilter("startswith(displayName,'x')"));
  assert.deepEqual(parseFilter("servicePrincipalNames/any(c:c eq 'X')"), {
    kind: "lambda",
    quantifier: "any",
    path: ["servicePrincipalNames"],
    variable: "c",
    body: { kind: "compare", path: ["c"], operator: "eq", literal: text("X") },
  });
  assert.deepEqual(parseFilter("displayName eq 'a' and mailNickname eq 'b'").kind, "and");
});

test("binds `and` tighter than `or`, and `not` tightest", () => {
  const a = parseFilter("a eq 1");
  const b = parseFilter("b eq 2");
  const c = parseFilter("c eq 3");
  assert.deepEqual(parseFilter("a eq 1 or b eq 2 and c eq 3"), {
    kind: "or",
    parts: [a, { kind: "and", parts: [b, c] }],
  });
  assert.deepEqual(parseFilter("(a eq 1 or b eq 2) and c eq 3"), {
    kind: "and",
    parts: [{ kind: "or", parts: [a, b] }, c],
  });
  assert.deepEqual(parseFilter("not a eq 1 and b eq 2"), { kind: "and", parts: [{ kind: "not", part: a }, b] });
});

test("reads every literal", () => {
  const literalOf = (literal: string) => (parseFilter(`x eq ${literal}`) as FilterNode & { kind: "compare" }).literal;
  assert.deepEqual(literalOf("''"), text(""));
  assert.deepEqual(literalOf("'it''s ''quoted'''"), text("it's 'quoted'"));
  assert.deepEqual(literalOf("true"), { kind: "boolean", value: true });
  assert.deepEqual(literalOf("NULL"), { kind: "null", value: null });
  assert.deepEqual(literalOf("-12.5"), { kind: "number", value: -12.5 });
  const guid = "ABCDEF12-0000-4000-8000-00000000000f";
  assert.deepEqual(literalOf(guid), { kind: "guid", value: guid.toLowerCase() });
  const time = Date.UTC(2026, 2, 1, 12);
  assert.deepEqual(literalOf("2026-03-01T12:00:00Z"), { kind: "time", value: time });
  assert.deepEqual(literalOf("2026-03-01T13:00:00.000+01:00"), { kind: "time", value: time });
});

const broken: readonly [string, number][] = [
  ["", 0],
  ["displayName", 11],
  ["displayName eq", 14],
  ["displayName eq 'x", 15],
  ["displayName equals 'x'", 12],
  ["eq 'x'", 3],
  ["displayName eq 'x' and", 22],
  ["displayName eq 'x' displayName eq 'y'", 19],
  ["(displayName eq 'x'", 19],
  ["displayName eq 'x')", 18],
  ["startswith(displayName)", 22],
  ["startswith(displayName,'x'", 26],
  ["x in ()", 6],
  ["x in ('a',)", 10],
  ["names/any(c c eq 'x')", 12],
  ["names/any(c:", 12],
  ["names/all()", 10],
  ['displayName eq "x"', 15],
  ["a eq 1; drop", 6],
  ["'x' eq displayName", 0],
];

for (const [filter, position] of broken) {
  test(`refuses ${JSON.stringify(filter)} at ${position}`, () => {
    assert.throws(
      () => parseFilter(filter),
      (error) => {
        assert.ok(error instanceof GraphRefusal);
        assert.deepEqual(error.fault, { kind: "filter-syntax", filter, position });
        return true;
      },
    );
  });
}

const deep: readonly [string, string][] = [
  ["parentheses", `${"(".repeat(1000)}a eq 1${")".repeat(1000)}`],
  ["not", `${"not ".repeat(1000)}a eq 1`],
  ["open parentheses", "(".repeat(1000)],
  ["lambdas", `${"a/any(x:".repeat(400)}a eq 1${")".repeat(400)}`],
];

for (const [name, filter] of deep) {
  test(`refuses a thousand levels of ${name}`, () => {
    assert.throws(
      () => parseFilter(filter),
      (error) => error instanceof GraphRefusal && error.fault.kind === "query-malformed",
    );
  });
}

test("refuses a filter of more than 4,096 characters before reading it", () => {
  assert.throws(
    () => parseFilter(`a eq '${"x".repeat(4096)}'`),
    (error) => error instanceof GraphRefusal && error.fault.kind === "query-malformed",
  );
});

test("refuses more than fifteen alternatives", () => {
  const values = Array.from({ length: 16 }, (_, index) => `'${index}'`);
  const tooMany = (filter: string) =>
    assert.throws(
      () => parseFilter(filter),
      (error) => error instanceof GraphRefusal && error.fault.kind === "filter-too-many-clauses",
    );
  tooMany(`x in (${values.join(",")})`);
  tooMany(values.map((value) => `x eq ${value}`).join(" or "));
  assert.equal(parseFilter(`x in (${values.slice(1).join(",")})`).kind, "in");
});

/** Writes a tree as text again. */
function print(node: FilterNode): string {
  switch (node.kind) {
    case "and":
    case "or":
      return node.parts.map((part) => `(${print(part)})`).join(` ${node.kind} `);
    case "not":
      return `not (${print(node.part)})`;
    case "compare":
      return `${node.path.join("/")} ${node.operator} ${printLiteral(node.literal)}`;
    case "in":
      return `${node.path.join("/")} in (${node.literals.map(printLiteral).join(", ")})`;
    case "function":
      return `${node.name}(${node.path.join("/")},${printLiteral(node.literal)})`;
    case "lambda": {
      const body = node.body === undefined ? "" : `${node.variable}:${print(node.body)}`;
      return `${node.path.join("/")}/${node.quantifier}(${body})`;
    }
  }
}

function printLiteral(literal: Literal): string {
  if (literal.kind === "string") return `'${literal.value.replaceAll("'", "''")}'`;
  if (literal.kind === "time") return new Date(literal.value).toISOString();
  return String(literal.value);
}

const name = fc.constantFrom("displayName", "appId", "web", "tags", "c");
const path = fc.array(name, { minLength: 1, maxLength: 3 });
const literal: fc.Arbitrary<Literal> = fc.oneof(
  fc.string().map(text),
  fc.uuid().map((value): Literal => ({ kind: "guid", value })),
  fc.boolean().map((value): Literal => ({ kind: "boolean", value })),
  fc.integer({ min: -99999, max: 99999 }).map((value): Literal => ({ kind: "number", value })),
  fc.constant<Literal>({ kind: "null", value: null }),
  fc
    .date({ min: new Date("1970-01-01"), max: new Date("2299-01-01"), noInvalidDate: true })
    .map((value): Literal => ({ kind: "time", value: value.getTime() })),
);
const { node } = fc.letrec<{ node: FilterNode }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({
      kind: fc.constant("compare" as const),
      path,
      operator: fc.constantFrom("eq" as const, "ne" as const, "ge" as const, "lt" as const),
      literal,
    }),
    fc.record({ kind: fc.constant("in" as const), path, literals: fc.array(literal, { minLength: 1, maxLength: 4 }) }),
    fc.record({
      kind: fc.constant("function" as const),
      name: fc.constantFrom("startswith" as const, "endswith" as const, "contains" as const),
      path,
      literal,
    }),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      parts: fc.array(tie("node"), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant("not" as const), part: tie("node") }),
    fc.record({
      kind: fc.constant("lambda" as const),
      quantifier: fc.constantFrom("any" as const, "all" as const),
      path,
      variable: fc.constant("c"),
      body: tie("node"),
    }),
  ),
}));

test("reads back every tree that was written out", () => {
  fc.assert(
    fc.property(node, (tree) => {
      const written = print(tree);
      fc.pre(written.length < 4000 && (written.match(/\(/g)?.length ?? 0) < 30);
      // fast-check's records have no prototype; a clone has.
      assert.deepEqual(parseFilter(written), structuredClone(tree));
    }),
  );
});

test("answers any text with a tree or a refusal, never another error", () => {
  const scrap = fc.constantFrom(
    "(",
    ")",
    "'",
    " ",
    ",",
    "/",
    ":",
    "eq",
    "not",
    "any",
    "in",
    "and",
    "or",
    "x",
    "'y'",
    "1",
    "-",
    "\u0000",
    "é",
  );
  const noise = fc.oneof(
    fc.string(),
    fc.array(scrap, { maxLength: 60 }).map((parts) => parts.join(" ")),
  );
  fc.assert(
    fc.property(noise, (filter) => {
      try {
        parseFilter(filter);
      } catch (error) {
        assert.ok(error instanceof GraphRefusal, String(error));
      }
    }),
  );
});
