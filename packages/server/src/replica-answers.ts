/** What a replica answers when its database, or the blobs, are not to be had: each plane's own words, and when to ask again. */
import type { BlobStore } from "./blob/engine/blob-store.ts";
import type { Replica } from "./replica.ts";
import { retryAfterSeconds, StoreUnavailable } from "./store/backend.ts";
import { type Exchange, type SurfaceName, sendReply } from "./wire/exchange.ts";

const blobsElsewhere = "Blobs are served by another replica of this cloud.";
const readMethods: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** Lets a request through, or says why not now: the model too old, the blobs elsewhere, the store away. */
export async function answerAsReplica(
  replica: Replica,
  exchange: Exchange,
  handle: () => void | Promise<void>,
): Promise<void> {
  const { surface, response, request } = exchange;
  // Health is what tells of the refusal, and the portal's files are the same everywhere.
  const refusal = surface === "postern" || surface === "portal" ? undefined : replica.refusal;
  if (refusal !== undefined) return putOff(exchange, refusal);
  if (surface === "blob") {
    if (!replica.blobHome.isHome) return refuse(exchange, 501, "NotImplemented", blobsElsewhere);
    const isRead = readMethods.has(request.method ?? "");
    if (!isRead && !replica.blobHome.isHeld) return putOff(exchange, "the blobs' lease is not held");
  }
  try {
    await handle();
  } catch (cause) {
    if (!(cause instanceof StoreUnavailable) || response.headersSent) throw cause;
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    putOff(exchange, cause.message);
  }
}

function putOff(exchange: Exchange, why: string): void {
  const code = exchange.surface === "blob" ? "ServerBusy" : "ServiceUnavailable";
  refuse(exchange, 503, code, `The service cannot answer now: ${why}.`);
}

function refuse(exchange: Exchange, status: 501 | 503, code: string, message: string): void {
  const { surface, requestId } = exchange;
  const headers = {
    "x-ms-request-id": requestId,
    "cache-control": "no-store",
    ...(status === 503 ? { "retry-after": String(retryAfterSeconds) } : {}),
  };
  const [own, body] = bodyOf(surface, code, message);
  sendReply(exchange, { status, headers: { ...headers, ...own }, body });
}

function bodyOf(surface: SurfaceName, code: string, message: string): [headers: Record<string, string>, body: unknown] {
  if (surface === "entra") return [{}, { error: "temporarily_unavailable", error_description: message }];
  if (surface !== "blob") return [{}, { error: { code, message } }];
  const xml = `\uFEFF<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return [{ "x-ms-error-code": code, "content-type": "application/xml" }, xml];
}

/** In the place of the engine where the blobs are not: whoever comes to it by way of another plane is put off. */
export function blobsOfAnotherReplica(): BlobStore {
  const close = async () => {};
  return new Proxy({} as BlobStore, {
    get: (_, name) => {
      if (name === "close") return close;
      // What awaits it must not take it for a promise.
      if (name === "then") return undefined;
      return () => {
        throw new StoreUnavailable("blobs are served by another replica");
      };
    },
  });
}
