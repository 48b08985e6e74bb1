/**
 * The marks of one access token that mean nothing to clients: `uti`, its name, and `rh`.
 *
 * `iat` lies five minutes back (service.ts), so it cannot tell whether a token is older than a revocation; `rh`, which is opaque to everyone
 * but its issuer, ends with the true moment of issue.
 */
import type { Ports } from "../state/ports.ts";
import type { TokenMarks } from "./claims.ts";

const tokenIdBytes = 16;
/** Of `rh`: what comes before the moment of issue, and the moment itself (milliseconds since 1970, big-endian). */
const hintBytes = 26;
const momentBytes = 6;
const hintPrefix = "1.A";
/** 32 bytes in base64url. */
const hintPattern = /^1\.A([A-Za-z0-9_-]{43})\.$/;

/** Makes the marks of a token that is issued now. */
export function makeMarks(ports: Pick<Ports, "now" | "randomBytes">): TokenMarks {
  const idStart = hintBytes + momentBytes;
  const bytes = ports.randomBytes(idStart + tokenIdBytes);
  bytes.writeUIntBE(ports.now().getTime(), hintBytes, momentBytes);
  const hint = bytes.toString("base64url", 0, idStart);
  return { tokenId: bytes.toString("base64url", idStart), revocationHint: `${hintPrefix}${hint}.` };
}

/**
 * When a token was issued, to the millisecond, from its `rh`.
 * @returns milliseconds since 1970; undefined for a claim that is not of this form.
 */
export function readMomentOfIssue(revocationHint: unknown): number | undefined {
  const encoded = typeof revocationHint === "string" ? hintPattern.exec(revocationHint)?.[1] : undefined;
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64url").readUIntBE(hintBytes, momentBytes);
}
