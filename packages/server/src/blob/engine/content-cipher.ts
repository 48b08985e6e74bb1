/**
 * Content that is encrypted with a key which comes with each request and is never kept: AES-256 in counter mode, under a nonce drawn for each run, so that no
 * two bytes that were ever written share their part of the key stream. Records are summed as they lie on disk: damage is found without the key.
 *
 * Spec: NIST SP 800-38A section 6.5.
 */
import { type Cipheriv, createCipheriv, createHash, randomBytes } from "node:crypto";

/** A key, and the digest by which it is known again; base64. */
export type ContentKey = { readonly bytes: Uint8Array; readonly sha256: string };

/** Where a run is in the key stream of its nonce: not always at its beginning, for pieces are moved as they are. */
export type RunCipher = { readonly nonce: Uint8Array; readonly startBytes: number };

export const keyBytes = 32;
export const nonceBytes = 12;
const blockBytes = 16;

export function drawCipher(): RunCipher {
  return { nonce: randomBytes(nonceBytes), startBytes: 0 };
}

export function makeKey(bytes: Uint8Array): ContentKey {
  return { bytes, sha256: createHash("sha256").update(bytes).digest("base64") };
}

/** The stream that encrypts a run's bytes, and decrypts them, from one of them on. */
export function openCipher(key: ContentKey, { nonce, startBytes }: RunCipher, fromBytes: number): Cipheriv {
  const at = startBytes + fromBytes;
  const counter = Buffer.alloc(blockBytes);
  counter.set(nonce);
  counter.writeUInt32BE(Math.floor(at / blockBytes), nonceBytes);
  const cipher = createCipheriv("aes-256-ctr", key.bytes, counter);
  const skippedBytes = at % blockBytes;
  if (skippedBytes > 0) cipher.update(Buffer.alloc(skippedBytes));
  return cipher;
}
