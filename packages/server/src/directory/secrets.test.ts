import assert from "node:assert/strict";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { test } from "node:test";
import fc from "fast-check";
import { collectGarbage } from "../collector-fixture.ts";
import type { PasswordCredential } from "../state/entities.ts";
import type { Guid } from "../state/identifiers.ts";
import { SecretKeeper } from "./secrets.ts";

const keeper = new SecretKeeper(Buffer.alloc(32, 7));
const now = new Date("2026-03-01T12:00:00.000Z");

function credential(keyId: string, secret: string): PasswordCredential {
  return {
    keyId: keyId as Guid,
    displayName: null,
    hint: secret.slice(0, 3),
    startDateTime: "2026-01-01T00:00:00.000Z",
    endDateTime: "2027-01-01T00:00:00.000Z",
    secretHash: keeper.hash(secret),
  };
}

const credentials = ["one", "two", "three"].map((secret) => credential(`key ${secret}`, secret));

/** Which comparisons one judgement makes: the sizes of what is compared, in order. */
function comparisonsOf(presented: string): readonly number[] {
  const sizes: number[] = [];
  const original = crypto.timingSafeEqual;
  crypto.timingSafeEqual = ((a: Buffer, b: Buffer) => {
    sizes.push(a.length, b.length);
    return original(a, b);
  }) as typeof original;
  syncBuiltinESMExports();
  try {
    keeper.verify(presented, credentials, now);
  } finally {
    crypto.timingSafeEqual = original;
    syncBuiltinESMExports();
  }
  return sizes;
}

test("attack: timing of secret comparison: a right secret at any place, and a wrong one of any length, take the very same comparisons", () => {
  const expected = [32, 32, 32, 32, 32, 32];
  for (const presented of ["one", "two", "three", "wrong", "", "o", "one ", "x".repeat(5000)]) {
    assert.deepEqual(comparisonsOf(presented), expected, presented.slice(0, 10));
  }
});

test("the hash is HMAC-SHA-256, as OpenSSL makes it, for any pepper and any text", () => {
  const peppers = fc.uint8Array({ minLength: 32, maxLength: 130 }).map((bytes) => Buffer.from(bytes));
  const short = fc.string({ unit: "binary", maxLength: 200 });
  // Of every width in UTF-8, on both sides of the longest secret that is looked at.
  const long = fc
    .tuple(fc.constantFrom("a", "\u00e9", "\u20ac", "\u{1f511}", "\ud800"), fc.integer({ min: 500, max: 1100 }))
    .map(([character, times]) => character.repeat(times));
  fc.assert(
    fc.property(peppers, fc.oneof(short, long), (pepper, text) => {
      const expected = crypto.createHmac("sha256", pepper).update(text, "utf8").digest("base64url");
      assert.equal(new SecretKeeper(pepper).hash(text), expected);
    }),
  );
});

test("a text leaves nothing behind for the next one", () => {
  const [one, other] = [keeper.hash("a long secret"), keeper.hash("short")];
  assert.equal(keeper.hash("a long secret"), one);
  assert.equal(keeper.hash("short"), other);
  assert.notEqual(one, other);
});

test("what is compared is a keyed hash: another state folder's pepper knows no secret", () => {
  assert.deepEqual(keeper.verify("two", credentials, now), { kind: "valid", keyId: "key two" });
  assert.deepEqual(new SecretKeeper(Buffer.alloc(32, 8)).verify("two", credentials, now), { kind: "wrong" });
});

test("a secret longer than any is wrong even when its beginning is right", () => {
  const long = "a".repeat(1024);
  const held = [credential("long", long)];
  assert.equal(keeper.verify(long, held, now).kind, "valid");
  assert.equal(keeper.verify(`${long}b`, held, now).kind, "wrong");
});

test("a secret that was looked at holds its hash, not what was made beside it", () => {
  const many = Array.from({ length: 1000 }, (_, index) => credential(`key ${index}`, `secret ${index}`));
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  for (const [index, one] of many.entries()) {
    assert.equal(keeper.verify(`secret ${index}`, [one], now).kind, "valid");
    // What requests make meanwhile, and let go of.
    for (let part = 0; part < 24; part++) Buffer.from("x".repeat(4000));
  }
  collectGarbage();
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown < many.length * 16_384, `${grown} bytes for ${many.length} secrets`);
});
