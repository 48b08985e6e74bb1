/** One request, tried again as often as is wise: Retry-After heeded, the whole bounded, ended by the caller's signal. */
import { readTextFile, sendTrusting } from "#host";
import { CredentialError } from "./errors.ts";
import type { AbortSignalLike, RetryOptions } from "./token-credential.ts";

/** How long one try may take, in milliseconds (our choice: Entra answers within seconds or not at all). */
const TRY_TIMEOUT_MS = 20_000;
/** How long all tries and the pauses between them may take together, in milliseconds (our choice). */
const TOTAL_TIMEOUT_MS = 60_000;
/** Defaults of RetryOptions, as @azure/core-rest-pipeline's exponential policy has them, with a shorter last pause. */
const MAX_RETRIES = 3;
const FIRST_PAUSE_MS = 800;
const LONGEST_PAUSE_MS = 10_000;

export interface HttpRequest {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** @param name in lower case. */
  header(name: string): string | null;
}

export type RequestInitLike = {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
};

export interface SendOptions {
  /** Who asks, for messages. */
  readonly credential: string;
  readonly signal?: AbortSignalLike | undefined;
  readonly timeoutMs?: number | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Statuses that are tried again besides 408, 429 and 5xx. */
  readonly alsoRetry?: readonly number[];
  readonly caFile?: string | undefined;
  /** Sends in place of fetch. */
  readonly transport?: ((url: string, init: RequestInitLike) => Promise<HttpAnswer>) | undefined;
}

export function aborted(credential: string): CredentialError {
  return new CredentialError({ code: "aborted", credential, meaning: "The caller ended the request." });
}

/** Waits; rejects at once when the signal ends the wait. */
export function pause(ms: number, { credential, signal }: Pick<SendOptions, "credential" | "signal">): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(credential));
    const end = () => {
      clearTimeout(timer);
      reject(aborted(credential));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, ms);
    signal?.addEventListener("abort", end);
  });
}

/** @returns what a Retry-After header asks for in milliseconds: seconds, or a date. */
function readRetryAfter(answer: HttpAnswer): number | undefined {
  const value = answer.header("retry-after");
  if (!value) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** What fetch hides in `cause`: a code such as ENOTFOUND or SELF_SIGNED_CERT_IN_CHAIN. */
function failureCode(error: unknown): string | undefined {
  const { code, cause, name } = (error ?? {}) as { code?: unknown; cause?: unknown; name?: string };
  if (name === "TimeoutError") return "ETIMEDOUT";
  return typeof code === "string" ? code : cause ? failureCode(cause) : undefined;
}

const isCertificateFailure = (code: string | undefined) => code !== undefined && /CERT|SIGNATURE/.test(code);

async function trySend(request: HttpRequest, options: SendOptions, timeoutMs: number): Promise<HttpAnswer> {
  const controller = new AbortController();
  const end = () => controller.abort();
  const timer = setTimeout(() => controller.abort(new DOMException("timed out", "TimeoutError")), timeoutMs);
  options.signal?.addEventListener("abort", end);
  const { url, method = "GET", headers = {}, body } = request;
  const init = { method, headers, signal: controller.signal, ...(body === undefined ? {} : { body }) };
  try {
    if (options.transport) return await options.transport(url, init);
    if (options.caFile && url.startsWith("https:"))
      return await sendTrusting(await readTextFile(options.caFile), url, init);
    const response = await fetch(url, { ...init, redirect: "manual" });
    return { status: response.status, text: await response.text(), header: (name) => response.headers.get(name) };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", end);
  }
}

function networkError(request: HttpRequest, credential: string, cause: unknown): CredentialError {
  const code = failureCode(cause);
  const { origin } = new URL(request.url);
  return new CredentialError({
    code: "network",
    credential,
    meaning: `${origin} could not be reached${code ? ` (${code})` : ""}.`,
    remedy: isCertificateFailure(code)
      ? "Set AZURE_CA_FILE or NODE_EXTRA_CA_CERTS to the PEM file of its certificate authority."
      : "Check the network and the proxy (HTTPS_PROXY with NODE_USE_ENV_PROXY=1).",
    cause,
  });
}

/**
 * Sends a request until it is answered by something other than "busy", or the tries or the time are used up.
 * @returns the last answer, of whatever status. Throws `network` when there was none, `aborted` when the signal says so.
 */
export async function send(request: HttpRequest, options: SendOptions): Promise<HttpAnswer> {
  const {
    maxRetries = MAX_RETRIES,
    retryDelayInMs = FIRST_PAUSE_MS,
    maxRetryDelayInMs = LONGEST_PAUSE_MS,
  } = options.retry ?? {};
  const giveUpAt = Date.now() + TOTAL_TIMEOUT_MS;
  for (let tried = 0; ; tried++) {
    if (options.signal?.aborted) throw aborted(options.credential);
    let answer: HttpAnswer | undefined;
    let failure: unknown;
    try {
      answer = await trySend(request, options, Math.min(options.timeoutMs || TRY_TIMEOUT_MS, giveUpAt - Date.now()));
    } catch (error) {
      if (options.signal?.aborted) throw aborted(options.credential);
      if (error instanceof CredentialError) throw error;
      failure = error;
    }
    const isBusy =
      answer === undefined
        ? !isCertificateFailure(failureCode(failure))
        : answer.status === 408 ||
          answer.status === 429 ||
          answer.status >= 500 ||
          options.alsoRetry?.includes(answer.status);
    const backoff = Math.min(retryDelayInMs * 2 ** tried, maxRetryDelayInMs) * (0.8 + Math.random() * 0.4);
    const pauseMs = (answer && readRetryAfter(answer)) ?? backoff;
    if (isBusy && tried < maxRetries && Date.now() + pauseMs < giveUpAt) {
      await pause(pauseMs, options);
      continue;
    }
    if (answer === undefined) throw networkError(request, options.credential, failure);
    return answer;
  }
}
