/**
 * Calls one service with its token: JSON in and out, lists followed to their end, refusals as faults. May use: this folder.
 */
import { failure } from "../faults.ts";
import { parseRecord } from "../state/private-file.ts";
import { readServiceFault, type Service } from "./service-fault.ts";
import type { TokenSource } from "./tokens.ts";
import type { HttpAnswer, HttpRequest, Transport } from "./transport.ts";

/** A list of more pages than this is a server going round in circles. */
const MAX_PAGES = 10_000;
/** Between two looks at a running operation, when the service does not say. */
const DEFAULT_POLL_MS = 1_000;
const MAX_POLL_MS = 30_000;
/** az gives up on an operation after an hour too. */
const MAX_OPERATION_MS = 3_600_000;

export interface ServiceClientParts {
  readonly service: Service;
  readonly transport: Transport;
  readonly tokens: TokenSource;
  readonly audience: string;
  /** Where the service is: paths are appended to it. */
  readonly endpoint: string;
  /**
   * The service's name in public: what it is called by (so that links and endpoints in its answers are those every client sees, wherever
   * it runs), and what links in its answers may name beside the endpoint.
   */
  readonly publicOrigin: string;
}

export type Json = Record<string, unknown>;

export interface ChangedList {
  readonly items: readonly Json[];
  /** Of a service that tells one; Azure's own does not. */
  readonly etag: string | undefined;
}

export class ServiceClient {
  readonly #parts: ServiceClientParts;

  constructor(parts: ServiceClientParts) {
    this.#parts = parts;
  }

  /** What the service is called by in public. */
  get publicOrigin(): string {
    return this.#parts.publicOrigin;
  }

  /** @param path begins with a slash and is percent-encoded. @throws ServiceFault for any answer of 400 and above. */
  send(method: string, path: string, body?: unknown): Promise<HttpAnswer> {
    return this.#call(method, this.#parts.endpoint + path, body);
  }

  /** The same, when the answer is one JSON object. */
  async json(method: string, path: string, body?: unknown): Promise<Json> {
    return this.#readObject(await this.send(method, path, body));
  }

  /** Every item of a list, over all its pages. */
  async list(path: string, body?: unknown): Promise<Json[]> {
    const items: Json[] = [];
    let answer = await this.send(body === undefined ? "GET" : "POST", path, body);
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const object = this.#readObject(answer);
      if (Array.isArray(object.value)) items.push(...(object.value as Json[]));
      const link = object.nextLink ?? object["@odata.nextLink"];
      if (typeof link !== "string" || link === "") return items;
      answer = await this.#call("GET", this.#resolveLink(link));
    }
    throw failure(`The list at ${path} has no end.`);
  }

  /**
   * A list of one page, when it is not what the caller has already.
   * @param known the ETag it came with. @returns undefined when the service, having looked at the caller's rights as ever, says that nothing changed.
   * @see https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match
   */
  async listChanged(path: string, known: string | undefined): Promise<ChangedList | undefined> {
    const headers = known === undefined ? {} : { "if-none-match": known };
    const answer = await this.#call("GET", this.#parts.endpoint + path, undefined, headers);
    if (answer.status === 304) return undefined;
    const { value, nextLink } = this.#readObject(answer);
    if (nextLink !== undefined) return { items: await this.list(path), etag: undefined };
    return { items: Array.isArray(value) ? (value as Json[]) : [], etag: answer.headers.etag };
  }

  /**
   * Starts an operation that may take long and waits for its end.
   * @returns the last answer: of the operation when it was done at once, of its Location otherwise.
   * @see https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
   */
  async finish(method: string, path: string, body?: unknown): Promise<HttpAnswer> {
    const started = performance.now();
    let answer = await this.send(method, path, body);
    while (answer.status === 202) {
      const { location } = answer.headers;
      if (location === undefined) return answer;
      if (performance.now() - started > MAX_OPERATION_MS) throw failure("The operation did not end within an hour.");
      await new Promise((resolve) => setTimeout(resolve, readRetryAfterMs(answer)));
      answer = await this.#call("GET", this.#resolveLink(location));
    }
    return answer;
  }

  async #call(
    method: string,
    url: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpAnswer> {
    const { service, tokens, audience } = this.#parts;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const exchange = (token: string) => this.#exchange({ method, url, headers, body: text }, token);
    let answer = await exchange((await tokens.get(audience)).accessToken);
    // A cached token may be of a server that was set up anew since.
    if (answer.status === 401) answer = await exchange((await tokens.renew(audience)).accessToken);
    if (answer.status >= 400) throw readServiceFault(service, answer);
    return answer;
  }

  #exchange(request: HttpRequest, token: string): Promise<HttpAnswer> {
    const headers: Record<string, string> = {
      ...request.headers,
      host: new URL(this.#parts.publicOrigin).host,
      authorization: `Bearer ${token}`,
    };
    if (request.body !== undefined) headers["content-type"] = "application/json";
    return this.#parts.transport({ ...request, headers });
  }

  /** A token is only ever sent to the service itself: a link elsewhere is refused. */
  #resolveLink(link: string): string {
    const own = new URL(this.#parts.endpoint);
    const url = URL.parse(link, own);
    if (url === null || (url.origin !== own.origin && url.origin !== this.#parts.publicOrigin)) {
      throw failure(`The service at ${own.origin} sent a link to another place: ${link}`);
    }
    return own.origin + url.pathname + url.search;
  }

  #readObject({ body }: HttpAnswer): Json {
    const object = parseRecord(body);
    if (object === undefined)
      throw failure(`The service at ${this.#parts.endpoint} answered something that is not JSON.`);
    return object;
  }
}

function readRetryAfterMs(answer: HttpAnswer): number {
  const seconds = Number(answer.headers["retry-after"] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, MAX_POLL_MS) : DEFAULT_POLL_MS;
}
