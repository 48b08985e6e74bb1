/**
 * Access tokens by client credentials. May use: this folder.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
import { failure } from "../faults.ts";
import { parseRecord } from "../state/private-file.ts";
import { readServiceFault } from "./service-fault.ts";
import type { CachedToken, TokenCache } from "./token-cache.ts";
import type { Transport } from "./transport.ts";

/** A token this near to its end is not used any more: MSAL's own margin. */
const EXPIRY_MARGIN_MS = 300_000;

export interface ClientCredential {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Asks for a token. @throws ServiceFault (entra) with the AADSTS text when it is refused. */
export async function requestToken(
  transport: Transport,
  authority: string,
  credential: ClientCredential,
  audience: string,
  now: () => number,
): Promise<CachedToken> {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: credential.clientId,
    client_secret: credential.clientSecret,
    scope: `${audience}/.default`,
  });
  const answer = await transport({
    method: "POST",
    url: `${authority}/${encodeURIComponent(credential.tenantId)}/oauth2/v2.0/token`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  });
  if (answer.status !== 200) throw readServiceFault("entra", answer);
  const body = parseRecord(answer.body);
  const { access_token: accessToken, expires_in: expiresInSeconds } = body ?? {};
  if (typeof accessToken !== "string" || typeof expiresInSeconds !== "number") {
    throw failure(`The token endpoint at ${authority} answered something that is not a token.`);
  }
  return { accessToken, expiresAtMs: now() + expiresInSeconds * 1000 };
}

/** One identity's tokens, each asked for once while it lasts. */
export class TokenSource {
  readonly #transport: Transport;
  readonly #authority: string;
  readonly #credential: ClientCredential;
  readonly #cache: TokenCache;
  readonly #now: () => number;

  constructor(parts: {
    transport: Transport;
    authority: string;
    credential: ClientCredential;
    cache: TokenCache;
    now: () => number;
  }) {
    this.#transport = parts.transport;
    this.#authority = parts.authority;
    this.#credential = parts.credential;
    this.#cache = parts.cache;
    this.#now = parts.now;
  }

  /** @returns a token for the audience that will last a while yet. */
  async get(audience: string): Promise<CachedToken> {
    const cached = await this.#cache.read(this.#keyOf(audience));
    if (cached !== undefined && cached.expiresAtMs - EXPIRY_MARGIN_MS > this.#now()) return cached;
    return this.renew(audience);
  }

  /** Asks for a new token whatever is cached: for when a service did not take the cached one. */
  async renew(audience: string): Promise<CachedToken> {
    const token = await requestToken(this.#transport, this.#authority, this.#credential, audience, this.#now);
    await this.#cache.write(this.#keyOf(audience), token);
    return token;
  }

  #keyOf(audience: string): string {
    return [this.#authority, this.#credential.tenantId, this.#credential.clientId, audience].join(" ");
  }
}
