/**
 * `@postern/credential/persistent-cache`: tokens that outlive the program, in a file of the user's own. Owns the file's format, its lock
 * and its checks; the key is persistent-cache-key.ts's. Node.js, Deno and Bun only; an entry of its own, so that nothing else grows.
 *
 * What protects what: the file is 0600 in a folder 0700, and is refused when it is not. It is encrypted (AES-256-GCM) with a key that the
 * system's own store keeps: who copies the file, from a backup or a disk, reads nothing, and who changes it is noticed. Programs that the
 * same user runs can ask that store for the key, as they can read this one's memory: against them nothing here helps.
 * @see https://learn.microsoft.com/javascript/api/@azure/identity/tokencachepersistenceoptions
 */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { CredentialError, misconfigured } from "./errors.ts";
import { readJson } from "./json.ts";
import type { OpenTokenStore, TokenCachePersistenceOptions, TokenStore } from "./persistence.ts";
import { type Cipher, openCipher } from "./persistent-cache-cipher.ts";
import { cachePath, changeFile, readFileOfOurs } from "./persistent-cache-file.ts";
import type { AccessToken } from "./token-credential.ts";

/** A token is not given out in its last five minutes, as in memory; milliseconds. */
const LAST_MOMENTS_MS = 300_000;
/** How long a refresh token is kept that nobody renews, in milliseconds: Entra ID's own 90 days. */
const REFRESH_LIFE_MS = 90 * 86_400_000;
/** Most entries of a file; the first to end go first. */
const MAX_ENTRIES = 1_000;
const DEFAULT_NAME = "postern-credential";

/** What is kept under the hash of a key; `endsAt` in milliseconds. */
interface Entry {
  readonly endsAt: number;
  readonly text: string;
}
type Entries = Readonly<Record<string, Entry>>;

/** Keys hold secrets: only their hash is written, and only into what is encrypted or 0600. */
const hashKey = (key: string) => createHash("sha256").update(key).digest("base64url");

/** @returns the entries of a file's text that still count; none for what is no such text. */
function parseEntries(text: string): Entries {
  const found = Object.entries(readJson(text)).filter(
    ([, entry]) => typeof entry?.endsAt === "number" && typeof entry.text === "string" && entry.endsAt > Date.now(),
  );
  return Object.fromEntries(found.sort(([, a], [, b]) => b.endsAt - a.endsAt).slice(0, MAX_ENTRIES - 1));
}

/** A full or read-only disk does not cost the app its token; what was set up wrongly is said. */
function rethrowOurs(error: unknown): undefined {
  if (error instanceof CredentialError) throw error;
}

class FileStore implements TokenStore {
  readonly #credential: string;
  readonly #path: string;
  readonly #options: TokenCachePersistenceOptions;
  #cipher: Promise<Cipher> | undefined;

  constructor(credential: string, options: TokenCachePersistenceOptions) {
    const name = options.name ?? DEFAULT_NAME;
    if (!/^\w[\w.-]{0,63}$/.test(name))
      throw misconfigured(credential, "The cache's name has characters it cannot have.");
    this.#credential = credential;
    this.#path = cachePath(name);
    this.#options = options;
  }

  async share(key: string, acquire: () => Promise<AccessToken>, challenge: string | undefined): Promise<AccessToken> {
    const kept = challenge ? undefined : await this.read(key).catch(rethrowOurs);
    const token = readJson(kept ?? "") as AccessToken;
    const now = Date.now();
    const isGood =
      token.expiresOnTimestamp - LAST_MOMENTS_MS > now && !((token.refreshAfterTimestamp ?? now + 1) <= now);
    if (isGood && typeof token.token === "string") return token;
    const fresh = await acquire();
    await this.#put(key, JSON.stringify(fresh), fresh.expiresOnTimestamp).catch(rethrowOurs);
    return fresh;
  }

  async read(key: string): Promise<string | undefined> {
    const cipher = await this.#open();
    const content = await readFileOfOurs(this.#credential, this.#path);
    return content && parseEntries(cipher.decrypt(content))[hashKey(key)]?.text;
  }

  write(key: string, value: string): Promise<void> {
    return this.#put(key, value, Date.now() + REFRESH_LIFE_MS);
  }

  async #put(key: string, text: string, endsAt: number): Promise<void> {
    const cipher = await this.#open();
    await changeFile(this.#credential, this.#path, (content) => {
      const entries = content ? parseEntries(cipher.decrypt(content)) : {};
      return cipher.encrypt(JSON.stringify({ ...entries, [hashKey(key)]: { endsAt, text } satisfies Entry }));
    });
  }

  #open(): Promise<Cipher> {
    this.#cipher ??= openCipher(this.#credential, this.#options.unsafeAllowUnencryptedStorage === true);
    this.#cipher.catch(() => {
      this.#cipher = undefined;
    });
    return this.#cipher;
  }
}

/**
 * For `useIdentityPlugin`: credentials whose `tokenCachePersistenceOptions` are enabled then keep their tokens on disk.
 * App credentials keep access tokens; DeviceCodeCredential and InteractiveBrowserCredential keep the refresh token of the person
 * whose `authenticationRecord` they are given.
 */
export function cachePersistencePlugin(context: unknown): void {
  const { setTokenStore } = context as { setTokenStore(open: OpenTokenStore): void };
  setTokenStore((credential, options) => new FileStore(credential, options));
}

/** Removes a cache's file: signs everyone out of it on this machine. @param name as in `tokenCachePersistenceOptions`. */
export async function removePersistentCache(name: string = DEFAULT_NAME): Promise<void> {
  await rm(cachePath(name), { force: true });
}
