/**
 * The secret files of a state folder: keys that sign, seal and hash, the certificate authority's key. With a key of the operator's they are sealed on the
 * disk: a copied folder, or a backup, is then worth nothing without the key, which never lies in the folder.
 *
 * Owns: the sealed form, and that what is found in another form than it should have is written anew: clear files when there is a key now, files under
 * the previous key when it was changed, sealed ones when there is none any more. May use: files, node:crypto.
 * Form: `postern-sealed-1 ` base64( nonce 12 | ciphertext | tag 16 ), AES-256-GCM; the file's place in the folder is authenticated with it, so that one
 * file cannot stand in for another. Decision: docs/decisions/0030-operation.md
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { chmodSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { readIfThere, writeSecretFile } from "./state-folder.ts";

const mark = "postern-sealed-1 ";
const cipherName = "aes-256-gcm";
/** AES-256's. */
export const sealingKeyBytes = 32;
/** NIST SP 800-38D's nonce; random ones are safe for 2^32 files a key. */
const nonceBytes = 12;
const tagBytes = 16;

/** The folder's secrets cannot be opened, in words for whoever started the server. */
export class SealFault extends Error {}

export type SealingKeys = {
  /** What files are sealed with; undefined: they lie in the clear, readable by their owner alone. */
  readonly key: Buffer | undefined;
  /** What they may have been sealed with before. */
  readonly previousKey?: Buffer | undefined;
};

export class SecretFiles {
  readonly #root: string;
  readonly #keys: SealingKeys;

  constructor(root: string, keys: SealingKeys) {
    for (const key of [keys.key, keys.previousKey])
      if (key !== undefined && key.length !== sealingKeyBytes)
        throw new RangeError(`a key has ${sealingKeyBytes} bytes`);
    this.#root = root;
    this.#keys = keys;
  }

  /** @returns the file's content, or undefined when there is none. @throws SealFault when no key that was given opens it. */
  read(file: string): string | undefined {
    const kept = readIfThere(file);
    if (kept === undefined) return undefined;
    // A restored backup or a careless copy may have opened it to others.
    chmodSync(file, 0o600);
    const { key, previousKey } = this.#keys;
    if (!kept.startsWith(mark)) {
      if (key !== undefined) this.write(file, kept);
      return kept;
    }
    const current = key && this.#open(file, kept, key);
    if (current !== undefined) return current;
    const previous = previousKey && this.#open(file, kept, previousKey);
    if (previous === undefined) throw new SealFault(this.#explain(file));
    this.write(file, previous);
    return previous;
  }

  /** Writes a 0600 file that is there whole or not at all, and on disk when this returns. */
  write(file: string, content: string): void {
    const { key } = this.#keys;
    writeSecretFile(file, key === undefined ? content : this.#seal(file, content, key));
  }

  #explain(file: string): string {
    const { key, previousKey } = this.#keys;
    return key === undefined && previousKey === undefined
      ? `${file} is sealed: name the key with --key-file`
      : `${file} does not open with this key file: it is another folder's, or the file was changed`;
  }

  #seal(file: string, content: string, key: Buffer): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(cipherName, key, nonce, { authTagLength: tagBytes });
    cipher.setAAD(this.#placeOf(file));
    const sealed = Buffer.concat([cipher.update(content, "utf8"), cipher.final()]);
    return `${mark}${Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString("base64")}\n`;
  }

  /** @returns undefined when the key does not fit. */
  #open(file: string, text: string, key: Buffer): string | undefined {
    const bytes = Buffer.from(text.slice(mark.length), "base64");
    if (bytes.length < nonceBytes + tagBytes) return undefined;
    try {
      const decipher = createDecipheriv(cipherName, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
      decipher.setAAD(this.#placeOf(file)).setAuthTag(bytes.subarray(-tagBytes));
      const sealed = bytes.subarray(nonceBytes, -tagBytes);
      return Buffer.concat([decipher.update(sealed), decipher.final()]).toString("utf8");
    } catch {
      return undefined; // the tag does not match
    }
  }

  #placeOf(file: string): Buffer {
    return Buffer.from(relative(this.#root, file).split(sep).join("/"));
  }
}

/** In the clear, readable by their owner alone. @param root the state folder. */
export function clearFiles(root: string): SecretFiles {
  return new SecretFiles(root, { key: undefined });
}

/** Size of the key that client secrets are hashed under, in bytes; that of SHA-256's output. */
const pepperBytes = 32;

/** The key that client secrets are hashed under: made once, kept apart from the rows. @param root the state folder. */
export function openPepper(root: string, files: SecretFiles): Buffer {
  const file = join(root, "keys", "secret-pepper");
  const kept = files.read(file);
  if (kept !== undefined) return Buffer.from(kept, "base64url");
  const pepper = randomBytes(pepperBytes);
  files.write(file, pepper.toString("base64url"));
  return pepper;
}
