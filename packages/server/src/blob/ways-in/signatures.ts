/** HMAC-SHA256 in base64, and its comparison. */
import { createHmac, timingSafeEqual } from "node:crypto";

/** Bytes of an HMAC-SHA256. */
const signatureSizeBytes = 32;

/** @param key in base64. @returns the signature in base64. */
export function sign(key: string, text: string): string {
  return createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest("base64");
}

/** Whether a signature, in base64, is that of the text; in a time that says nothing about where they differ. */
export function isSignatureOf(signature: string, key: string, text: string): boolean {
  const given = Buffer.from(signature, "base64");
  const expected = createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest();
  return given.length === signatureSizeBytes && timingSafeEqual(given, expected);
}
