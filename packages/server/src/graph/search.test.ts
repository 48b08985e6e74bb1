import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { GraphRefusal } from "./graph-fault.ts";
import type { ResourceType } from "./resource-type.ts";
import { compileSearch, parseSearch, splitWords } from "./search.ts";

type Thing = { readonly displayName: string; readonly mail: string; readonly tags: readonly string[] };

const thingType: ResourceType<Thing> = {
  name: "thing",
  set: "things",
  title: "Thing",
  keyOf: (row) => row.displayName,
  properties: ["displayName", "mail", "tags", "size"].map((name) => ({ name, read: () => null })),
  filters: {
    displayName: { kind: "text", read: (row) => row.displayName },
    mail: { kind: "text", read: (row) => row.mail },
    tags: { kind: "texts", read: (row) => row.tags },
    isBig: { kind: "boolean", read: () => true },
  },
  indexes: {},
};

const thing = (displayName: string, mail = "", tags: readonly string[] = []): Thing => ({ displayName, mail, tags });
const matches = (search: string, row: Thing) =>
  compileSearch(thingType, parseSearch(search))(row, { model: undefined as never });
const faultOf = (search: string) => {
  try {
    matches(search, thing(""));
  } catch (cause) {
    assert.ok(cause instanceof GraphRefusal, String(cause));
    return cause.fault.kind;
  }
  return undefined;
};

// The examples of Graph's own documentation.
const words: readonly [string, readonly string[], readonly string[]][] = [
  ["hello world", ["hello", "world"], []],
  ["HelloWorld", ["hello", "world"], []],
  ["helloWORLD", ["hello", "world"], []],
  ["HELLOworld", ["helloworld"], []],
  ["HelloWORld", ["hello", "world"], []],
  ["hello.world", ["hello", "world"], ["helloworld"]],
  ["hello123world", ["hello", "123", "world"], []],
];
for (const [text, expected, joined] of words)
  test(`the words of ${text}`, () => {
    const split = splitWords(text);
    assert.deepEqual([split.words, split.joined], [expected, joined]);
  });

test("names are searched by the beginnings of their words, in any order", () => {
  for (const search of ["李四(David Li)", "李四", "David", "Li", "David)", "(李四", "Li 李", "dav"])
    assert.equal(matches(`"displayName:${search}"`, thing("李四(David Li)")), true, search);
  assert.equal(matches('"displayName:OneVideo"', thing("Contoso video one")), true);
  assert.equal(matches('"displayName:onevideo"', thing("One-Video")), true, "words with a symbol between are one, too");
  assert.equal(matches('"displayName:vid"', thing("Contoso Video")), true);
  assert.equal(matches('"displayName:ideo"', thing("Contoso Video")), false, "no contains");
});

test("other properties are searched by their own beginning", () => {
  assert.equal(matches('"mail:ada@"', thing("x", "Ada@postern.test")), true);
  assert.equal(matches('"mail:postern"', thing("x", "ada@postern.test")), false);
  assert.equal(matches('"tags:pro"', thing("x", "", ["dev", "Prod"])), true);
});

test("clauses are joined by AND before OR, and by parentheses", () => {
  const row = thing("alpha", "m@x");
  assert.equal(matches('"displayName:alpha" OR "displayName:beta" AND "mail:none"', row), true);
  assert.equal(matches('("displayName:alpha" OR "displayName:beta") AND "mail:none"', row), false);
  assert.equal(matches('"displayName:alpha"AND("mail:m" OR "mail:n")', row), true);
  assert.equal(matches(String.raw`"displayName:say \"alpha\""`, thing('say "alpha"')), true);
});

const refused: readonly [string, string][] = [
  ["displayName:x", "search-syntax"],
  ['"displayName:x', "search-syntax"],
  ['"displayName:x" "mail:y"', "search-syntax"],
  ['"displayName:x" and "mail:y"', "search-syntax"],
  ['"displayName:x" AND', "search-syntax"],
  ['("displayName:x"', "search-syntax"],
  ["", "search-syntax"],
  ['"x"', "query-malformed"],
  ['":x"', "query-malformed"],
  ['"displayName:"', "query-malformed"],
  ['"colour:x"', "property-unknown"],
  ['"size:x"', "filter-unsupported"],
  ['"isBig:true"', "filter-unsupported"],
  [`${"(".repeat(9)}"mail:x"${")".repeat(9)}`, "query-malformed"],
  [Array(21).fill('"mail:x"').join(" OR "), "query-malformed"],
  [`"mail:${"x".repeat(2048)}"`, "query-malformed"],
];
for (const [search, kind] of refused) test(`refuses ${search.slice(0, 40)}`, () => assert.equal(faultOf(search), kind));

test("any text is read or refused, never anything else", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'"\\():AO NDRx'.split("")) }), (text) => {
      try {
        parseSearch(text);
      } catch (cause) {
        assert.ok(cause instanceof GraphRefusal, String(cause));
      }
    }),
    { numRuns: 2000 },
  );
});

test("a name is found by every word of its own", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 4 }), (list) => {
      const row = thing(list.join(" "));
      for (const word of list) assert.equal(matches(`"displayName:${word}"`, row), true);
      assert.equal(matches(`"displayName:${list.toReversed().join(" ")}"`, row), true);
    }),
  );
});
