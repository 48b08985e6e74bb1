/**
 * The key ring's public half, as the JWKS endpoints publish it. Spec: RFC 7517 section 5; members as Entra's own sets have them (no `alg`).
 */
import type { KeyRing } from "./key-ring.ts";

export type PublishedKey = {
  readonly kty: "RSA";
  readonly use: "sig";
  readonly kid: string;
  readonly x5t: string;
  readonly n: string;
  readonly e: string;
  readonly x5c: readonly string[];
};

/** @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-signature */
export function publishKeys(keyRing: KeyRing): PublishedKey[] {
  return keyRing.keys.map(({ kid, modulus, exponent, certificate }) => ({
    kty: "RSA",
    use: "sig",
    kid,
    x5t: kid,
    n: modulus,
    e: exponent,
    x5c: [certificate],
  }));
}
