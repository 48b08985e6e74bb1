/** Makes signed tokens as clients and outside issuers do, and as attackers do, for tests. */
import { constants, createHmac, type KeyObject, sign } from "node:crypto";

type Members = Readonly<Record<string, unknown>>;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** @param header `alg` decides how it is signed: RS256 (the default), PS256, RS512, ES256, HS256 (the key as a secret), none. */
export function makeAssertion(claims: Members, key: KeyObject, header: Members = {}): string {
  const alg = (header.alg ?? "RS256") as string;
  const content = `${encode({ alg, typ: "JWT", ...header })}.${encode(claims)}`;
  return `${content}.${signatureOf(alg, content, key).toString("base64url")}`;
}

function signatureOf(alg: string, content: string, key: KeyObject): Buffer {
  const bytes = Buffer.from(content);
  switch (alg) {
    case "none":
      return Buffer.alloc(0);
    case "HS256":
      return createHmac("sha256", key.export({ type: "spki", format: "pem" }))
        .update(bytes)
        .digest();
    case "PS256":
      return sign("sha256", bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
    case "RS512":
      return sign("sha512", bytes, key);
    case "ES256":
      return sign("sha256", bytes, { key, dsaEncoding: "ieee-p1363" });
    default:
      return sign("sha256", bytes, key);
  }
}
