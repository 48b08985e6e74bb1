/**
 * Batches: each part is a request of its own, let in and decided by itself; the batch's own right is to send one.
 * @see https://learn.microsoft.com/rest/api/storageservices/blob-batch
 */
import { randomUUID } from "node:crypto";
import { commonHeaders, renderError } from "./answer.ts";
import { type BatchAnswer, type BatchPart, parseBatch, readBoundary, renderBatch } from "./batch-body.ts";
import { containerName, requireContainer } from "./container-handlers.ts";
import { StorageError } from "./errors.ts";
import { asStorageError } from "./fault-words.ts";
import { maxBatchBytes } from "./limits.ts";
import type { AccountCall, Answer, Call, ContainerCall } from "./operation-row.ts";
import { readContentLength, readWholeBody } from "./request-body.ts";

async function answerPart(call: Call, part: BatchPart, container: string | null): Promise<BatchAnswer> {
  const { exchange, version, cloud } = call;
  const common = commonHeaders(exchange, version);
  const { contentId } = part;
  try {
    const place = placeOf(call, part.path);
    if (container !== null && !place.path.startsWith(`/${container}/`)) throw new StorageError("InvalidInput");
    const { status, headers } = await call.answerPart({ ...part, ...place });
    return { contentId, status, headers: { ...common, ...headers }, body: "" };
  } catch (cause) {
    const error = asStorageError(cause);
    const headers = { ...common, "x-ms-error-code": error.code, ...error.headers, "Content-Type": "application/xml" };
    const body = renderError(error, exchange.requestId, cloud.ports.now());
    return { contentId, status: error.status, headers, body };
  }
}

/**
 * Path-style, the JavaScript SDK names the account in each part, too, and the Python SDK does not, nor in what it signs. A part is read in one way: what
 * begins with the account's name names the account. It is of this batch's account in either case.
 */
function placeOf({ exchange: { prefix } }: Call, path: string): Pick<BatchPart, "path" | "prefix"> {
  return path.startsWith(`${prefix}/`) ? { prefix, path: path.slice(prefix.length) } : { prefix: "", path };
}

async function answerBatch(call: Call, container: string | null): Promise<Answer> {
  const { headers, exchange } = call;
  const boundary = readBoundary(headers);
  const body = await readWholeBody(exchange.request, readContentLength(headers, maxBatchBytes));
  const parts = parseBatch(body, boundary);
  const answers = await Promise.all(parts.map((part) => answerPart(call, part, container)));
  const own = `batchresponse_${randomUUID()}`;
  return {
    status: 202,
    headers: { "Content-Type": `multipart/mixed; boundary=${own}` },
    body: renderBatch(answers, own),
  };
}

export function batch(call: AccountCall): Promise<Answer> {
  return answerBatch(call, null);
}

export async function batchInContainer(call: ContainerCall): Promise<Answer> {
  await requireContainer(call.engine, containerName(call));
  return answerBatch(call, call.target.container);
}
