import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EntraRefusal } from "./fault.ts";
import { parseForm } from "./form.ts";

function isRefused(text: string): boolean {
  try {
    parseForm(text);
    return false;
  } catch (cause) {
    assert.ok(cause instanceof EntraRefusal, String(cause));
    assert.equal(cause.fault.kind, "request-malformed");
    return true;
  }
}

test("a form is read as URLSearchParams writes it, empty values left out", () => {
  const form = fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), {
    noNullPrototype: true,
    maxKeys: 50,
  });
  fc.assert(
    fc.property(form, (values) => {
      const wellFormed = Object.entries(values).filter(([, value]) => value !== "");
      const written = new URLSearchParams(wellFormed);
      assert.deepEqual([...parseForm(written.toString())].sort(), [...written].sort());
    }),
  );
});

test("a plus is a space, an encoded plus is a plus, and only the first equals sign parts", () => {
  assert.deepEqual([...parseForm("a=1+2%2B3=4&&b=&c")], [["a", "1 2+3=4"]]);
});

test("a parameter given twice is refused, even empty, even spelled differently", () => {
  for (const text of ["a=1&a=1", "a=&a=1", "a&a=1", "a=1&%61=2"]) assert.ok(isRefused(text), text);
});

test("broken percent-encoding is refused", () => {
  for (const text of ["a=%", "a=%1", "a=%zz", "%ff=1", "a=%c3", "a=%ed%a0%80"]) assert.ok(isRefused(text), text);
});

test("more than a hundred parameters are refused", () => {
  const list = (count: number) => Array.from({ length: count }, (_, index) => `p${index}=1`).join("&");
  assert.ok(!isRefused(list(100)));
  assert.ok(isRefused(list(101)));
});

test("whatever the text, the answer is a form or a refusal", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom("&", "=", "%", "+", "a", "4", "1") })),
      (text) => {
        isRefused(text);
      },
    ),
    { numRuns: 2000 },
  );
});
