/** How a persistent cache is encrypted: AES-256-GCM under the system's key, or, where there is none and the app says so, not at all. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { misconfigured } from "./errors.ts";
import { findSystemKey } from "./persistent-cache-key.ts";

/** The first bytes of a file, which say how to read the rest; authenticated with it. */
const ENCRYPTED = Buffer.from("postern-credential 1 aes-256-gcm\n");
const PLAIN = Buffer.from("postern-credential 1 plain\n");
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface Cipher {
  encrypt(text: string): Buffer;
  /** @returns the text; an empty one for a file that is damaged, changed, or of another key: it is a cache, and is filled anew. */
  decrypt(content: Buffer): string;
}

const plain: Cipher = {
  encrypt: (text) => Buffer.concat([PLAIN, Buffer.from(text)]),
  decrypt: (content) => (content.subarray(0, PLAIN.length).equals(PLAIN) ? `${content.subarray(PLAIN.length)}` : ""),
};

function makeCipher(key: Buffer): Cipher {
  return {
    encrypt(text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(ENCRYPTED);
      return Buffer.concat([ENCRYPTED, nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    },
    decrypt(content) {
      const start = ENCRYPTED.length + NONCE_BYTES;
      const end = content.length - TAG_BYTES;
      if (end < start || !content.subarray(0, ENCRYPTED.length).equals(ENCRYPTED)) return "";
      const nonce = content.subarray(ENCRYPTED.length, start);
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(ENCRYPTED)
        .setAuthTag(content.subarray(end));
      try {
        return Buffer.concat([decipher.update(content.subarray(start, end)), decipher.final()]).toString();
      } catch {
        return "";
      }
    },
  };
}

/** @returns the cipher of this machine. Throws `misconfigured` when the system keeps no key, unless the app allows tokens to lie open. */
export async function openCipher(credential: string, allowsPlain: boolean): Promise<Cipher> {
  const { key, reason } = await findSystemKey(credential);
  if (key !== undefined) return makeCipher(key);
  if (allowsPlain) return plain;
  throw misconfigured(
    credential,
    `Tokens cannot be kept encrypted here: ${reason}.`,
    "Set unsafeAllowUnencryptedStorage to keep them in a file that only this user can read, or leave tokenCachePersistenceOptions out.",
  );
}
