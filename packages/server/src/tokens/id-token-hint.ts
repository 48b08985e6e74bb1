/** Reads an id token that a client brings back to say whom it speaks of. It may be out of date; it must be ours. */
import { verify } from "node:crypto";
import { parseCompactJws, parseJsonObject } from "./compact-jws.ts";
import type { KeyRing } from "./key-ring.ts";

/** @returns the client it was issued to, or undefined for anything that our keys did not sign. */
export function readIdTokenAudience(keyRing: KeyRing, token: string): string | undefined {
  const jws = parseCompactJws(token);
  const { alg, kid } = jws?.header ?? {};
  const key = alg === "RS256" && typeof kid === "string" ? keyRing.find(kid) : undefined;
  if (jws === undefined || key === undefined) return undefined;
  if (!verify("RSA-SHA256", Buffer.from(jws.signedContent), key.publicKey, jws.signature)) return undefined;
  const audience = parseJsonObject(jws.payload)?.aud;
  return typeof audience === "string" ? audience : undefined;
}
