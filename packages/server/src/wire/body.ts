/** Reads request bodies whole, within a bound. Streams (blob contents) do not come through here. */
import type { IncomingRequest } from "./messages.ts";
import type { Awaitable } from "./when-there.ts";
import { WholeRequest } from "./whole-request.ts";

export type BodyFault =
  | { readonly kind: "body-too-large"; readonly limitBytes: number }
  | { readonly kind: "body-aborted" }
  | { readonly kind: "body-not-json" };

/** Thrown by the readers of this file; carries data, the surface renders the text. */
export class BodyRefusal extends Error {
  readonly fault: BodyFault;
  constructor(fault: BodyFault) {
    super(fault.kind);
    this.fault = fault;
  }
}

/**
 * Reads a whole body.
 * @throws BodyRefusal `body-too-large` as soon as the bound is passed (by Content-Length before reading, else while reading), `body-aborted` when the client goes away, or takes
 * longer than {@link bodyTimeoutMs}.
 */
export async function readBody(request: IncomingRequest, limitBytes: number): Promise<Buffer> {
  return readBodySoon(request, limitBytes);
}

/** The same, at once where the body is there. @throws BodyRefusal at once, or later. */
export function readBodySoon(request: IncomingRequest, limitBytes: number): Awaitable<Buffer> {
  if (request instanceof WholeRequest && request.body.length <= limitBytes) return request.body;
  const declaredBytes = Number(request.headers["content-length"] ?? 0);
  if (declaredBytes > limitBytes) throw new BodyRefusal({ kind: "body-too-large", limitBytes });
  if (request.readableEnded) return Buffer.alloc(0);
  if (request.destroyed) throw new BodyRefusal({ kind: "body-aborted" });
  return collect(request, limitBytes);
}

/** How long a whole body may take to come, in milliseconds; our choice: these are a few KiB, and whoever sends one may be nobody yet. */
export const bodyTimeoutMs = 60_000;

/** By events: the stream's iterator takes several turns of the event loop where a small body needs none. */
function collect(request: IncomingRequest, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const onData = (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= limitBytes) {
        chunks.push(chunk);
        return;
      }
      stop();
      // Not destroyed: the connection still has to carry the refusal.
      request.pause();
      reject(new BodyRefusal({ kind: "body-too-large", limitBytes }));
    };
    const onEnd = () => {
      stop();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    };
    const onGone = () => {
      stop();
      reject(new BodyRefusal({ kind: "body-aborted" }));
    };
    const timer = setTimeout(() => request.destroy(), bodyTimeoutMs).unref();
    const stop = () => {
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
    };
    request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
  });
}

/** Nesting of a JSON body past which it is refused, in levels; our choice, far above any document of these APIs. */
export const maxJsonDepth = 64;

/**
 * Reads a body as one JSON value.
 * @throws BodyRefusal `body-not-json` for bytes that are not UTF-8 JSON, nest deeper than 64 levels, or are empty.
 */
export async function readJson(request: IncomingRequest, limitBytes: number): Promise<unknown> {
  const bytes = await readBody(request, limitBytes);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new BodyRefusal({ kind: "body-not-json" });
  }
  if (!isWithinDepth(value, maxJsonDepth)) throw new BodyRefusal({ kind: "body-not-json" });
  return value;
}

export function isWithinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  for (const member of Object.values(value)) if (!isWithinDepth(member, depth - 1)) return false;
  return true;
}
