/**
 * Access tokens of one identity, whatever it signs in with. May use: this folder.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
import { failure } from "../faults.ts";
import { parseRecord } from "../state/private-file.ts";
import { readServiceFault } from "./service-fault.ts";
import { type StoredCredential, tokenForm } from "./stored-credential.ts";
import type { CachedToken, TokenCache } from "./token-cache.ts";
import type { Transport } from "./transport.ts";

/** A token this near to its end is not used any more: MSAL's own margin. */
const EXPIRY_MARGIN_MS = 300_000;

export interface TokenAnswer extends CachedToken {
  /** People's sign-ins go on with it; it may be another each time. */
  readonly refreshToken: string | undefined;
  readonly idToken: string | undefined;
}

/** Sends a form to a token endpoint. @throws ServiceFault (entra) with the AADSTS text when it is refused. */
export async function postTokenForm(
  transport: Transport,
  endpoint: string,
  form: URLSearchParams,
  now: () => number,
): Promise<TokenAnswer> {
  const answer = await transport({
    method: "POST",
    url: endpoint,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  });
  if (answer.status !== 200) throw readServiceFault("entra", answer);
  const { access_token, expires_in, refresh_token, id_token } = parseRecord(answer.body) ?? {};
  if (typeof access_token !== "string" || typeof expires_in !== "number") {
    throw failure(`The token endpoint at ${endpoint} answered something that is not a token.`);
  }
  return {
    accessToken: access_token,
    expiresAtMs: now() + expires_in * 1000,
    refreshToken: typeof refresh_token === "string" ? refresh_token : undefined,
    idToken: typeof id_token === "string" ? id_token : undefined,
  };
}

export function tokenEndpoint(authority: string, tenant: string): string {
  return `${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
}

/** Asks for a token. @throws ServiceFault (entra) with the AADSTS text when it is refused. */
export async function requestToken(
  transport: Transport,
  authority: string,
  credential: StoredCredential,
  audience: string,
  now: () => number,
): Promise<TokenAnswer> {
  if (credential.kind === "managed-identity") return requestMachineToken(credential, audience);
  const endpoint = tokenEndpoint(authority, credential.tenantId);
  return postTokenForm(transport, endpoint, await tokenForm(credential, audience, endpoint, now()), now);
}

/** Of whatever this program runs on: a virtual machine, App Service, an Arc server, or `postern run --identity`. */
async function requestMachineToken(
  { clientId, objectId, resourceId }: StoredCredential & { kind: "managed-identity" },
  audience: string,
): Promise<TokenAnswer> {
  const { ManagedIdentityCredential } = await import("@postern/credential");
  const options =
    clientId !== ""
      ? { clientId }
      : objectId !== undefined
        ? { objectId }
        : resourceId !== undefined
          ? { resourceId }
          : {};
  const token = await new ManagedIdentityCredential(options).getToken(`${audience}/.default`);
  return {
    accessToken: token.token,
    expiresAtMs: token.expiresOnTimestamp,
    refreshToken: undefined,
    idToken: undefined,
  };
}

export interface TokenSourceParts {
  readonly transport: Transport;
  readonly authority: string;
  readonly credential: StoredCredential;
  readonly cache: TokenCache;
  readonly now: () => number;
  /** Called when a person's sign-in goes on with another refresh token. */
  readonly keepRefreshToken?: ((refreshToken: string) => Promise<void>) | undefined;
}

/** One identity's tokens, each asked for once while it lasts. */
export class TokenSource {
  readonly #parts: TokenSourceParts;

  constructor(parts: TokenSourceParts) {
    this.#parts = parts;
  }

  /** @returns a token for the audience that will last a while yet. */
  async get(audience: string, tenant = this.#parts.credential.tenantId): Promise<CachedToken> {
    const cached = await this.#parts.cache.read(this.#keyOf(audience, tenant));
    if (cached !== undefined && cached.expiresAtMs - EXPIRY_MARGIN_MS > this.#parts.now()) return cached;
    return this.renew(audience, tenant);
  }

  /** Asks for a new token whatever is cached: for when a service did not take the cached one. */
  async renew(audience: string, tenant = this.#parts.credential.tenantId): Promise<CachedToken> {
    const { transport, authority, cache, now } = this.#parts;
    const credential = { ...this.#parts.credential, tenantId: tenant };
    const { accessToken, expiresAtMs, refreshToken } = await requestToken(
      transport,
      authority,
      credential,
      audience,
      now,
    );
    const token = { accessToken, expiresAtMs };
    await cache.write(this.#keyOf(audience, tenant), token);
    if (refreshToken !== undefined) await this.#parts.keepRefreshToken?.(refreshToken);
    return token;
  }

  #keyOf(audience: string, tenant: string): string {
    const { authority, credential } = this.#parts;
    const who =
      credential.kind === "managed-identity" ? `machine ${credential.objectId ?? credential.resourceId ?? ""}` : "";
    return [authority, tenant, credential.clientId, who, audience].filter((part) => part !== "").join(" ");
  }
}
