/**
 * Seals small values into text that only this state folder can read or make: refresh tokens, authorization codes, the state of a sign-in page.
 *
 * Owns: `<stateDir>/keys/refresh-token-keys.json` (0600; the current key first) and the form. May use: files, node:crypto.
 * Form: prefix base64url( key id 4 bytes | nonce 12 | ciphertext | tag 16 ), AES-256-GCM, the prefix and key id authenticated: what was sealed
 * for one purpose never opens for another.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { join } from "node:path";
import { clearFiles } from "../secret-files.ts";
import type { Ports } from "../state/ports.ts";
import { openKeyFolder } from "./key-folder.ts";

const cipherName = "aes-256-gcm";
const keyBytes = 32;
const keyIdBytes = 4;
/** RFC 5288's and NIST SP 800-38D's nonce; random ones are safe for 2^32 tokens a key. */
const nonceBytes = 12;
const tagBytes = 16;
const fileFormat = 1;

/** What a sealed text is for: its prefix, and the longest text looked at, in characters. */
export type SealPurpose = { readonly prefix: `${string}.`; readonly maxChars: number };

type SealingKey = { readonly keyId: Buffer; readonly key: Buffer };

export class Sealer {
  readonly #keys: readonly SealingKey[];
  readonly #ports: Pick<Ports, "randomBytes">;

  constructor(keys: readonly SealingKey[], ports: Pick<Ports, "randomBytes">) {
    if (keys.length === 0) throw new RangeError("at least one sealing key is needed");
    this.#keys = keys;
    this.#ports = ports;
  }

  /** @param value what JSON can carry. */
  seal({ prefix }: SealPurpose, value: object): string {
    const { keyId, key } = this.#keys[0]!;
    const nonce = this.#ports.randomBytes(nonceBytes);
    const cipher = createCipheriv(cipherName, key, nonce, { authTagLength: tagBytes });
    cipher.setAAD(associatedData(prefix, keyId));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
    return prefix + Buffer.concat([keyId, nonce, sealed, cipher.getAuthTag()]).toString("base64url");
  }

  /** @returns undefined for anything this folder's keys did not seal for this purpose. Says nothing of age. */
  open({ prefix, maxChars }: SealPurpose, text: string): Readonly<Record<string, unknown>> | undefined {
    if (!text.startsWith(prefix) || text.length > maxChars) return undefined;
    const bytes = Buffer.from(text.slice(prefix.length), "base64url");
    if (bytes.length < keyIdBytes + nonceBytes + tagBytes) return undefined;
    if (prefix + bytes.toString("base64url") !== text) return undefined;
    const keyId = bytes.subarray(0, keyIdBytes);
    const sealingKey = this.#keys.find((candidate) => candidate.keyId.equals(keyId));
    if (sealingKey === undefined) return undefined;
    const nonce = bytes.subarray(keyIdBytes, keyIdBytes + nonceBytes);
    const sealed = bytes.subarray(keyIdBytes + nonceBytes, -tagBytes);
    try {
      const decipher = createDecipheriv(cipherName, sealingKey.key, nonce, { authTagLength: tagBytes })
        .setAAD(associatedData(prefix, keyId))
        .setAuthTag(bytes.subarray(-tagBytes));
      return JSON.parse(Buffer.concat([decipher.update(sealed), decipher.final()]).toString("utf8"));
    } catch {
      return undefined; // the tag does not match
    }
  }
}

function associatedData(prefix: string, keyId: Buffer): Buffer {
  return Buffer.concat([Buffer.from(prefix), keyId]);
}

/**
 * Opens the sealing keys of a state folder; the first time, makes one.
 * @throws when the file is there but damaged.
 */
export function openSealer(
  stateDir: string,
  ports: Pick<Ports, "now" | "randomBytes">,
  files = clearFiles(stateDir),
): Sealer {
  const file = join(openKeyFolder(stateDir), "refresh-token-keys.json");
  const kept = files.read(file);
  if (kept !== undefined) return new Sealer(readKeys(kept, file), ports);
  const keyId = ports.randomBytes(keyIdBytes);
  const key = ports.randomBytes(keyBytes);
  const stored = {
    keyId: keyId.toString("base64url"),
    created: ports.now().toISOString(),
    key: key.toString("base64url"),
  };
  files.write(file, `${JSON.stringify({ format: fileFormat, keys: [stored] }, null, 2)}\n`);
  return new Sealer([{ keyId, key }], ports);
}

function readKeys(content: string, file: string): SealingKey[] {
  try {
    const { format, keys } = JSON.parse(content) as { format: unknown; keys: { keyId: string; key: string }[] };
    const read = keys.map((stored) => ({
      keyId: Buffer.from(stored.keyId, "base64url"),
      key: Buffer.from(stored.key, "base64url"),
    }));
    const isGood = read.every(({ keyId, key }) => keyId.length === keyIdBytes && key.length === keyBytes);
    if (format === fileFormat && read.length > 0 && isGood) return read;
  } catch {
    // falls through: the cause may quote key material, so it is not passed on
  }
  throw new Error(
    `the keys in ${file} cannot be read: restore the file from a backup, or remove it to start with a new key (everyone must sign in again)`,
  );
}
