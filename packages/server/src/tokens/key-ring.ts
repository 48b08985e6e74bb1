/**
 * The keys tokens are signed with: made at the first start, kept over restarts (clients keep tokens on disk), published as a key set.
 *
 * Owns: `<stateDir>/keys/signing-keys.json` (0600), the current key first, older ones that still verify after it.
 * May use: files, node:crypto, signing-key-issue.ts (on demand). Spec: RFC 7517; key ids as Entra's (x5t of the certificate).
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, webcrypto, X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Ports } from "../state/ports.ts";
import { readIfThere, writeSecretFile } from "../state-folder.ts";

/** Size of a signing key, in bits; that of Entra's keys, and the least RFC 7518 section 3.3 allows for RS256. */
const modulusBits = 2048;
const algorithm = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: modulusBits,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;
const fileFormat = 1;

export type SigningKey = {
  /** base64url SHA-1 of the certificate: `kid` and `x5t` both. */
  readonly kid: string;
  readonly created: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** base64 DER, as `x5c` carries it. */
  readonly certificate: string;
  /** base64url. */
  readonly modulus: string;
  /** base64url. */
  readonly exponent: string;
};

type StoredKey = {
  readonly kid: string;
  readonly created: string;
  readonly privateKey: webcrypto.JsonWebKey;
  readonly certificate: string;
};

export class KeyRing {
  /** The current key first. */
  readonly keys: readonly SigningKey[];
  readonly #byId: ReadonlyMap<string, SigningKey>;

  constructor(keys: readonly SigningKey[]) {
    if (keys.length === 0) throw new RangeError("a key ring holds at least one key");
    this.keys = keys;
    this.#byId = new Map(keys.map((key) => [key.kid, key]));
  }

  /** The key new tokens are signed with. */
  get current(): SigningKey {
    return this.keys[0]!;
  }

  find(kid: string): SigningKey | undefined {
    return this.#byId.get(kid);
  }
}

/**
 * Opens the key ring of a state folder; the first time, makes a key.
 * @throws when the file is there but unreadable or damaged: a new key would silently void every token clients hold.
 */
export async function openKeyRing(options: {
  readonly stateDir: string;
  readonly ports: Pick<Ports, "now" | "randomBytes">;
}): Promise<KeyRing> {
  const file = join(openKeyFolder(options.stateDir), "signing-keys.json");
  const kept = readSecretFile(file);
  if (kept !== undefined) return new KeyRing(readKeys(kept, file));
  const key = await makeKey(options.ports);
  writeSecretFile(file, `${JSON.stringify({ format: fileFormat, keys: [key] }, null, 2)}\n`);
  return new KeyRing([loadKey(key)]);
}

/** The folder of all keys of a state folder, which only its owner may enter. */
export function openKeyFolder(stateDir: string): string {
  const folder = join(stateDir, "keys");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return folder;
}

/** Reads a key file and, a restored backup or careless copy may have opened it, takes everyone else's rights on it away. */
export function readSecretFile(file: string): string | undefined {
  const content = readIfThere(file);
  if (content !== undefined) chmodSync(file, 0o600);
  return content;
}

function readKeys(content: string, file: string): SigningKey[] {
  try {
    const { format, keys } = JSON.parse(content) as { format: unknown; keys: StoredKey[] };
    if (format !== fileFormat || keys.length === 0) throw new Error("unknown format");
    return keys.map(loadKey);
  } catch {
    // The cause may quote key material, so it is not passed on.
    throw new Error(
      `the signing keys in ${file} cannot be read: restore the file from a backup, or remove it to start with a new key (every token issued so far becomes void)`,
    );
  }
}

/** @throws when the parts do not belong together. */
function loadKey(stored: StoredKey): SigningKey {
  const privateKey = createPrivateKey({ key: stored.privateKey, format: "jwk" });
  const certificate = new X509Certificate(Buffer.from(stored.certificate, "base64"));
  if (privateKey.asymmetricKeyType !== "rsa" || (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) < modulusBits)
    throw new Error("the key is not RSA of 2048 bits or more");
  if (!certificate.checkPrivateKey(privateKey)) throw new Error("the certificate is another key's");
  if (thumbprint(certificate.raw) !== stored.kid) throw new Error("the key id is not the certificate's thumbprint");
  const publicKey = createPublicKey(privateKey);
  const { n, e } = publicKey.export({ format: "jwk" }) as { n: string; e: string };
  const { kid, created } = stored;
  return { kid, created, privateKey, publicKey, certificate: stored.certificate, modulus: n, exponent: e };
}

async function makeKey(ports: Pick<Ports, "now" | "randomBytes">): Promise<StoredKey> {
  // The primes are searched on the thread pool while this thread loads the certificate library.
  const [keys, { issueSigningCertificate }] = await Promise.all([
    webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]),
    import("./signing-key-issue.ts"),
  ]);
  const certificate = await issueSigningCertificate(keys, ports);
  const { kty, n, e, d, p, q, dp, dq, qi } = await webcrypto.subtle.exportKey("jwk", keys.privateKey);
  return {
    kid: thumbprint(certificate),
    created: ports.now().toISOString(),
    privateKey: { kty, n, e, d, p, q, dp, dq, qi } as webcrypto.JsonWebKey,
    certificate: certificate.toString("base64"),
  };
}

/** RFC 7515 section 4.1.7 prescribes SHA-1 here; it is a name, not a safeguard. */
function thumbprint(certificate: Buffer): string {
  return createHash("sha1").update(certificate).digest("base64url");
}
