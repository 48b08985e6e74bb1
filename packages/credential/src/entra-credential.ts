/** What every credential of an app at Entra ID shares: tenant, authority, cache and request; each adds its own proof. */
import { checkTenant, chooseTenant, resolveAuthority, tokenEndpoint } from "./authority.ts";
import { misconfigured } from "./errors.ts";
import type { SendOptions } from "./http.ts";
import { openStore, type TokenStore } from "./persistence.ts";
import { cacheOf, type TokenCache } from "./token-cache.ts";
import type { AccessToken, GetTokenOptions, TokenCredential, TokenCredentialOptions } from "./token-credential.ts";
import { type Form, type Grant, mergeClaims, requestGrant } from "./token-endpoint.ts";
import { readVariable } from "./variables.ts";

/** One token that is wanted; the tenant is chosen. */
export interface Ask {
  readonly scope: string;
  readonly tenantId: string;
  readonly claims: string | undefined;
  readonly signal: AbortSignal;
  readonly options: GetTokenOptions;
}

/** Throws when a value that a credential cannot be without is missing or empty. */
export function requireValues(credential: string, values: Readonly<Record<string, string | undefined>>): void {
  for (const name in values) {
    if (!values[name]) throw misconfigured(credential, `${name} is required.`);
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
  protected readonly title: string;
  protected readonly authorityUrl: string;
  protected readonly ownTenant: string | undefined;
  protected readonly ownClient: string;
  protected readonly settings: TokenCredentialOptions;
  /** Whether AZURE_REGIONAL_AUTHORITY_NAME counts: for apps' own tokens only. */
  protected readonly isRegional: boolean = true;
  /** What the numbers mean that only this kind of proof can meet; see aadsts.ts. */
  protected readonly errorTable: string = "";
  /** Where tokens outlive the program, when the app asked for that. */
  protected readonly store: TokenStore | undefined;
  readonly #identity: string | undefined;
  readonly #cache: TokenCache;

  /** @param proof what proves the identity, so that only who has it shares the cached tokens; undefined: nobody shares. */
  constructor(
    name: string,
    tenantId: string | undefined,
    clientId: string,
    options: TokenCredentialOptions,
    proof: readonly string[] | undefined,
  ) {
    this.title = name;
    this.ownTenant = tenantId && checkTenant(name, tenantId);
    this.ownClient = clientId;
    this.settings = options;
    this.authorityUrl = resolveAuthority(name, options.authorityHost);
    this.store = openStore(name, options.tokenCachePersistenceOptions);
    this.#identity = proof && JSON.stringify([name, this.authorityUrl, tenantId, clientId, ...proof]);
    this.#cache = cacheOf(this.#identity);
  }

  async getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
    const scope = joinScopes(this.title, scopes);
    const { abortSignal, claims, enableCae } = options;
    const tenantId =
      chooseTenant(this.title, this.ownTenant, options.tenantId, this.settings.additionallyAllowedTenants) ??
      "organizations";
    const key = `${tenantId} ${enableCae ? "cae" : ""} ${scope}`;
    const request = (signal: AbortSignal) => {
      const acquire = () => this.acquire({ scope, tenantId, claims: mergeClaims(claims, enableCae), signal, options });
      return this.store && this.#identity ? this.store.share(this.#identity + key, acquire, claims) : acquire();
    };
    // A challenge says that the cached token will not do; who asks with the same one shares the answer.
    const kept = claims ? undefined : this.#cache.peek(key, request);
    return kept ?? this.#cache.obtain(key, request, this.title, abortSignal, claims);
  }

  /** Gets a token that is not cached. */
  protected abstract acquire(ask: Ask): Promise<AccessToken>;

  /** How requests for one token are sent. */
  protected sending({ signal, options }: Ask): SendOptions {
    return {
      title: this.title,
      signal,
      timeoutMs: options.requestOptions?.timeout,
      retry: this.settings.retryOptions,
      caFile: this.settings.caFile ?? readVariable("AZURE_CA_FILE"),
    };
  }

  /** Sends a grant to the tenant's token endpoint. */
  protected requestGrant(ask: Ask, form: Form): Promise<Grant> {
    const { scope, tenantId, claims } = ask;
    return requestGrant(
      tokenEndpoint(this.authorityUrl, tenantId, this.isRegional),
      { client_id: this.ownClient, scope, ...(claims && { claims }), ...form },
      this.sending(ask),
      this.errorTable,
    );
  }

  /** Asks for a token that needs no person. */
  protected async requestToken(ask: Ask, form: Form): Promise<AccessToken> {
    return (await this.requestGrant(ask, form)).token;
  }
}
