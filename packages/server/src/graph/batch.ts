/**
 * Several requests in one: each part is matched, authenticated, decided and answered as if it had come by itself, and shares nothing with
 * the others but the token it came with. The whole batch is read before any part is carried out: one that is malformed does nothing.
 * @see https://learn.microsoft.com/graph/json-batching
 */

import { BodyRefusal } from "../wire/body.ts";
import type { Reply } from "../wire/exchange.ts";
import { type BatchPart, readBatch } from "./batch-body.ts";
import { refuseGraph } from "./graph-fault.ts";
import { type GraphCall, type GraphOperation, type GraphRequest, operation } from "./operation.ts";

type PartAnswer = { readonly id: string } & Reply;

async function batch(call: GraphCall): Promise<Reply> {
  const { dispatch } = call;
  if (dispatch === undefined) refuseGraph({ kind: "batch-malformed", why: "A batch cannot hold another batch." });
  const parts = readBatch(call.body);
  const answers: PartAnswer[] = [];
  // One after another: a batch takes no more of the server at a time than a request does.
  for (const part of parts) {
    const isBlocked = part.dependsOn.some((id) => !isFine(answers.find((answer) => answer.id.toLowerCase() === id)));
    const reply = isBlocked ? failedDependency(call) : await dispatch(requestOf(call, part));
    answers.push({ id: part.id, ...reply });
  }
  return { status: 200, body: { responses: answers.map(renderAnswer) } };
}

function isFine(answer: PartAnswer | undefined): boolean {
  return answer !== undefined && answer.status < 400;
}

function requestOf(call: GraphCall, part: BatchPart): GraphRequest {
  const { origin, prefix, requestId } = call.exchange;
  const version = call.base.slice(call.base.lastIndexOf("/"));
  return {
    method: part.method,
    exchange: { origin, prefix, requestId, path: `${version}${part.path}`, query: part.query },
    remoteAddress: call.remoteAddress,
    header: (name) => (name === "authorization" ? call.header(name) : part.headers.get(name)),
    readBody: async () => {
      if (part.body === undefined) throw new BodyRefusal({ kind: "body-not-json" });
      return part.body;
    },
  };
}

/** @see https://learn.microsoft.com/graph/json-batching#sequencing-requests-with-the-dependson-property */
function failedDependency({ cloud, exchange }: GraphCall): Reply {
  const innerError = {
    date: cloud.ports.now().toISOString().slice(0, 19),
    "request-id": exchange.requestId,
    "client-request-id": exchange.requestId,
  };
  const message = "Failed dependency: a request that this one depends on did not succeed.";
  return {
    status: 424,
    headers: { "content-type": "application/json" },
    body: { error: { code: "FailedDependency", message, innerError } },
  };
}

/** Header names as HTTP/1.1 writes them: clients look parts' headers up with case. */
const headerNames: Readonly<Record<string, string>> = {
  "cache-control": "Cache-Control",
  "content-type": "Content-Type",
  etag: "ETag",
  location: "Location",
  "odata-version": "OData-Version",
  "www-authenticate": "WWW-Authenticate",
};

function renderAnswer({ id, status, headers = {}, body }: PartAnswer): Readonly<Record<string, unknown>> {
  const named = Object.entries(headers).flatMap(([name, value]) => {
    const shown = headerNames[name];
    return shown === undefined ? [] : [[shown, value]];
  });
  // What is no JSON travels as base64.
  const rendered = typeof body === "string" || Buffer.isBuffer(body) ? Buffer.from(body).toString("base64") : body;
  return { id, status, headers: Object.fromEntries(named), ...(body === undefined ? {} : { body: rendered }) };
}

export const batchOperations: readonly GraphOperation[] = [
  operation({
    operation: "JSON batch",
    method: "POST",
    match: "/$batch",
    action: "signed-in",
    doc: "https://learn.microsoft.com/graph/json-batching",
    sampleBody: { requests: [{ id: "1", method: "GET", url: "/users" }] },
    handle: batch,
  }),
];
