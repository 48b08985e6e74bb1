/**
 * Content that is encrypted with a key which comes with each request and is never kept, or with a scope's.
 *
 * A run is sealed in units, one in each of its records: AES-256-GCM under a key derived for the run from a nonce that is drawn for it, numbered from the run's
 * beginning. So any unit is read by itself, and none that was changed, or comes from another run or another place in it, is ever taken for its bytes: whoever
 * can write to the disk can mend a record's sum, and no tag. Records are summed as they lie, so damage is found without the key.
 *
 * Runs of older stores are in counter mode (AES-256-CTR) without tags; they are read, and moved, as they are.
 *
 * Spec: NIST SP 800-38D (GCM), SP 800-108r1 (a key from a key, by HMAC), SP 800-38A section 6.5 (counter mode).
 */
import {
  type CipherGCM,
  type Cipheriv,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
} from "node:crypto";
import { recordPayloadBytes } from "./extent-format.ts";

/** A key, and the digest by which it is known again; base64. */
export type ContentKey = { readonly bytes: Uint8Array; readonly sha256: string };

/** Where a run is in what was encrypted under its nonce: not always at its beginning, for pieces are moved as they are. */
export type RunCipher = {
  readonly nonce: Uint8Array;
  /** Of a sealed run a multiple of {@link unitBytes}. */
  readonly startBytes: number;
  /** Whether it is sealed in units; else it is in counter mode. */
  readonly isSealed: boolean;
};

export const keyBytes = 32;
export const nonceBytes = 12;
const blockBytes = 16;
const tagBytes = 16;
/** Bytes of a blob in one unit: with its tag, what a record holds. */
export const unitBytes = recordPayloadBytes - tagBytes;

/** Tells keys of this use from any other use of the same key. */
const keyLabel = "postern sealed run 1";

/** What so many bytes take once they are sealed. */
export function sealedBytes(plainBytes: number): number {
  return plainBytes + Math.ceil(plainBytes / unitBytes) * tagBytes;
}

/** And the other way round. */
export function plainBytesOf(sealed: number): number {
  return sealed - Math.ceil(sealed / recordPayloadBytes) * tagBytes;
}

export function drawCipher(): RunCipher {
  return { nonce: randomBytes(nonceBytes), startBytes: 0, isSealed: true };
}

export function makeKey(bytes: Uint8Array): ContentKey {
  return { bytes, sha256: createHash("sha256").update(bytes).digest("base64") };
}

/** What seals and opens the units of one run. */
export class RunSeal {
  readonly #key: Buffer;
  readonly #firstUnit: number;

  constructor(key: ContentKey, { nonce, startBytes }: RunCipher) {
    this.#key = createHmac("sha256", key.bytes).update(keyLabel).update(nonce).digest();
    this.#firstUnit = startBytes / unitBytes;
  }

  #numberOf(unit: number): Buffer {
    const number = Buffer.alloc(nonceBytes);
    number.writeUInt32BE(this.#firstUnit + unit, nonceBytes - 4);
    return number;
  }

  /** Seals a unit; its tag is to be put behind it. */
  seal(unit: number): CipherGCM {
    return createCipheriv("aes-256-gcm", this.#key, this.#numberOf(unit));
  }

  /** @returns the unit's bytes; undefined when they are not what was sealed there with this key. */
  open(unit: number, sealed: Buffer): Buffer | undefined {
    const opening = createDecipheriv("aes-256-gcm", this.#key, this.#numberOf(unit));
    const end = sealed.length - tagBytes;
    if (end < 0) return undefined;
    opening.setAuthTag(sealed.subarray(end));
    const plain = opening.update(sealed.subarray(0, end));
    try {
      opening.final();
    } catch {
      return undefined;
    }
    return plain;
  }
}

/** Ends a unit: puts its tag behind it. @param record whose last bytes are free for it. */
export function closeUnit(sealing: CipherGCM, record: Buffer): void {
  sealing.final();
  sealing.getAuthTag().copy(record, record.length - tagBytes);
}

/** Where the tag begins in a record that ends with one. */
export function endOfPlain(record: Buffer): number {
  return record.length - tagBytes;
}

/** The key stream in counter mode of a run's bytes from one of them on. */
export function openCipher(
  key: ContentKey,
  { nonce, startBytes }: Omit<RunCipher, "isSealed">,
  fromBytes: number,
): Cipheriv {
  const at = startBytes + fromBytes;
  const counter = Buffer.alloc(blockBytes);
  counter.set(nonce);
  counter.writeUInt32BE(Math.floor(at / blockBytes), nonceBytes);
  const cipher = createCipheriv("aes-256-ctr", key.bytes, counter);
  const skippedBytes = at % blockBytes;
  if (skippedBytes > 0) cipher.update(Buffer.alloc(skippedBytes));
  return cipher;
}
