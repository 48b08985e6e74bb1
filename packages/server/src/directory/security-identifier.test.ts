import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { securityIdentifierOf } from "./security-identifier.ts";

test("the first field of the GUID is the first number as it reads", () => {
  assert.equal(
    securityIdentifierOf("b320ee12-b1cd-4cca-b648-a437be61c5cd"),
    `S-1-12-1-${0xb320ee12}-${0x4ccab1cd}-${0x37a448b6}-${0xcdc561be}`,
  );
});

test("every GUID has its own", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (a, b) => {
      assert.match(securityIdentifierOf(a), /^S-1-12-1(-\d+){4}$/);
      assert.equal(securityIdentifierOf(a) === securityIdentifierOf(b), a === b);
    }),
  );
});
