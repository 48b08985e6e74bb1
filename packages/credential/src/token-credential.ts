/** The shapes of @azure/core-auth, restated so that clients accept ours, and ours accept theirs, with no dependency on it. */

import type { TokenCachePersistenceOptions } from "./persistence.ts";

/** What an Azure SDK client passes to end a wait; AbortSignal is one. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: as in @azure/abort-controller, else neither fits the other.
  addEventListener(type: "abort", listener: (this: AbortSignalLike, event: any) => any): void;
  // biome-ignore lint/suspicious/noExplicitAny: as in @azure/abort-controller, else neither fits the other.
  removeEventListener(type: "abort", listener: (this: AbortSignalLike, event: any) => any): void;
}

/** How one token is asked for. @see https://learn.microsoft.com/javascript/api/@azure/core-auth/gettokenoptions */
export interface GetTokenOptions {
  abortSignal?: AbortSignalLike | undefined;
  /** `timeout` in milliseconds, of each request. */
  requestOptions?: { timeout?: number };
  tracingOptions?: { tracingContext?: unknown } | undefined;
  /** A claims challenge, as JSON: a cached token will not do. */
  claims?: string;
  /** Whether the client understands continuous access evaluation, so that tokens may live long. */
  enableCae?: boolean;
  tenantId?: string;
  proofOfPossessionOptions?: unknown;
}

/** A token and, as milliseconds since 1970, when it ends and from when a new one should be fetched. */
export interface AccessToken {
  token: string;
  expiresOnTimestamp: number;
  refreshAfterTimestamp?: number;
  tokenType?: "Bearer" | "pop";
}

/** Anything that gives tokens. @see https://learn.microsoft.com/javascript/api/@azure/core-auth/tokencredential */
export interface TokenCredential {
  getToken(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null>;
}

/** How often and how long a failed request is tried again. */
export interface RetryOptions {
  /** Tries after the first. */
  maxRetries?: number;
  retryDelayInMs?: number;
  maxRetryDelayInMs?: number;
}

/** What every credential that speaks to Entra ID takes; names as in @azure/identity. */
export interface TokenCredentialOptions {
  /** Default: AZURE_AUTHORITY_HOST, else https://login.microsoftonline.com. `http:` for localhost only. */
  authorityHost?: string;
  /** Accepted for compatibility: instance discovery is never asked for, the authority is the one configured. */
  disableInstanceDiscovery?: boolean;
  /** Tenants besides the credential's own that a caller may ask tokens of; `*` for all. */
  additionallyAllowedTenants?: string[];
  /** A PEM file of certificate authorities to trust besides the usual ones. Default: AZURE_CA_FILE. Node only. */
  caFile?: string;
  retryOptions?: RetryOptions;
  /** Accepted so that @azure/identity's options fit; nothing is logged. */
  loggingOptions?: unknown;
  /** Keeps tokens on disk; needs the plugin of `@postern/credential/persistent-cache`. */
  tokenCachePersistenceOptions?: TokenCachePersistenceOptions;
}
