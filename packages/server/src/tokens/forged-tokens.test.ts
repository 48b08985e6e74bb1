/** Tokens that are not ours, or not as we made them. */
import assert from "node:assert/strict";
import { constants, createHmac, generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { maxTokenChars } from "./compact-jws.ts";
import { ids, sampleTime } from "./sample-directory.ts";
import type { TokenFault } from "./token.ts";
import { armName, encode, faultOf, forge, key, makeWorld, strangersKey, takeApart } from "./trial-tokens.ts";
import { clockSkewSeconds } from "./verifier.ts";

type Forgery = readonly [name: string, token: string, fault: TokenFault["kind"]];
type Genuine = ReturnType<typeof takeApart>;

function algorithmForgeries({ headerPart, payloadPart, signaturePart, header, claims }: Genuine): Forgery[] {
  const pem = key.publicKey.export({ type: "spki", format: "pem" });
  const modulus = Buffer.from(key.modulus, "base64url");
  const hmac = (secret: string | Buffer, head: unknown) => {
    const content = `${encode(head)}.${payloadPart}`;
    return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
  };
  const pss = () => {
    const content = `${headerPart}.${payloadPart}`;
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    return `${content}.${sign("sha256", Buffer.from(content), { key: key.privateKey, padding }).toString("base64url")}`;
  };
  return [
    ["unsigned", `${encode({ ...header, alg: "none" })}.${payloadPart}.`, "token-algorithm"],
    [
      "unsigned, signature kept",
      `${encode({ ...header, alg: "none" })}.${payloadPart}.${signaturePart}`,
      "token-algorithm",
    ],
    ["unsigned, in capitals", `${encode({ ...header, alg: "NONE" })}.${payloadPart}.`, "token-algorithm"],
    ["no algorithm", forge({ ...header, alg: undefined }, claims), "token-algorithm"],
    ["algorithm in lower case", forge({ ...header, alg: "rs256" }, claims), "token-algorithm"],
    ["algorithm as a list", forge({ ...header, alg: ["RS256"] }, claims), "token-algorithm"],
    ["HS256 with the public key as PEM", hmac(pem, { ...header, alg: "HS256" }), "token-algorithm"],
    ["HS256 with the modulus", hmac(modulus, { ...header, alg: "HS256" }), "token-algorithm"],
    ["HMAC under RS256", hmac(pem, header), "token-signature"],
    ["PSS under RS256", pss(), "token-signature"],
    ["signature cut off", `${headerPart}.${payloadPart}.`, "token-signature"],
    ["signature shortened", `${headerPart}.${payloadPart}.${signaturePart.slice(0, -2)}`, "token-signature"],
  ];
}

function shapeForgeries({ token, headerPart, payloadPart, signaturePart }: Genuine): Forgery[] {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  // 256 bytes leave 4 unused bits in the last character: the next one decodes to the same bytes.
  const sameBytes = alphabet[alphabet.indexOf(signaturePart.at(-1)!) + 1]!;
  return [
    ["nothing", "", "token-malformed"],
    ["a word", "hello", "token-malformed"],
    ["two parts", `${headerPart}.${payloadPart}`, "token-malformed"],
    ["four parts", `${token}.AAAA`, "token-malformed"],
    ["trailing newline", `${token}\n`, "token-malformed"],
    ["trailing garbage", `${token}!`, "token-malformed"],
    ["padding", `${token}==`, "token-malformed"],
    ["leading blank", ` ${token}`, "token-malformed"],
    ["another spelling of the signature", token.slice(0, -1) + sameBytes, "token-malformed"],
    ["base64 instead of base64url", token.replace(/[-_]/, (c) => (c === "-" ? "+" : "/")), "token-malformed"],
    ["huge", `${headerPart}.${"A".repeat(maxTokenChars)}.${signaturePart}`, "token-malformed"],
  ];
}

function headerForgeries({ payloadPart, signaturePart, header, claims }: Genuine): Forgery[] {
  const jwk = strangersKey.publicKey.export({ format: "jwk" });
  return [
    ["a stranger's key under our kid", forge(header, claims, strangersKey), "token-signature"],
    [
      "a stranger's key under its own kid",
      forge({ ...header, kid: strangersKey.kid, x5t: strangersKey.kid }, claims, strangersKey),
      "token-key-unknown",
    ],
    ["no kid", forge({ typ: "JWT", alg: "RS256" }, claims), "token-malformed"],
    ["kid of an object's member", forge({ typ: "JWT", alg: "RS256", kid: "__proto__" }, claims), "token-key-unknown"],
    ["kid that is a path", forge({ typ: "JWT", alg: "RS256", kid: "../../dev/null" }, claims), "token-key-unknown"],
    ["x5t of another key", forge({ ...header, x5t: strangersKey.kid }, claims), "token-malformed"],
    ["embedded jwk", forge({ ...header, jwk }, claims, strangersKey), "token-malformed"],
    ["embedded jwk, well signed", forge({ ...header, jwk }, claims), "token-malformed"],
    ["jku", forge({ ...header, jku: "https://evil.test/keys" }, claims), "token-malformed"],
    ["x5c", forge({ ...header, x5c: [strangersKey.certificate] }, claims), "token-malformed"],
    ["crit", forge({ ...header, crit: ["exp"] }, claims), "token-malformed"],
    ["b64", forge({ ...header, b64: false }, claims), "token-malformed"],
    ["another typ", forge({ ...header, typ: "at+jwt" }, claims), "token-malformed"],
    ["alg twice", forge(`{"alg":"none",${JSON.stringify(header).slice(1)}`, claims), "token-malformed"],
    ["header with white space", forge(`${JSON.stringify(header)} `, claims), "token-malformed"],
    ["header is a list", forge([], claims), "token-malformed"],
    ["header is null", forge("null", claims), "token-malformed"],
    [
      "header is not UTF-8",
      `${Buffer.from([0x7b, 0xff, 0x7d]).toString("base64url")}.${payloadPart}.${signaturePart}`,
      "token-malformed",
    ],
  ];
}

function claimForgeries({ headerPart, signaturePart, header, claims }: Genuine): Forgery[] {
  const now = sampleTime.getTime() / 1000;
  const other = ids.otherTenant;
  const required = ["aud", "iss", "exp", "nbf", "iat", "oid", "sub", "tid", "ver", "appid"];
  return [
    ["payload changed", `${headerPart}.${encode({ ...claims, oid: ids.user })}.${signaturePart}`, "token-signature"],
    ["payload is no JSON", forge(header, "{"), "token-claims"],
    ["payload is a list", forge(header, "[]"), "token-claims"],
    ["a claim twice", forge(header, `{"aud":"x",${JSON.stringify(claims).slice(1)}`), "token-claims"],
    ["wrong issuer", forge(header, { ...claims, iss: "https://evil.test/" }), "token-issuer"],
    [
      "issuer without slash",
      forge(header, { ...claims, iss: `https://sts.windows.net/${ids.tenant}` }),
      "token-issuer",
    ],
    [
      "v2 issuer in a v1 token",
      forge(header, { ...claims, iss: `https://login.microsoftonline.com/${ids.tenant}/v2.0` }),
      "token-issuer",
    ],
    [
      "another tenant's",
      forge(header, { ...claims, tid: other, iss: `https://sts.windows.net/${other}/` }),
      "token-issuer",
    ],
    ["another tenant under our issuer", forge(header, { ...claims, tid: other }), "token-issuer"],
    ["another tenant's issuer", forge(header, { ...claims, iss: `https://sts.windows.net/${other}/` }), "token-issuer"],
    ["another resource's", forge(header, { ...claims, aud: "https://vault.azure.net" }), "token-audience"],
    ["ours and more", forge(header, { ...claims, aud: `${armName}.evil.test` }), "token-audience"],
    ["audiences as a list", forge(header, { ...claims, aud: [armName] }), "token-claims"],
    ["expired", forge(header, { ...claims, exp: now - clockSkewSeconds }), "token-expired"],
    ["not yet valid", forge(header, { ...claims, nbf: now + clockSkewSeconds + 1 }), "token-not-yet-valid"],
    ["expiry as text", forge(header, { ...claims, exp: "9999999999" }), "token-claims"],
    ["expiry beyond numbers", forge(header, { ...claims, exp: 1e300 }), "token-claims"],
    ["negative start", forge(header, { ...claims, nbf: -1 }), "token-claims"],
    ["an unknown version", forge(header, { ...claims, ver: "3.0" }), "token-claims"],
    ["a person without permissions", forge(header, { ...claims, idtyp: "user" }), "token-claims"],
    [
      "an application with permissions of a person",
      forge(header, { ...claims, scp: "user_impersonation" }),
      "token-claims",
    ],
    ["a kind there is not", forge(header, { ...claims, idtyp: "device" }), "token-claims"],
    [
      "a person without permissions who says nothing of it",
      forge(header, { ...claims, idtyp: undefined, oid: ids.user }),
      "token-principal",
    ],
    ["roles as text", forge(header, { ...claims, roles: "Application.ReadWrite.All" }), "token-claims"],
    ["a person's id in an application's token", forge(header, { ...claims, oid: ids.user }), "token-principal"],
    [
      "an application's id in a person's token",
      forge(header, { ...claims, idtyp: "user", scp: "x" }),
      "token-principal",
    ],
    ["another application's appid", forge(header, { ...claims, appid: ids.otherTenant }), "token-principal"],
    ["a principal never seen", forge(header, { ...claims, oid: ids.otherTenant }), "token-principal"],
    ...required.map(
      (claim): Forgery => [`without ${claim}`, forge(header, { ...claims, [claim]: undefined }), "token-claims"],
    ),
  ];
}

for (const [what, makeForgeries] of Object.entries({
  algorithm: algorithmForgeries,
  shape: shapeForgeries,
  header: headerForgeries,
  claims: claimForgeries,
})) {
  test(`a token forged in its ${what} is refused`, async () => {
    const { verify, token } = await makeWorld();
    const genuine = takeApart(token);
    assert.equal(forge(genuine.header, genuine.claims), token, "the forger's tools make the genuine token, too");
    for (const [name, forged, kind] of makeForgeries(genuine)) {
      assert.equal(faultOf(() => verify(forged)).kind, kind, name);
      assert.equal(faultOf(() => verify(forged)).kind, kind, `${name}, the second time`);
    }
    verify(token);
  });
}

test("a short RSA key's signature does not pass for ours", async () => {
  const { verify, token } = await makeWorld();
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const [head, payload] = token.split(".");
  const content = `${head}.${payload}`;
  const signature = sign("RSA-SHA256", Buffer.from(content), privateKey).toString("base64url");
  assert.equal(faultOf(() => verify(`${content}.${signature}`)).kind, "token-signature");
});

test("whatever is shown, the answer is a refusal, never another error", async () => {
  const { verify, token } = await makeWorld();
  const parts = token.split(".") as [string, string, string];
  const part = fc.oneof(
    fc.constantFrom(...parts),
    fc.base64String(),
    fc.json().map(encode),
    fc.string({ unit: "binary" }),
  );
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(part, { maxLength: 5 }).map((list) => list.join(".")),
  );
  fc.assert(
    fc.property(text, (shown) => {
      if (shown === token) return;
      assert.ok(faultOf(() => verify(shown)).kind.startsWith("token-"));
    }),
    { numRuns: 2000 },
  );
});

test("no single changed character leaves a token valid", async () => {
  const { verify, token } = await makeWorld();
  for (let index = 0; index < token.length; index++) {
    const changed = token.slice(0, index) + (token[index] === "A" ? "B" : "A") + token.slice(index + 1);
    faultOf(() => verify(changed));
  }
});
