import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { ArmRefusal } from "./fault.ts";
import { type FilterTerm, parseFilter, readFilter } from "./filter.ts";

const name = fc.stringMatching(/^[a-z]{1,12}$/).filter((text) => !["and", "eq"].includes(text));
const term: fc.Arbitrary<FilterTerm> = fc.oneof(
  fc.record({ kind: fc.constant("equals" as const), name, value: fc.string() }),
  fc.record({ kind: fc.constant("call" as const), name, argument: fc.option(fc.string(), { nil: undefined }) }),
);
const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;

function print(one: FilterTerm): string {
  return one.kind === "equals"
    ? `${one.name} eq ${quote(one.value)}`
    : `${one.name}(${one.argument === undefined ? "" : quote(one.argument)})`;
}

it("reads back every filter as it was written, quotes in values included", () => {
  fc.assert(
    fc.property(fc.array(term, { minLength: 1, maxLength: 8 }), (terms) => {
      assert.deepEqual(
        parseFilter(terms.map(print).join(" and ")),
        terms.map((one) => ({ ...one })),
      );
    }),
  );
});

it("answers any text with terms or a refusal, in time", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      try {
        parseFilter(text);
      } catch (cause) {
        assert.ok(cause instanceof ArmRefusal);
      }
    }),
  );
  assert.throws(() => parseFilter(`a eq '${"''".repeat(1000)}`), ArmRefusal);
  assert.throws(() => parseFilter("a".repeat(2000)), ArmRefusal);
});

it("refuses what a list does not know, and a term given twice", () => {
  const allowed = { equals: ["principalId"], calls: ["atScope"] };
  assert.deepEqual(
    [...readFilter("atScope() and PRINCIPALID eq 'x'", allowed)],
    [
      ["atscope", ""],
      ["principalid", "x"],
    ],
  );
  for (const text of [
    "atScope() and atScope()",
    "principalId eq 'a' and principalId eq 'b'",
    "other eq 'x'",
    "principalId()",
  ]) {
    assert.throws(() => readFilter(text, allowed), ArmRefusal, text);
  }
  assert.equal(readFilter(undefined, allowed).size, 0);
});
