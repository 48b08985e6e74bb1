/**
 * The signing keys of outside issuers (GitHub, Kubernetes, GitLab ...) whose tokens applications sign in with.
 *
 * An issuer's keys come from a file `<stateDir>/issuers/*.json` ({issuer, jwks}), which is all there is offline, or else from the issuer itself:
 * `<issuer>/.well-known/openid-configuration`, then its `jwks_uri`. Only an issuer that a registered credential names is ever asked, over https,
 * without following redirects, within bounds of size and time; nothing it answers is passed on to anyone.
 * Owns: which keys count, their memory. May use: files, node:https. Spec: OpenID Connect Discovery 1.0 section 4, RFC 7517.
 */
import { createPublicKey, type KeyObject, type webcrypto } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { maxDocumentBytes } from "./json-fetch.ts";
import { RecentMap } from "./recent-map.ts";

/** How long fetched keys count without being asked for again, in milliseconds; our choice. */
export const keyLifetimeMs = 60 * 60 * 1000;
/** Pause between two requests to one issuer, in milliseconds: a token with a key nobody knows must not make us knock at will. Our choice. */
export const retryPauseMs = 60 * 1000;
/** Issuers remembered; our choice. */
const maxIssuers = 256;
/** Keys of one issuer looked at; the largest known set has about ten. Our choice. */
const maxKeys = 100;
/** Smallest RSA key taken, in bits (RFC 7518 section 3.3). */
const minKeyBits = 2048;

export type IssuerKey =
  | { readonly kind: "found"; readonly key: KeyObject }
  /** The issuer's keys are known, and none has the name. */
  | { readonly kind: "key-unknown" }
  /** Its keys could not be had: offline without a file, unreachable, or not an answer of the right form. */
  | { readonly kind: "unreachable" };

/** Fetches one JSON document. @param headers beside those of every request: the trace it belongs to. @throws when it cannot be had. */
export type FetchJson = (url: URL, headers: Readonly<Record<string, string>>) => Promise<unknown>;

const noHeaders: Readonly<Record<string, string>> = {};

type KeySet = ReadonlyMap<string, KeyObject>;
type Remembered = { readonly keys: KeySet | undefined; readonly fetchedAtMs: number; readonly askedAtMs: number };

export class ExternalIssuers {
  readonly #folder: string | undefined;
  readonly #fetchJson: FetchJson | undefined;
  readonly #remembered = new RecentMap<Remembered>(maxIssuers);
  readonly #underWay = new Map<string, Promise<Remembered>>();

  /** @param options `folder` need not exist; without `fetchJson` (offline) only files serve. */
  constructor(options: { readonly folder: string | undefined; readonly fetchJson: FetchJson | undefined }) {
    this.#folder = options.folder;
    this.#fetchJson = options.fetchJson;
  }

  /**
   * Finds the key a token says it is signed with.
   * @param issuer exactly as the token and the registered credential spell it; an https URL.
   * @param kid undefined for a token that names none, which will do when the issuer has only one key.
   * @param headers of requests that have to be sent; of several who wait for the same answer, the first one's.
   */
  async findKey(issuer: string, kid: string | undefined, now: Date, headers = noHeaders): Promise<IssuerKey> {
    const fromFile = this.#folder === undefined ? undefined : await readKeyFile(this.#folder, issuer);
    if (fromFile !== undefined) return pick(fromFile, kid);
    if (this.#fetchJson === undefined) return { kind: "unreachable" };
    let known = this.#remembered.get(issuer);
    const isDue = (since: number) => now.getTime() - since >= retryPauseMs;
    const isStale = known === undefined || now.getTime() - known.fetchedAtMs >= keyLifetimeMs;
    if (known === undefined || (isStale && isDue(known.askedAtMs))) known = await this.#ask(issuer, now, headers);
    let found = pick(known.keys, kid);
    // A key that is not there may be a new one.
    if (found.kind === "key-unknown" && isDue(known.askedAtMs))
      found = pick((await this.#ask(issuer, now, headers)).keys, kid);
    return found;
  }

  /** One request at a time for each issuer; a failed one leaves the keys that were there. */
  #ask(issuer: string, now: Date, headers: Readonly<Record<string, string>>): Promise<Remembered> {
    const running = this.#underWay.get(issuer);
    if (running !== undefined) return running;
    const asking = this.#fetchKeys(issuer, now, headers).finally(() => this.#underWay.delete(issuer));
    this.#underWay.set(issuer, asking);
    return asking;
  }

  async #fetchKeys(issuer: string, now: Date, headers: Readonly<Record<string, string>>): Promise<Remembered> {
    const before = this.#remembered.get(issuer);
    const askedAtMs = now.getTime();
    let result: Remembered;
    try {
      result = {
        keys: await fetchKeySet((url) => this.#fetchJson!(url, headers), issuer),
        fetchedAtMs: askedAtMs,
        askedAtMs,
      };
    } catch {
      result = { keys: before?.keys, fetchedAtMs: before?.fetchedAtMs ?? 0, askedAtMs };
    }
    this.#remembered.set(issuer, result);
    return result;
  }
}

function pick(keys: KeySet | undefined, kid: string | undefined): IssuerKey {
  if (keys === undefined) return { kind: "unreachable" };
  const key = kid === undefined ? (keys.size === 1 ? [...keys.values()][0] : undefined) : keys.get(kid);
  return key === undefined ? { kind: "key-unknown" } : { kind: "found", key };
}

/** @throws when a document is not to be had, not about this issuer, or not of the right form. */
async function fetchKeySet(fetchJson: (url: URL) => Promise<unknown>, issuer: string): Promise<KeySet> {
  const base = issuer.endsWith("/") ? issuer.slice(0, -1) : issuer;
  const document = (await fetchJson(new URL(`${base}/.well-known/openid-configuration`))) as Record<string, unknown>;
  // A document that names another issuer could lend that one's keys to this one (OpenID Connect Discovery 1.0 section 4.3).
  if (document?.issuer !== issuer || typeof document.jwks_uri !== "string")
    throw new Error("not this issuer's document");
  const address = new URL(document.jwks_uri);
  if (address.protocol !== "https:" || address.username !== "" || address.password !== "")
    throw new Error("the keys are not behind https");
  return readKeySet(await fetchJson(address));
}

/** Looks through the folder; the file of an issuer is read anew each time it is needed, so that editing it needs no restart. */
async function readKeyFile(folder: string, issuer: string): Promise<KeySet | undefined> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.endsWith(".json")).sort()) {
    const path = join(folder, name);
    try {
      if ((await stat(path)).size > maxDocumentBytes) continue;
      const content = JSON.parse(await readFile(path, "utf8")) as { issuer?: unknown; jwks?: unknown };
      if (content?.issuer === issuer) return readKeySet(content.jwks);
    } catch {
      // A broken file is about no issuer; others may be whole.
    }
  }
  return undefined;
}

/**
 * RSA keys for signatures, by `kid`; a key without one has the name "".
 * @throws when the value is no key set.
 */
function readKeySet(value: unknown): KeySet {
  const list = (value as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(list)) throw new Error("no key set");
  const keys = new Map<string, KeyObject>();
  for (const jwk of list.slice(0, maxKeys) as readonly (Record<string, unknown> | null)[]) {
    if (jwk?.kty !== "RSA" || (jwk.use !== undefined && jwk.use !== "sig")) continue;
    if (jwk.alg !== undefined && jwk.alg !== "RS256") continue;
    try {
      const { n, e } = jwk;
      const key = createPublicKey({ key: { kty: "RSA", n, e } as webcrypto.JsonWebKey, format: "jwk" });
      const isLong = (key.asymmetricKeyDetails?.modulusLength ?? 0) >= minKeyBits;
      if (isLong) keys.set(typeof jwk.kid === "string" ? jwk.kid : "", key);
    } catch {
      // one bad key does not spoil the others
    }
  }
  return keys;
}
