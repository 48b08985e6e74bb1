/**
 * Refresh tokens: opaque to clients, sealed with AES-256-GCM under a key of this state folder, so that none need be kept.
 *
 * Owns: `<stateDir>/keys/refresh-token-keys.json` (0600; the current key first), the token's form and lifetime. May use: files, node:crypto.
 * What voids one: its age, and everything the grant asks the directory (user gone, disabled, sessions revoked).
 * `familyId` marks all tokens that descend from one sign-in: the hold by which reuse of an old one can be found out.
 * Form: `1.` base64url( key id 4 bytes | nonce 12 | ciphertext | tag 16 ), the form's prefix and key id authenticated.
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { join } from "node:path";
import { type AppId, isGuid, type UserObjectId } from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";
import { writeSecretFile } from "../state-folder.ts";
import { openKeyFolder, readSecretFile } from "./key-ring.ts";

/** Entra's: 90 days without use. @see https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime */
export const refreshTokenLifetimeSeconds = 90 * 24 * 60 * 60;

/** Longest refresh token looked at, in characters; ours have about 300. Our choice. */
const maxRefreshTokenChars = 4096;
const cipherName = "aes-256-gcm";
const keyBytes = 32;
const keyIdBytes = 4;
/** RFC 5288's and NIST SP 800-38D's nonce; random ones are safe for 2^32 tokens a key. */
const nonceBytes = 12;
const tagBytes = 16;
const prefix = "1.";
const fileFormat = 1;

export type RefreshGrant = {
  readonly userId: UserObjectId;
  readonly clientId: AppId;
  /** Milliseconds since 1970. */
  readonly issuedAtMs: number;
  /** A GUID, the same for all tokens that descend from one sign-in. */
  readonly familyId: string;
};

type SealingKey = { readonly keyId: Buffer; readonly key: Buffer };

export class RefreshTokens {
  readonly #keys: readonly SealingKey[];
  readonly #ports: Pick<Ports, "randomBytes">;

  constructor(keys: readonly SealingKey[], ports: Pick<Ports, "randomBytes">) {
    if (keys.length === 0) throw new RangeError("at least one sealing key is needed");
    this.#keys = keys;
    this.#ports = ports;
  }

  seal(grant: RefreshGrant): string {
    const { keyId, key } = this.#keys[0]!;
    const nonce = this.#ports.randomBytes(nonceBytes);
    const cipher = createCipheriv(cipherName, key, nonce, { authTagLength: tagBytes }).setAAD(associatedData(keyId));
    const sealed = Buffer.concat([cipher.update(JSON.stringify(grant), "utf8"), cipher.final()]);
    return prefix + Buffer.concat([keyId, nonce, sealed, cipher.getAuthTag()]).toString("base64url");
  }

  /** @returns undefined for anything this folder's keys did not seal. Says nothing of age. */
  open(token: string): RefreshGrant | undefined {
    if (!token.startsWith(prefix) || token.length > maxRefreshTokenChars) return undefined;
    const bytes = Buffer.from(token.slice(prefix.length), "base64url");
    if (bytes.length < keyIdBytes + nonceBytes + tagBytes) return undefined;
    if (prefix + bytes.toString("base64url") !== token) return undefined;
    const keyId = bytes.subarray(0, keyIdBytes);
    const sealingKey = this.#keys.find((candidate) => candidate.keyId.equals(keyId));
    if (sealingKey === undefined) return undefined;
    const nonce = bytes.subarray(keyIdBytes, keyIdBytes + nonceBytes);
    const sealed = bytes.subarray(keyIdBytes + nonceBytes, -tagBytes);
    try {
      const decipher = createDecipheriv(cipherName, sealingKey.key, nonce, { authTagLength: tagBytes })
        .setAAD(associatedData(keyId))
        .setAuthTag(bytes.subarray(-tagBytes));
      const text = Buffer.concat([decipher.update(sealed), decipher.final()]).toString("utf8");
      return readGrant(JSON.parse(text));
    } catch {
      return undefined; // the tag does not match
    }
  }
}

function associatedData(keyId: Buffer): Buffer {
  return Buffer.concat([Buffer.from(prefix), keyId]);
}

/** What an older release sealed may lack members this one needs. */
function readGrant(value: Partial<RefreshGrant>): RefreshGrant | undefined {
  const { userId, clientId, issuedAtMs, familyId } = value;
  const isWhole = isGuid(userId) && isGuid(clientId) && isGuid(familyId) && Number.isSafeInteger(issuedAtMs);
  return isWhole ? (value as RefreshGrant) : undefined;
}

/**
 * Opens the sealing keys of a state folder; the first time, makes one.
 * @throws when the file is there but damaged.
 */
export function openRefreshTokens(stateDir: string, ports: Pick<Ports, "now" | "randomBytes">): RefreshTokens {
  const file = join(openKeyFolder(stateDir), "refresh-token-keys.json");
  const kept = readSecretFile(file);
  if (kept !== undefined) return new RefreshTokens(readKeys(kept, file), ports);
  const keyId = ports.randomBytes(keyIdBytes);
  const key = ports.randomBytes(keyBytes);
  const stored = {
    keyId: keyId.toString("base64url"),
    created: ports.now().toISOString(),
    key: key.toString("base64url"),
  };
  writeSecretFile(file, `${JSON.stringify({ format: fileFormat, keys: [stored] }, null, 2)}\n`);
  return new RefreshTokens([{ keyId, key }], ports);
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
