import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Refusal } from "../state/fault.ts";
import { checkPassword, countPoints, type PasswordOwner, passwordLength } from "./password-rules.ts";

const isTooWeak = (password: string, owner?: PasswordOwner): boolean => {
  try {
    checkPassword(password, owner);
    return false;
  } catch (cause) {
    assert.ok(cause instanceof Refusal && cause.fault.kind === "value-invalid" && cause.fault.why === "too-weak");
    return true;
  }
};

test("8 to 256 characters of three kinds", () => {
  for (const good of ["Abcdefg1", "tidal-9x", "TIDAL-9X", `aA1${"xy".repeat(126)}z`, "größe-Maß 8"]) {
    assert.equal(isTooWeak(good), false, good);
  }
  for (const bad of ["", "Ab1-xyz", "tidalwaves", "tidalwave9", `aA1${"x".repeat(254)}`])
    assert.equal(isTooWeak(bad), true, bad);
});

test("a banned word is worth one point, however it is disguised", () => {
  for (const bad of ["Password1", "P@ssw0rd1!", "Pa$$word12", "Welcome1!", "QWERTY1!", "Summer-1", "1234Pass!"]) {
    assert.equal(isTooWeak(bad), true, bad);
  }
  assert.equal(countPoints("password", {}), 1);
  assert.equal(countPoints("p@ssw0rd-xyz", {}), 5);
  assert.equal(isTooWeak("Passw0rd-xyz"), false, "what stands around it may be enough");
});

test("the person's own names are banned in it", () => {
  const ada = { userPrincipalName: "lovelace@contoso.test", displayName: "Ada Augusta" };
  assert.equal(isTooWeak("Lovelace1!", ada), true);
  assert.equal(isTooWeak("L0velace1!", ada), true);
  assert.equal(isTooWeak("Augusta-1", ada), true);
  assert.equal(isTooWeak("Lovelace1!"), false);
  assert.equal(isTooWeak("Adax-17z", ada), false, "three letters are no name");
});

test("no text breaks the judgement, and a longer password is never worth less", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300, unit: "binary" }), (text) => {
      const isWeak = isTooWeak(text);
      if (text.length < passwordLength.min || text.length > passwordLength.max) assert.equal(isWeak, true);
      assert.ok(countPoints(text, {}) <= text.length);
    }),
  );
});
