/**
 * Reads a compact JWS apart, strictly: there is one spelling of every token we issue, and nothing else gets past this file.
 *
 * Owns: the grammar. May use: nothing but Buffer. Spec: RFC 7515 sections 3.1 and 7.1; RFC 8725 (best practices).
 */

/** Longest token looked at, in characters: Node refuses headers of more than 16 KiB by default, so no longer one can arrive there. */
export const maxTokenChars = 16_384;

export type CompactJws = {
  readonly header: Readonly<Record<string, unknown>>;
  /** What the signature covers. */
  readonly signedContent: string;
  readonly payload: Buffer;
  readonly signature: Buffer;
};

/** @returns undefined for anything but three parts of canonical base64url, the first a JSON object as {@link parseJsonObject} takes it. */
export function parseCompactJws(token: string): CompactJws | undefined {
  if (token.length > maxTokenChars) return undefined;
  const parts = token.split(".", 4);
  if (parts.length !== 3) return undefined;
  const [headerPart, payloadPart, signaturePart] = parts as [string, string, string];
  const headerBytes = decodeBase64Url(headerPart);
  const payload = decodeBase64Url(payloadPart);
  const signature = decodeBase64Url(signaturePart);
  if (headerBytes === undefined || payload === undefined || signature === undefined) return undefined;
  const header = parseJsonObject(headerBytes);
  return header && { header, signedContent: `${headerPart}.${payloadPart}`, payload, signature };
}

/**
 * Reads bytes as one JSON object in the very spelling JSON.stringify gives it: so a duplicate member, white space, an odd escape or
 * bytes that are not UTF-8 cannot be read in two ways.
 */
export function parseJsonObject(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return JSON.stringify(value) === text ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // not UTF-8, not JSON, or nested too deep for the engine
  }
}

/** Decoding alone forgives foreign characters and stray bits at the end; encoding again shows them. An empty part (no signature) is allowed here. */
function decodeBase64Url(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, "base64url");
  return bytes.toString("base64url") === part ? bytes : undefined;
}
