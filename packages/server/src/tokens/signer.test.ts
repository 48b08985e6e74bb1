import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { test } from "node:test";
import type { SigningKey } from "./key-ring.ts";
import { signToken } from "./signer.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { kid: "one", privateKey, publicKey } as SigningKey;

test("every token of a crowd is given out, whatever their number, and each is signed for itself", async () => {
  for (const count of [1, 2, 3, 4, 5, 7, 40, 200]) {
    const tokens = await Promise.all(Array.from({ length: count }, (_, number) => signToken(key, "1.0", { number })));
    tokens.forEach((token, number) => {
      const [header = "", payload = "", signature = ""] = token.split(".");
      assert.deepEqual(JSON.parse(Buffer.from(payload, "base64url").toString()), { number });
      const content = Buffer.from(`${header}.${payload}`);
      assert.ok(verify("RSA-SHA256", content, publicKey, Buffer.from(signature, "base64url")));
    });
  }
});

test("a signature that fails keeps no other back", async () => {
  // An elliptic key signs, too; one that OpenSSL refuses for this digest does not.
  const { privateKey: unfit } = generateKeyPairSync("ed25519");
  const broken = { kid: "two", privateKey: unfit } as SigningKey;
  const outcomes = await Promise.allSettled([
    signToken(key, "2.0", { a: 1 }),
    signToken(broken, "2.0", { a: 2 }),
    signToken(key, "2.0", { a: 3 }),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
});
