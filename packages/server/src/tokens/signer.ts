/**
 * Signs tokens: compact JWS, RS256, on the thread pool (an RSA signature costs most of a millisecond, too long for the event loop).
 * Spec: RFC 7515 section 7.1, RFC 7518 section 3.3.
 */
import { sign } from "node:crypto";
import type { SigningKey } from "./key-ring.ts";

/** `1.0` carries `x5t` beside `kid`, as Entra's v1.0 tokens do; `2.0` does not. */
export type TokenForm = "1.0" | "2.0";

/**
 * Signs claims as they stand, in the order of their members.
 * @returns the compact JWS.
 */
export function signToken(
  key: SigningKey,
  form: TokenForm,
  claims: Readonly<Record<string, unknown>>,
): Promise<string> {
  const header =
    form === "1.0"
      ? { typ: "JWT", alg: "RS256", x5t: key.kid, kid: key.kid }
      : { typ: "JWT", alg: "RS256", kid: key.kid };
  const content = `${encode(header)}.${encode(claims)}`;
  return new Promise((resolve, reject) => {
    sign("RSA-SHA256", Buffer.from(content), key.privateKey, (error, signature) => {
      if (error === null) resolve(`${content}.${signature.toString("base64url")}`);
      else reject(error);
    });
  });
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
