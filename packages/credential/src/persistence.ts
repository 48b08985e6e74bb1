/** Where a store for tokens on disk is plugged in; the store itself is persistent-cache.ts, an entry of its own, so that bundles do not grow. */
import { misconfigured } from "./errors.ts";
import type { AccessToken } from "./token-credential.ts";

/** As in @azure/identity. @see https://learn.microsoft.com/javascript/api/@azure/identity/tokencachepersistenceoptions */
export interface TokenCachePersistenceOptions {
  enabled: boolean;
  /** Tells caches apart; letters, digits, `.`, `_` and `-`. */
  name?: string;
  /** Whether tokens may be kept without encryption where the system keeps no key. */
  unsafeAllowUnencryptedStorage?: boolean;
}

/** Tokens that outlive the program. Keys may hold secrets: they are never stored as they are. */
export interface TokenStore {
  /** @returns the key's token when it is good and no challenge asks for another, else what `acquire` gives, which is then kept. */
  share(key: string, acquire: () => Promise<AccessToken>, challenge: string | undefined): Promise<AccessToken>;
  read(key: string): Promise<string | undefined>;
  write(key: string, value: string): Promise<void>;
}
export type OpenTokenStore = (credential: string, options: TokenCachePersistenceOptions) => TokenStore;

/** @see https://learn.microsoft.com/javascript/api/@azure/identity/identityplugin */
export type IdentityPlugin = (context: unknown) => void;

let open: OpenTokenStore = (credential) => {
  throw misconfigured(credential, "Nothing keeps tokens.", "Call useIdentityPlugin with cachePersistencePlugin.");
};

/** Adds what this library has outside its main entry: `cachePersistencePlugin` of `@postern/credential/persistent-cache`. */
export function useIdentityPlugin(plugin: IdentityPlugin): void {
  plugin({
    setTokenStore: (given: OpenTokenStore) => {
      open = given;
    },
  });
}

/** @returns the store that the options ask for; throws `misconfigured` when there is none to be had. */
export function openStore(
  credential: string,
  options: TokenCachePersistenceOptions | undefined,
): TokenStore | undefined {
  return options?.enabled ? open(credential, options) : undefined;
}
