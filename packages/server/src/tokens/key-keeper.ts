/**
 * Keeps the signing keys: makes them, writes them down, rotates them.
 *
 * Owns: `<stateDir>/keys/signing-keys.json` (0600), which is always written before what it says is in use, and whole or not at all.
 * May use: files, node:crypto, signing-key-issue.ts (on demand). Spec: RFC 7517; key ids as Entra's (x5t of the certificate).
 */
import { createHash, createPrivateKey, createPublicKey, webcrypto, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { clearFiles, type SecretFiles } from "../secret-files.ts";
import type { Ports } from "../state/ports.ts";
import { openKeyFolder } from "./key-folder.ts";
import { KeyRing, type SigningKey } from "./key-ring.ts";

/** Size of a signing key, in bits; that of Entra's keys, and the least RFC 7518 section 3.3 allows for RS256. */
const modulusBits = 2048;
const algorithm = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: modulusBits,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;
const fileFormat = 1;

/** How long a key is published before it signs, in seconds: as long as answers of the key set may be kept (`max-age`). */
export const publishAheadSeconds = 86_400;
/** Keys at once, all states together; our choice: a key set that is fetched by everyone stays small. */
export const maxKeys = 8;

/** `scheduled`: published a day ahead. `now`: signs at once. `compromised`: signs at once, and all others are refused from now on. */
export type RotationKind = "scheduled" | "now" | "compromised";

export type RotationRefusal = "rotation-under-way" | "too-many-keys";

type StoredKey = {
  readonly kid: string;
  readonly created: string;
  /** Absent in files of before there was rotation: from the start. */
  readonly signsFrom?: string;
  readonly privateKey: webcrypto.JsonWebKey;
  readonly certificate: string;
};

/** Where the keys are kept beside the file, when other processes sign with them too. */
export type SharedKeys = {
  /** Takes the file's next content for everyone. @returns false when another process was first: the file holds its keys then. */
  replace(content: string): Promise<boolean>;
};

/** How often a change of the keys is tried when other processes change them too; our choice: rotations are rare. */
const maxTries = 5;

/** The file of the keys, and how it is read and written. */
type KeyPlace = { readonly file: string; readonly files: SecretFiles };

type KeyPorts = Pick<Ports, "now" | "randomBytes">;

export class KeyKeeper {
  readonly ring: KeyRing;
  readonly #file: string;
  readonly #files: SecretFiles;
  readonly #ports: KeyPorts;
  readonly #shared: SharedKeys | undefined;
  /** Ends when no rotation is under way: two at once would each write a file without the other's key. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(place: KeyPlace, keys: readonly SigningKey[], ports: KeyPorts, shared?: SharedKeys) {
    this.ring = new KeyRing(keys, ports);
    this.#file = place.file;
    this.#files = place.files;
    this.#ports = ports;
    this.#shared = shared;
  }

  /**
   * Makes a key the next or the current one. One that is published already is not made again: `now` brings it forward.
   * @returns the key that signs from now, or will, once it is on disk; or why not.
   */
  rotate(kind: RotationKind): Promise<SigningKey | RotationRefusal> {
    return this.#inTurn(async () => {
      for (let tries = 0; tries < maxTries; tries++) {
        const outcome = await this.#rotate(kind);
        if (outcome !== undefined) return outcome;
      }
      throw new Error("other processes change the signing keys all the time");
    });
  }

  /** Takes the keys into use that another process wrote to the file. */
  reload(): void {
    this.ring.replace(readKeys(this.#files.read(this.#file) ?? "", this.#file));
  }

  /** Forgets, on disk too, the keys whose last token has expired. @returns how many. */
  sweep(): Promise<number> {
    return this.#inTurn(async () => {
      const kept = this.#publishedKeys();
      const gone = this.ring.size - kept.length;
      return gone > 0 && (await this.#keep(kept)) ? gone : 0;
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** @returns undefined when another process changed the keys first. */
  async #rotate(kind: RotationKind): Promise<SigningKey | RotationRefusal | undefined> {
    const next = this.ring.standings().find(({ state }) => state === "next")?.key;
    if (next !== undefined && kind === "scheduled") return "rotation-under-way";
    if (next !== undefined && kind === "now") {
      const brought = { ...next, signsFrom: this.#ports.now().toISOString() };
      const keys = this.#publishedKeys().map((key) => (key === next ? brought : key));
      return (await this.#keep(keys)) ? brought : undefined;
    }
    if (kind !== "compromised" && this.#publishedKeys().length >= maxKeys) return "too-many-keys";
    const made = loadKey(await makeKey(this.#ports));
    const aheadMs = kind === "scheduled" ? publishAheadSeconds * 1000 : 0;
    const key = { ...made, signsFrom: new Date(this.#ports.now().getTime() + aheadMs).toISOString() };
    const keys = kind === "compromised" ? [key] : [...this.#publishedKeys(), key];
    return (await this.#keep(keys)) ? key : undefined;
  }

  #publishedKeys(): SigningKey[] {
    return this.ring.standings().map(({ key }) => key);
  }

  async #keep(keys: readonly SigningKey[]): Promise<boolean> {
    const content = writeKeys(keys.map(storeKey));
    if (this.#shared !== undefined && !(await this.#shared.replace(content))) {
      this.reload();
      return false;
    }
    this.#files.write(this.#file, content);
    this.ring.replace(keys);
    return true;
  }
}

/**
 * Opens the signing keys of a state folder; the first time, makes one.
 * @throws when the file is there but unreadable or damaged: a new key would silently void every token clients hold.
 */
export async function openKeyKeeper(options: {
  readonly stateDir: string;
  readonly ports: KeyPorts;
  readonly shared?: SharedKeys | undefined;
  /** Left out: in the clear. */
  readonly files?: SecretFiles | undefined;
}): Promise<KeyKeeper> {
  const { stateDir, ports, shared, files = clearFiles(stateDir) } = options;
  const file = join(openKeyFolder(stateDir), "signing-keys.json");
  const place = { file, files };
  const kept = files.read(file);
  if (kept !== undefined) return new KeyKeeper(place, readKeys(kept, file), ports, shared);
  const key = await makeKey(ports);
  files.write(file, writeKeys([key]));
  return new KeyKeeper(place, [loadKey(key)], ports, shared);
}

function writeKeys(keys: readonly StoredKey[]): string {
  return `${JSON.stringify({ format: fileFormat, keys }, null, 2)}\n`;
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
  const { kid, created, signsFrom = created } = stored;
  if (Number.isNaN(Date.parse(signsFrom))) throw new Error("the key does not say when it begins to sign");
  const publicKey = createPublicKey(privateKey);
  const { n, e } = publicKey.export({ format: "jwk" }) as { n: string; e: string };
  return { kid, created, signsFrom, privateKey, publicKey, certificate: stored.certificate, modulus: n, exponent: e };
}

function storeKey({ kid, created, signsFrom, privateKey, certificate }: SigningKey): StoredKey {
  return { kid, created, signsFrom, privateKey: pickMembers(privateKey.export({ format: "jwk" })), certificate };
}

async function makeKey(ports: KeyPorts): Promise<StoredKey> {
  // The primes are searched on the thread pool while this thread loads the certificate library.
  const [keys, { issueSigningCertificate }] = await Promise.all([
    webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]),
    import("./signing-key-issue.ts"),
  ]);
  const certificate = await issueSigningCertificate(keys, ports);
  const created = ports.now().toISOString();
  return {
    kid: thumbprint(certificate),
    created,
    signsFrom: created,
    privateKey: pickMembers(await webcrypto.subtle.exportKey("jwk", keys.privateKey)),
    certificate: certificate.toString("base64"),
  };
}

function pickMembers({ kty, n, e, d, p, q, dp, dq, qi }: webcrypto.JsonWebKey): webcrypto.JsonWebKey {
  return { kty, n, e, d, p, q, dp, dq, qi } as webcrypto.JsonWebKey;
}

/** RFC 7515 section 4.1.7 prescribes SHA-1 here; it is a name, not a safeguard. */
function thumbprint(certificate: Buffer): string {
  return createHash("sha1").update(certificate).digest("base64url");
}
