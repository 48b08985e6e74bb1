/**
 * Access tokens kept between commands, so that a command need not ask for one each time. May use: state/.
 *
 * The file is 0600 and stands beside the operator's own secret, so it gives nobody anything they could not already ask for.
 */
import { isObject } from "../output/ordered.ts";
import { parseRecord, readTextIfAny, writePrivateFile } from "../state/private-file.ts";

export interface CachedToken {
  readonly accessToken: string;
  readonly expiresAtMs: number;
}

export interface TokenCache {
  read(key: string): Promise<CachedToken | undefined>;
  write(key: string, token: CachedToken): Promise<void>;
}

/** A cache in one file. A damaged file is an empty one: it only costs a request. */
export class FileTokenCache implements TokenCache {
  readonly #path: string;
  readonly #now: () => number;
  #tokens: Promise<Map<string, CachedToken>> | undefined;

  constructor(path: string, now: () => number) {
    this.#path = path;
    this.#now = now;
  }

  async read(key: string): Promise<CachedToken | undefined> {
    return (await this.#load()).get(key);
  }

  async write(key: string, token: CachedToken): Promise<void> {
    const tokens = await this.#load();
    for (const [known, { expiresAtMs }] of tokens) if (expiresAtMs <= this.#now()) tokens.delete(known);
    tokens.set(key, token);
    await writePrivateFile(this.#path, JSON.stringify(Object.fromEntries(tokens)));
  }

  #load(): Promise<Map<string, CachedToken>> {
    this.#tokens ??= readTextIfAny(this.#path).then((text) => {
      const entries = Object.entries(text === undefined ? {} : (parseRecord(text) ?? {}));
      return new Map(entries.filter((entry): entry is [string, CachedToken] => isCachedToken(entry[1])));
    });
    return this.#tokens;
  }
}

function isCachedToken(value: unknown): value is CachedToken {
  return isObject(value) && typeof value.accessToken === "string" && typeof value.expiresAtMs === "number";
}
