import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { foldCase } from "./case-folding.ts";

test("letters that differ in case only fold to one", () => {
  assert.equal(foldCase("ResourceGroups/RG-1"), "resourcegroups/rg-1");
  assert.equal(foldCase("Größe-ÉTÉ"), foldCase("gRÖßE-été"));
  assert.equal(foldCase("ΣΑΣ"), foldCase("σας"));
});

test("a letter outside ASCII never becomes one inside, nor two", () => {
  assert.notEqual(foldCase("\u212aey"), foldCase("key"), "Kelvin sign");
  assert.notEqual(foldCase("\u0131d"), foldCase("id"), "dotless i");
  assert.notEqual(foldCase("\u0130d"), foldCase("id"), "dotted capital I");
  assert.notEqual(foldCase("\u017fub"), foldCase("sub"), "long s");
  assert.notEqual(foldCase("stra\u00dfe"), foldCase("strasse"));
});

test("folding keeps the length and is done once", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const folded = foldCase(text);
      assert.equal(folded.length, text.length);
      assert.equal(foldCase(folded), folded);
    }),
    { numRuns: 500 },
  );
});
