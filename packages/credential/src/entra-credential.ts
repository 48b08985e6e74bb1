/** What every credential of an app at Entra ID shares: tenant, authority, cache and request; each adds its own proof. */
import { checkTenant, chooseTenant, resolveAuthority, tokenEndpoint } from "./authority.ts";
import { misconfigured } from "./errors.ts";
import { cacheOf, type TokenCache } from "./token-cache.ts";
import type {
  AbortSignalLike,
  AccessToken,
  GetTokenOptions,
  TokenCredential,
  TokenCredentialOptions,
} from "./token-credential.ts";
import { type Form, type Grant, mergeClaims, requestGrant } from "./token-endpoint.ts";
import { readVariable } from "./variables.ts";

/** One token that is wanted; the tenant is chosen. */
export interface Ask {
  readonly scope: string;
  readonly tenantId: string;
  readonly claims: string | undefined;
  readonly signal: AbortSignalLike;
  readonly options: GetTokenOptions;
}

/** Throws when a value that a credential cannot be without is missing or empty. */
export function requireValues(credential: string, values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!value) throw misconfigured(credential, `${name} is required.`);
  }
}

/** @returns the scopes as one text; throws when there are none. */
export function joinScopes(credential: string, scopes: string | string[]): string {
  const scope = typeof scopes === "string" ? scopes : scopes.join(" ");
  if (!scope) throw misconfigured(credential, "No scope was given.");
  return scope;
}

/** A credential that asks the token endpoint. */
export abstract class EntraCredential implements TokenCredential {
  protected readonly name: string;
  protected readonly authority: string;
  protected readonly tenantId: string | undefined;
  protected readonly clientId: string;
  protected readonly options: TokenCredentialOptions;
  /** Whether AZURE_REGIONAL_AUTHORITY_NAME counts: for apps' own tokens only. */
  protected readonly isRegional: boolean = true;
  /** What the numbers mean that only this kind of proof can meet; see aadsts.ts. */
  protected readonly errorTable: string = "";
  readonly #cache: TokenCache;

  /** @param proof what proves the identity, so that only who has it shares the cached tokens; undefined: nobody shares. */
  constructor(
    name: string,
    tenantId: string | undefined,
    clientId: string,
    options: TokenCredentialOptions,
    proof: readonly string[] | undefined,
  ) {
    if (options.tokenCachePersistenceOptions?.enabled) {
      throw misconfigured(name, "Tokens are kept in memory only.", "Leave tokenCachePersistenceOptions out.");
    }
    this.name = name;
    this.tenantId = tenantId && checkTenant(name, tenantId);
    this.clientId = clientId;
    this.options = options;
    this.authority = resolveAuthority(name, options.authorityHost);
    this.#cache = cacheOf(proof && [name, this.authority, tenantId, clientId, ...proof]);
  }

  async getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
    const scope = joinScopes(this.name, scopes);
    const tenantId =
      chooseTenant(this.name, this.tenantId, options.tenantId, this.options.additionallyAllowedTenants) ??
      "organizations";
    const key = `${tenantId} ${options.enableCae ? "cae" : ""} ${scope}`;
    const request = (signal: AbortSignal) =>
      this.acquire({ scope, tenantId, claims: mergeClaims(options.claims, options.enableCae), signal, options });
    if (options.claims) {
      // A challenge says that the cached token will not do; who asks with the same one shares the answer.
      return this.#cache.fetch(key, request, this.name, options.abortSignal, options.claims);
    }
    return this.#cache.peek(key, request) ?? this.#cache.fetch(key, request, this.name, options.abortSignal);
  }

  /** Gets a token that is not cached. */
  protected abstract acquire(ask: Ask): Promise<AccessToken>;

  /** Sends a grant to the tenant's token endpoint. */
  protected requestGrant(ask: Ask, form: Form): Promise<Grant> {
    const { scope, tenantId, claims, signal, options } = ask;
    return requestGrant(
      tokenEndpoint(this.authority, tenantId, this.isRegional),
      { client_id: this.clientId, scope, ...(claims ? { claims } : {}), ...form },
      {
        credential: this.name,
        signal,
        timeoutMs: options.requestOptions?.timeout,
        retry: this.options.retryOptions,
        caFile: this.options.caFile ?? readVariable("AZURE_CA_FILE"),
      },
      this.errorTable,
    );
  }
}
