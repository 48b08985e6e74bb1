/**
 * Reads the body of a batch. A part's address is relative to the batch's own, so that no part can name another host, another version or a
 * file; a part's headers cannot speak for somebody else.
 * @see https://learn.microsoft.com/graph/json-batching#creating-a-batch-request
 */
import { refuseGraph } from "./graph-fault.ts";
import { maxBatchIdLength, maxBatchRequests, maxQueryLength } from "./limits.ts";

export type BatchPart = {
  /** As given; compared without case. */
  readonly id: string;
  readonly method: string;
  /** Begins with one slash. */
  readonly path: string;
  /** Without "?". */
  readonly query: string;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: unknown;
  readonly dependsOn: readonly string[];
};

const methods: readonly string[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/** Headers of a part that say who asks: they are the batch's to say. */
const credentialHeaders: readonly string[] = ["authorization", "cookie", "proxy-authorization"];
const headerName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/;
/** Anything of an address that could lead away from the batch's own: a scheme, a host, a backslash, a fragment, a control character. */
const leavesHost = /^(?:[A-Za-z][A-Za-z0-9+.-]*:|\/\/)|[\\#\p{Cc}]/u;

/**
 * Reads the parts in the order in which they are to be carried out.
 * @throws GraphRefusal `batch-malformed`; nothing has been carried out then.
 */
export function readBatch(body: unknown): readonly BatchPart[] {
  const requests = membersOf(body).requests;
  if (!Array.isArray(requests) || requests.length === 0) malformed("Invalid batch payload format.");
  if (requests.length > maxBatchRequests)
    malformed(`Number of requests in the batch exceeds the maximum of ${maxBatchRequests}.`);
  const parts = requests.map(readPart);
  const seen = new Set<string>();
  for (const { id } of parts) {
    if (seen.has(id.toLowerCase())) malformed(`Request Id '${id}' is not unique in the batch.`);
    seen.add(id.toLowerCase());
  }
  checkOrder(parts);
  return parts;
}

function readPart(value: unknown): BatchPart {
  const { id, method, url, headers = {}, body, dependsOn = [] } = membersOf(value);
  if (typeof id !== "string" || id === "" || id.length > maxBatchIdLength)
    malformed("A request in the batch has no valid id.");
  const folded = typeof method === "string" ? method.toUpperCase() : "";
  if (!methods.includes(folded)) malformed(`Request Id '${id}' has no valid method.`);
  if (typeof url !== "string" || url === "" || url.length > maxQueryLength || leavesHost.test(url))
    malformed(`Request Id '${id}' has no valid relative URL.`);
  if (!Array.isArray(dependsOn) || !dependsOn.every((item) => typeof item === "string"))
    malformed(`Invalid dependency for request Id: ${id}.`);
  const read = readHeaders(id, headers ?? {});
  if (body !== undefined && body !== null && !/^application\/json\b/i.test(read.get("content-type") ?? ""))
    malformed(`Write request id : ${id} does not contain Content-Type header or body.`);
  const [path, query] = splitAddress(url);
  return {
    id,
    method: folded,
    path,
    query,
    headers: read,
    body: body ?? undefined,
    dependsOn: dependsOn.map((item: string) => item.toLowerCase()),
  };
}

function splitAddress(url: string): [path: string, query: string] {
  const mark = url.indexOf("?");
  const path = mark === -1 ? url : url.slice(0, mark);
  return [path.startsWith("/") ? path : `/${path}`, mark === -1 ? "" : url.slice(mark + 1)];
}

function readHeaders(id: string, value: unknown): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [name, text] of Object.entries(membersOf(value))) {
    const folded = name.toLowerCase();
    if (!headerName.test(name) || typeof text !== "string" || /\p{Cc}/u.test(text) || headers.has(folded))
      malformed(`Request Id '${id}' has invalid headers.`);
    if (credentialHeaders.includes(folded))
      malformed(`Request Id '${id}' has an ${name} header; requests of a batch are authorized by the batch's own.`);
    headers.set(folded, text);
  }
  return headers;
}

/**
 * Graph takes three shapes only: no dependencies, each request on the one before it, or all on the first.
 * @see https://github.com/microsoftgraph/msgraph-sdk-design/blob/main/content/BatchRequestContent.md
 */
function checkOrder(parts: readonly BatchPart[]): void {
  for (const [index, { id, dependsOn }] of parts.entries()) {
    const before = parts.slice(0, index).map((part) => part.id.toLowerCase());
    if (dependsOn.some((needed) => !before.includes(needed))) malformed(`Invalid dependency for request Id: ${id}.`);
  }
  const [first, ...rest] = parts;
  const isOn = (part: BatchPart, id: string | undefined) =>
    part.dependsOn.length === 1 && part.dependsOn[0] === id?.toLowerCase();
  const isParallel = rest.every((part) => part.dependsOn.length === 0);
  const isSequential = rest.every((part, index) => isOn(part, parts[index]?.id));
  const isFanned = rest.every((part) => isOn(part, first?.id));
  if (!isParallel && !isSequential && !isFanned)
    malformed("Batch should be either fully sequential or fully parallel.");
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) malformed("Invalid batch payload format.");
  return value as Readonly<Record<string, unknown>>;
}

function malformed(why: string): never {
  refuseGraph({ kind: "batch-malformed", why });
}
