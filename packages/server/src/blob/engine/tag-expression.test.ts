import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Tags } from "./model.ts";
import { meetsTags, parseTagCondition, parseTagSearch, TagSyntaxError } from "./tag-expression.ts";

const tags: Tags = [
  ["Date", "2026-01-02"],
  ["Rank 1", "07"],
  ["Status", "Done"],
];

test("conditions mean what they say", () => {
  const rows: [text: string, isMet: boolean][] = [
    [`Status = 'Done'`, true],
    [`"Status"='done'`, false],
    [`status = 'Done'`, false],
    [`"Rank 1" < '7'`, true],
    [`"Rank 1" <= '07' AND "Rank 1" >= '07'`, true],
    [`Date > '2026-01-02'`, false],
    [`Status <> 'Open'`, true],
    [`Status <> 'Done'`, false],
    [`None <> 'x'`, true],
    [`None = ''`, false],
    [`None < 'x'`, false],
    [`Status = 'Open' OR Status = 'Done' AND Date = 'x'`, false],
    [`Status = 'Done' OR Status = 'Open' AND Date = 'x'`, true],
    [`(Status = 'Done' OR Status = 'Open') and Date = 'x'`, false],
  ];
  for (const [text, isMet] of rows) assert.equal(meetsTags(parseTagCondition(text), tags), isMet, text);
});

test("what is no expression is refused, with its place", () => {
  for (const text of [
    "",
    "a",
    "a=",
    "a=b",
    "a='b",
    `"a='b'`,
    "a='b' AND",
    "a='b' a='b'",
    "(a='b'",
    "a='b')",
    "= 'b'",
    "a == 'b'",
    "NOT a='b'",
    "a='b';",
    `${"(".repeat(40)}a='b'${")".repeat(40)}`,
    Array.from({ length: 100 }, () => "a='b'").join(" AND "),
    `a='${"b".repeat(9000)}'`,
  ]) {
    assert.throws(() => parseTagCondition(text), TagSyntaxError, text.slice(0, 40));
  }
  assert.throws(() => parseTagCondition("a='b' AND ?"), { position: 11 });
});

test("searches are comparisons joined by AND, perhaps of one container", () => {
  assert.deepEqual(parseTagSearch(`@container='c' AND "a b" > '1'`), {
    container: "c",
    comparisons: [{ key: "a b", operator: ">", value: "1" }],
  });
  for (const text of [
    "@container='c'",
    "a='b' OR c='d'",
    "a<>'b'",
    "@container>'c' AND a='b'",
    "@other='c' AND a='b'",
    "(a='b')",
    "@container='c' AND @container='d' AND a='b'",
  ]) {
    assert.throws(() => parseTagSearch(text), TagSyntaxError, text);
  }
});

/** An expression as text and as a plain function of tags. */
type Sample = { readonly text: string; readonly isMet: (tags: ReadonlyMap<string, string>) => boolean };

const key = fc.constantFrom("a", "B", "c");
const value = fc.constantFrom("", "0", "1", "b", "B", "a b");
const compare: Readonly<Record<string, (present: string, value: string) => boolean>> = {
  "=": (present, value) => present === value,
  "<>": (present, value) => present !== value,
  ">": (present, value) => present > value,
  ">=": (present, value) => present >= value,
  "<": (present, value) => present < value,
  "<=": (present, value) => present <= value,
};
const leaf = fc.tuple(key, fc.constantFrom(...Object.keys(compare)), value).map(
  ([name, operator, text]): Sample => ({
    text: `"${name}" ${operator} '${text}'`,
    isMet: (given: ReadonlyMap<string, string>) =>
      given.has(name) ? compare[operator]!(given.get(name)!, text) : operator === "<>",
  }),
);
const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.tuple(tie("sample"), tie("sample")).map(([a, b]) => ({
      text: `(${a.text}) AND (${b.text})`,
      isMet: (given: ReadonlyMap<string, string>) => a.isMet(given) && b.isMet(given),
    })),
    fc.tuple(tie("sample"), tie("sample")).map(([a, b]) => ({
      text: `(${a.text}) OR ${b.text}`,
      isMet: (given: ReadonlyMap<string, string>) => a.isMet(given) || b.isMet(given),
    })),
  ),
}));

test("generated conditions agree with a naive reading", () => {
  const given = fc.dictionary(key, value).map((entries) => new Map(Object.entries(entries)));
  fc.assert(
    fc.property(sample, given, ({ text, isMet }, map) => meetsTags(parseTagCondition(text), [...map]) === isMet(map)),
    { numRuns: 300 },
  );
});
