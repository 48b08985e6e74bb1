/** Signs in as the machine's own identity, with no secret. @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview */
import { readChallengeFile, sendPinned } from "#host";
import { joinScopes } from "./entra-credential.ts";
import { CredentialError, misconfigured, unavailable } from "./errors.ts";
import { type HttpAnswer, type HttpRequest, send } from "./http.ts";
import { type Json, readJson } from "./json.ts";
import { detectIdentitySource, type IdentityIds, type IdentitySource } from "./managed-identity-sources.ts";
import { toResource } from "./scopes.ts";
import { cacheOf, type TokenCache } from "./token-cache.ts";
import type { AccessToken, GetTokenOptions, TokenCredential, TokenCredentialOptions } from "./token-credential.ts";
import { readVariable } from "./variables.ts";
import { WorkloadIdentityCredential } from "./workload-identity-credential.ts";

const NAME = "ManagedIdentityCredential";
/** How long a chain waits to learn that this machine has no metadata service, in milliseconds: as @azure/identity has it. */
const PROBE_TIMEOUT_MS = 1000;
/** Further tries: the metadata service is documented to answer 404, 410, 429 and 5xx while it is busy or moving. */
const RETRY = { maxRetries: 5, retryDelayInMs: 800 };
const ALSO_RETRY = [404, 410];

export interface ManagedIdentityCredentialOptions extends TokenCredentialOptions {
  clientId?: string;
  resourceId?: string;
  objectId?: string;
}
export type ManagedIdentityCredentialClientIdOptions = TokenCredentialOptions & { clientId?: string };
export type ManagedIdentityCredentialResourceIdOptions = TokenCredentialOptions & { resourceId: string };
export type ManagedIdentityCredentialObjectIdOptions = TokenCredentialOptions & { objectId: string };

/** @returns the end of the token's life by this machine's clock, in milliseconds: the relative time is preferred. */
function readEnd(body: Json, askedAt: number): number {
  const lifeSeconds = Number(body.expires_in);
  if (lifeSeconds > 0) return askedAt + lifeSeconds * 1000;
  const seconds = Number(body.expires_on);
  return Number.isNaN(seconds) ? Date.parse(String(body.expires_on)) : seconds * 1000;
}

export class ManagedIdentityCredential implements TokenCredential {
  readonly #ids: IdentityIds;
  readonly #source: IdentitySource;
  readonly #options: TokenCredentialOptions;
  readonly #cache: TokenCache;
  readonly #workload: WorkloadIdentityCredential | undefined;
  #needsProbe: boolean;

  /** @param isInChain whether absence must be found out fast, because other credentials wait for their turn. */
  constructor(
    clientIdOrOptions: string | ManagedIdentityCredentialOptions = {},
    options: TokenCredentialOptions = {},
    isInChain = false,
  ) {
    const given =
      typeof clientIdOrOptions === "string" ? { ...options, clientId: clientIdOrOptions } : clientIdOrOptions;
    const { clientId, resourceId, objectId } = given;
    this.#ids = { clientId, resourceId, objectId };
    const identity = clientId ?? resourceId ?? objectId;
    if ([clientId, resourceId, objectId].filter(Boolean).length > 1) {
      throw misconfigured(NAME, "Only one of clientId, resourceId and objectId can be given.");
    }
    this.#options = given;
    this.#source = detectIdentitySource();
    const { kind, endpoint } = this.#source;
    if (identity && (kind === "ServiceFabric" || kind === "CloudShell")) {
      const meaning = `${kind} gives the one identity of the resource; another cannot be asked for.`;
      throw unavailable(NAME, meaning, "Leave the IDs out.");
    }
    this.#needsProbe = isInChain && kind === "Imds" && !readVariable("AZURE_POD_IDENTITY_AUTHORITY_HOST");
    this.#cache = cacheOf(JSON.stringify([NAME, kind, endpoint, identity]));
    // A pod with a federated token and a client ID exchanges that, as @azure/identity does.
    const hasFederation = readVariable("AZURE_FEDERATED_TOKEN_FILE") && readVariable("AZURE_TENANT_ID") && clientId;
    this.#workload = hasFederation ? new WorkloadIdentityCredential(given) : undefined;
  }

  async getToken(scopes: string | string[], options: GetTokenOptions = {}): Promise<AccessToken> {
    if (this.#workload !== undefined) return this.#workload.getToken(scopes, options);
    joinScopes(NAME, scopes);
    const resource = toResource(NAME, scopes);
    const { abortSignal, claims } = options;
    const request = (signal: AbortSignal) => this.#acquire(resource, signal, options);
    const cached = claims ? undefined : this.#cache.peek(resource, request);
    return cached ?? this.#cache.obtain(resource, request, NAME, abortSignal, claims);
  }

  async #acquire(resource: string, signal: AbortSignal, options: GetTokenOptions): Promise<AccessToken> {
    const askedAt = Date.now();
    try {
      if (this.#needsProbe) await this.#probe(signal, options);
      let answer = await this.#send(this.#source.request(resource, this.#ids), signal, options);
      if (this.#source.kind === "AzureArc" && answer.status === 401) {
        answer = await this.#answerChallenge(resource, answer, signal, options);
      }
      return this.#readToken(answer, askedAt);
    } catch (error) {
      if (!(error instanceof CredentialError) || error.code !== "network") throw error;
      throw this.#absent(error);
    }
  }

  #absent(cause?: unknown): CredentialError {
    const { kind, endpoint } = this.#source;
    const meaning = `No managed identity endpoint answers here (${kind}, ${new URL(endpoint).origin}).`;
    return unavailable(NAME, meaning, "In Azure, give the resource an identity.", cause);
  }

  #send(request: HttpRequest, signal: AbortSignal, options: GetTokenOptions): Promise<HttpAnswer> {
    const { thumbprint } = this.#source;
    return send(request, {
      title: NAME,
      signal,
      timeoutMs: options.requestOptions?.timeout,
      retry: { ...RETRY, ...this.#options.retryOptions },
      alsoRetry: ALSO_RETRY,
      transport: thumbprint ? (pinned, either) => sendPinned(thumbprint, pinned, either) : undefined,
    });
  }

  /** One request that a metadata service refuses at once: that it answers is all that is wanted. */
  async #probe(signal: AbortSignal, options: GetTokenOptions): Promise<void> {
    const timeoutMs = options.requestOptions?.timeout || PROBE_TIMEOUT_MS;
    const probe = { title: NAME, signal, timeoutMs, retry: { maxRetries: 0 } };
    const answer = await send({ url: this.#source.endpoint, headers: { accept: "application/json" } }, probe);
    // Docker Desktop answers 403 with such words in place of the network.
    if (answer.status === 403 && answer.text.includes("unreachable")) throw this.#absent();
    this.#needsProbe = false;
  }

  async #answerChallenge(
    resource: string,
    refused: HttpAnswer,
    signal: AbortSignal,
    options: GetTokenOptions,
  ): Promise<HttpAnswer> {
    const path = /^Basic realm=(.+)$/i.exec(refused.header("www-authenticate") ?? "")?.[1];
    const secret = path === undefined ? undefined : await readChallengeFile(path).catch(() => undefined);
    if (secret === undefined) {
      const remedy = "The program must be a member of the group himds.";
      throw unavailable(NAME, "The Arc agent's challenge names no file that can be read here.", remedy);
    }
    const request = this.#source.request(resource, this.#ids);
    return this.#send(
      { ...request, headers: { ...request.headers, authorization: `Basic ${secret}` } },
      signal,
      options,
    );
  }

  #readToken(answer: HttpAnswer, askedAt: number): AccessToken {
    const body = readJson(answer.text);
    const expiresOnTimestamp = readEnd(body, askedAt);
    if (answer.status === 200 && typeof body.access_token === "string" && expiresOnTimestamp > askedAt) {
      const refreshIn = Number(body.refresh_in) * 1000;
      const refresh = refreshIn > 0 ? { refreshAfterTimestamp: askedAt + refreshIn } : {};
      return { token: body.access_token, expiresOnTimestamp, tokenType: "Bearer", ...refresh };
    }
    const said = String(body.error_description ?? body.message ?? body.error?.message ?? body.error ?? "").split(
      "\n",
    )[0];
    throw unavailable(
      NAME,
      `The endpoint answered ${answer.status}${said ? `: ${said}` : "."}`,
      "Check that the resource has this identity (AZURE_CLIENT_ID or clientId says which).",
    );
  }
}
