/** One request, tried again as often as is wise: Retry-After heeded, the whole bounded, ended by the caller's signal. */
import { exchange } from "#host";
import { CredentialError, fail } from "./errors.ts";
import type { RetryOptions } from "./token-credential.ts";

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
  header(name: string): string | null | undefined;
}

export interface SendOptions {
  /** Who asks, for messages. */
  readonly title: string;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Statuses that are tried again besides 408, 429 and 5xx. */
  readonly alsoRetry?: readonly number[];
  readonly caFile?: string | undefined;
  /** Sends in the host's place. */
  readonly transport?: ((request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>) | undefined;
}

export const aborted = (credential: string) => fail("aborted", credential, "The caller ended the request.");

/** Waits; rejects at once when the signal ends the wait. */
export function pause(ms: number, credential: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const end = () => {
      clearTimeout(timer);
      reject(aborted(credential));
    };
    if (signal.aborted) end();
    signal.addEventListener("abort", end);
  });
}

/** What a runtime says about a failed exchange; fetch hides its code, such as ENOTFOUND or SELF_SIGNED_CERT_IN_CHAIN, in `cause`. */
export type Failure = { readonly code?: unknown; readonly message?: unknown; readonly cause?: Failure } | undefined;

/**
 * Sends a request until it is answered by something other than "busy", or the tries or the time are used up.
 * @returns the last answer, of whatever status. Throws `network` when there was none, `aborted` when the signal says so.
 */
export async function send(request: HttpRequest, options: SendOptions): Promise<HttpAnswer> {
  /** How long one try may take, in milliseconds (our choice: Entra answers within seconds or not at all). */
  const TRY_TIMEOUT_MS = 20_000;
  /** How long all tries and the pauses between them may take together, in milliseconds (our choice). */
  const TOTAL_TIMEOUT_MS = 60_000;
  const { title: credential, signal, timeoutMs, alsoRetry = [], caFile, transport, retry = {} } = options;
  // As @azure/core-rest-pipeline's exponential policy has them, with a shorter last pause.
  const { maxRetries = 3, retryDelayInMs = 800, maxRetryDelayInMs = 10_000 } = retry;
  const giveUpAt = Date.now() + TOTAL_TIMEOUT_MS;
  for (let tried = 0; ; tried++) {
    const limit = AbortSignal.timeout(Math.max(0, Math.min(timeoutMs || TRY_TIMEOUT_MS, giveUpAt - Date.now())));
    const either = AbortSignal.any([signal, limit]);
    let answer: HttpAnswer | undefined;
    let failure: Failure;
    try {
      answer = await (transport ? transport(request, either) : exchange(request, either, caFile));
    } catch (error) {
      if (signal.aborted) throw aborted(credential);
      if (error instanceof CredentialError) throw error;
      failure = error as Failure;
    }
    const { code = failure?.code, message } = failure?.cause ?? {};
    // The certificate, which another try does not mend. Deno has no codes, only a sentence.
    const isUntrusted = /cert|signature|constraint/i.test(`${code} ${failure?.message} ${message}`);
    const isBusy = answer ? answer.status >= 500 || [408, 429, ...alsoRetry].includes(answer.status) : !isUntrusted;
    const backoff = Math.min(retryDelayInMs * 2 ** tried, maxRetryDelayInMs) * (0.8 + Math.random() * 0.4);
    const after = answer?.header("retry-after") ?? "";
    // Seconds, or a date; for neither, and for none at all, the pause is ours.
    const asked = Number(after) * 1000 || Date.parse(after) - Date.now();
    const pauseMs = asked >= 0 ? asked : backoff;
    if (!isBusy || tried >= maxRetries || Date.now() + pauseMs >= giveUpAt) {
      if (answer) return answer;
      const said = limit.aborted ? "ETIMEDOUT" : code;
      throw fail(
        "network",
        credential,
        `${new URL(request.url).origin} could not be reached${said ? ` (${said})` : ""}.`,
        isUntrusted
          ? "Set AZURE_CA_FILE or NODE_EXTRA_CA_CERTS to its CA's PEM file."
          : "Check the network and HTTPS_PROXY (with NODE_USE_ENV_PROXY=1).",
        { cause: failure },
      );
    }
    await pause(pauseMs, credential, signal);
  }
}
