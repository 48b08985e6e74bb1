/**
 * Client secrets: made, hashed and compared.
 *
 * A secret is 40 random characters (about 230 bits), so a fast keyed hash is right: there is no dictionary to slow down. The key (pepper)
 * lives in the state folder apart from the rows, so that a stolen database alone verifies nothing.
 */
import { hash as hashOnce, timingSafeEqual } from "node:crypto";
import type { PasswordCredential } from "../state/entities.ts";
import type { Guid } from "../state/identifiers.ts";
import type { Ports } from "../state/ports.ts";

/** Characters of a client secret, as Entra's have it. */
const secretLength = 40;
/** Entra's hint is the secret's first three characters. @see https://learn.microsoft.com/graph/api/resources/passwordcredential */
const hintLength = 3;
/** Exactly 64 characters (6 bits each, no bias); safe unquoted in shells, environment files and form bodies. None is a quote, space, `$` or `\`. */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.";
/** Block of SHA-256, in bytes (FIPS 180-4). */
const blockBytes = 64;
/** A SHA-256 hash, in bytes. */
const hashBytes = 32;
/** Longest presented secret that is looked at, in characters; our choice. */
const maxPresentedLength = 1024;
/** The same in UTF-8, three bytes for a character at most. */
const maxPresentedBytes = 3 * maxPresentedLength;

export type SecretVerdict =
  | { readonly kind: "valid"; readonly keyId: Guid }
  | { readonly kind: "wrong" }
  | { readonly kind: "expired" }
  | { readonly kind: "not-yet-valid" };

type ReadCredential = { readonly secretHash: Uint8Array; readonly startMs: number; readonly endMs: number };

/** Rows as `verify` compares them. A row is never changed, a new one takes its place: what is kept here cannot be out of date. */
const readCredentials = new WeakMap<PasswordCredential, ReadCredential>();

function readCredential(credential: PasswordCredential): ReadCredential {
  const known = readCredentials.get(credential);
  if (known !== undefined) return known;
  const read = {
    // In memory of its own: so small a Buffer is a part of 64 KiB, and would hold all of it for each app that ever signs in.
    secretHash: new Uint8Array(Buffer.from(credential.secretHash, "base64url")),
    startMs: Date.parse(credential.startDateTime),
    endMs: Date.parse(credential.endDateTime),
  };
  readCredentials.set(credential, read);
  return read;
}

export class SecretKeeper {
  /** What the two hashes of an HMAC are made over: the key, filled up to a block and mixed, then room for what is hashed with it. */
  readonly #innerMessage = Buffer.alloc(blockBytes + maxPresentedBytes);
  readonly #outerMessage = Buffer.alloc(blockBytes + hashBytes);
  readonly #result = Buffer.alloc(hashBytes);

  /** @param pepper at least 32 random bytes, kept over restarts. */
  constructor(pepper: Buffer) {
    if (pepper.length < 32) throw new RangeError("the pepper must have at least 32 bytes");
    const block = Buffer.alloc(blockBytes);
    (pepper.length > blockBytes ? hashOnce("sha256", pepper, "buffer") : pepper).copy(block);
    this.#innerMessage.set(block.map((byte) => byte ^ 0x36));
    this.#outerMessage.set(block.map((byte) => byte ^ 0x5c));
  }

  /** Makes a secret: its text (shown once, kept nowhere), hint and hash. */
  make(ports: Pick<Ports, "randomBytes">): {
    readonly secretText: string;
    readonly hint: string;
    readonly secretHash: string;
  } {
    // A leading letter, so that no tool ever reads a secret as an option or a file name.
    let secretText = "";
    for (const byte of ports.randomBytes(secretLength)) secretText += alphabet[byte & 63];
    if (!/^[A-Za-z]/.test(secretText)) secretText = `P${secretText.slice(1)}`;
    return { secretText, hint: secretText.slice(0, hintLength), secretHash: this.hash(secretText) };
  }

  hash(secretText: string): string {
    return this.#digest(secretText).toString("base64url");
  }

  /**
   * Judges a presented secret against an application's credentials. Every credential is compared, in constant time each, so that the
   * answer's timing tells neither which one matched nor how many there are that could.
   */
  verify(presented: string, credentials: readonly PasswordCredential[], now: Date): SecretVerdict {
    const hash = this.#digest(presented.slice(0, maxPresentedLength));
    const nowMs = now.getTime();
    let verdict: SecretVerdict = { kind: "wrong" };
    for (const credential of credentials) {
      const { secretHash, startMs, endMs } = readCredential(credential);
      const isMatch =
        secretHash.length === hash.length &&
        timingSafeEqual(secretHash, hash) &&
        presented.length <= maxPresentedLength;
      if (!isMatch || verdict.kind === "valid") continue;
      if (nowMs < startMs) verdict = { kind: "not-yet-valid" };
      else if (nowMs >= endMs) verdict = { kind: "expired" };
      else verdict = { kind: "valid", keyId: credential.keyId };
    }
    return verdict;
  }

  /**
   * HMAC-SHA-256 (RFC 2104). Every token request comes through here: two one-shot hashes over bytes that stand ready leave nothing to collect;
   * the object node:crypto makes for an HMAC costs more than the hashing.
   * @returns 32 bytes that the next call writes over.
   */
  #digest(text: string): Buffer {
    this.#outerMessage.write(this.#hashInner(text), blockBytes, "latin1");
    this.#result.write(hashOnce("sha256", this.#outerMessage, "latin1"), "latin1");
    return this.#result;
  }

  #hashInner(text: string): string {
    // Rows that are hashed for their ETag may be longer than any secret.
    if (text.length > maxPresentedLength) {
      const key = this.#innerMessage.subarray(0, blockBytes);
      return hashOnce("sha256", Buffer.concat([key, Buffer.from(text, "utf8")]), "latin1");
    }
    const end = blockBytes + this.#innerMessage.write(text, blockBytes, "utf8");
    const hash = hashOnce("sha256", this.#innerMessage.subarray(0, end), "latin1");
    this.#innerMessage.fill(0, blockBytes, end);
    return hash;
  }
}
