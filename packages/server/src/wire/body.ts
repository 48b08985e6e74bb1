/** Reads request bodies whole, within a bound. Streams (blob contents) do not come through here. */
import type { IncomingMessage } from "node:http";

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
 * @throws BodyRefusal `body-too-large` as soon as the bound is passed (by Content-Length before reading, else while reading), `body-aborted` when the client goes away.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const declaredBytes = Number(request.headers["content-length"] ?? 0);
  if (declaredBytes > limitBytes) throw new BodyRefusal({ kind: "body-too-large", limitBytes });
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    // Leaving the loop early must not destroy the request: its connection still has to carry the refusal.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      if (sizeBytes > limitBytes) throw new BodyRefusal({ kind: "body-too-large", limitBytes });
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof BodyRefusal) throw cause;
    throw new BodyRefusal({ kind: "body-aborted" });
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** Nesting of a JSON body past which it is refused, in levels; our choice, far above any document of these APIs. */
const maxJsonDepth = 64;

/**
 * Reads a body as one JSON value.
 * @throws BodyRefusal `body-not-json` for bytes that are not UTF-8 JSON, nest deeper than 64 levels, or are empty.
 */
export async function readJson(request: IncomingMessage, limitBytes: number): Promise<unknown> {
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

function isWithinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  for (const member of Object.values(value)) if (!isWithinDepth(member, depth - 1)) return false;
  return true;
}
