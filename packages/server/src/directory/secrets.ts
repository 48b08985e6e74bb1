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
/** Longest presented secret that is looked at, in characters; our choice. */
const maxPresentedLength = 1024;

export type SecretVerdict =
  | { readonly kind: "valid"; readonly keyId: Guid }
  | { readonly kind: "wrong" }
  | { readonly kind: "expired" }
  | { readonly kind: "not-yet-valid" };

export class SecretKeeper {
  /** The key as HMAC takes it: filled up to a block and mixed, once for the inner hash and once for the outer. */
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  /** @param pepper at least 32 random bytes, kept over restarts. */
  constructor(pepper: Buffer) {
    if (pepper.length < 32) throw new RangeError("the pepper must have at least 32 bytes");
    const block = Buffer.alloc(blockBytes);
    (pepper.length > blockBytes ? hashOnce("sha256", pepper, "buffer") : pepper).copy(block);
    this.#inner = Buffer.from(block.map((byte) => byte ^ 0x36));
    this.#outer = Buffer.from(block.map((byte) => byte ^ 0x5c));
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
    let verdict: SecretVerdict = { kind: "wrong" };
    for (const credential of credentials) {
      const kept = Buffer.from(credential.secretHash, "base64url");
      const isMatch =
        kept.length === hash.length && timingSafeEqual(kept, hash) && presented.length <= maxPresentedLength;
      if (!isMatch || verdict.kind === "valid") continue;
      if (now < new Date(credential.startDateTime)) verdict = { kind: "not-yet-valid" };
      else if (now >= new Date(credential.endDateTime)) verdict = { kind: "expired" };
      else verdict = { kind: "valid", keyId: credential.keyId };
    }
    return verdict;
  }

  /**
   * HMAC-SHA-256 (RFC 2104). Every token request comes through here: two one-shot hashes leave nothing to collect, the object node:crypto
   * makes for an HMAC costs as much again as the hashing.
   */
  #digest(text: string): Buffer {
    const message = Buffer.concat([this.#inner, Buffer.from(text, "utf8")]);
    return hashOnce("sha256", Buffer.concat([this.#outer, hashOnce("sha256", message, "buffer")]), "buffer");
  }
}
