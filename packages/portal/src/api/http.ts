/**
 * Calls to the planes with the person's token: one way out, one shape of error.
 *
 * All planes are on this page's own origin, told apart by the first segment of the path. An answer 401 with a claims challenge is tried once more
 * with a fresh token. Reads are tried again after 429 and 503 as `Retry-After` says.
 */
import { type TokenPlane, tokenFor } from "../session/session.ts";

/** An error as a plane sent it: Azure's code and text. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** `x-ms-request-id`: what `postern explain --request-id` takes. */
  readonly requestId: string;
  /** The request whose record explains the refusal; "" when there is none. */
  readonly explainedBy: string;
  constructor(status: number, code: string, message: string, requestId: string, explainedBy = "") {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.explainedBy = explainedBy;
  }
}

export type Ask = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes as JSON. */
  readonly body?: object | Blob | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** Times a read is tried again. Our choice. */
const maxRetries = 2;
/** Longest wait that is obeyed between tries, in seconds; longer ones are shown as the error they are. Our choice. */
const maxRetryAfterSeconds = 5;

/**
 * Sends one request.
 * @param target path and query on this origin, or an absolute link of an earlier answer (`nextLink`), which must lead here.
 * @throws ApiError for every answer of 400 and above, and with status 0 when there was none.
 */
export async function send(plane: TokenPlane, target: string, ask: Ask = {}): Promise<Response> {
  const url = new URL(target, location.origin);
  if (url.origin !== location.origin) throw new ApiError(0, "ForeignLink", "The answer links to another server.", "");
  let token = await tokenFor(plane);
  for (let attempt = 0; ; attempt++) {
    const response = await sendOnce(url, token, ask);
    if (response.ok || response.status === 304) return response;
    const claims = attempt === 0 && response.status === 401 ? claimsOf(response) : undefined;
    if (claims !== undefined) token = await tokenFor(plane, claims);
    else if (!(await waitForRetry(response, ask, attempt))) throw await readError(response);
  }
}

async function sendOnce(url: URL, token: string, { method = "GET", headers, body, signal }: Ask): Promise<Response> {
  const isJson = body !== undefined && !(body instanceof Blob);
  try {
    return await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: "application/json, application/xml;q=0.5, */*;q=0.1",
        ...(isJson ? { "content-type": "application/json" } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
      cache: "no-store",
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw new ApiError(0, "ServerUnreachable", "The server did not answer. Is Postern still running?", "");
  }
}

/** The claims of a challenge; "" for a 401 without one, which a fresh token may mend. */
function claimsOf(response: Response): string {
  const encoded = /claims="([^"]+)"/.exec(response.headers.get("www-authenticate") ?? "")?.[1];
  try {
    return encoded === undefined ? "" : atob(encoded);
  } catch {
    return "";
  }
}

async function waitForRetry(response: Response, { method = "GET" }: Ask, attempt: number): Promise<boolean> {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const isWorthwhile = method === "GET" && (response.status === 429 || response.status === 503) && attempt < maxRetries;
  if (!isWorthwhile || !(seconds <= maxRetryAfterSeconds)) return false;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return true;
}

/** Reads the error out of any of the shapes: `{error: {code, message}}` of Graph and Resource Manager, XML of Storage. */
async function readError(response: Response): Promise<ApiError> {
  return errorOf(response.status, response.statusText, (name) => response.headers.get(name), await response.text());
}

/** The error of an answer, however it was asked for. @param header reads one of the answer's headers. */
export function errorOf(
  status: number,
  statusText: string,
  header: (name: string) => string | null,
  body: string,
): ApiError {
  const requestId = header("x-ms-request-id") ?? header("request-id") ?? "";
  const { code, message } = readErrorBody(body);
  const named = code ?? header("x-ms-error-code") ?? `HTTP ${status}`;
  const explainedBy = header("x-postern-explain")?.split("/").at(-1) ?? "";
  return new ApiError(status, named, message ?? statusText, requestId, explainedBy);
}

function readErrorBody(text: string): { readonly code?: string | undefined; readonly message?: string | undefined } {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: string; message?: string } };
    return { code: error?.code, message: error?.message };
  } catch {
    // The message's first line is Azure's text; request id and time follow it.
    const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1];
    return { code, message: /<Message>([^<\n]*)/.exec(text)?.[1] };
  }
}

/** Sends and reads JSON; undefined for an answer without a body. */
export async function sendForJson<Result>(plane: TokenPlane, target: string, ask?: Ask): Promise<Result> {
  const response = await send(plane, target, ask);
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as Result;
}

/** One page of a list. */
export type Page<Item> = {
  readonly items: readonly Item[];
  /** Where the next page is; undefined after the last. */
  readonly nextLink: string | undefined;
  /** How many there are in all, when it was asked for. */
  readonly count?: number | undefined;
};

type WirePage<Item> = {
  readonly value: readonly Item[];
  readonly nextLink?: string;
  readonly "@odata.nextLink"?: string;
  readonly "@odata.count"?: number;
};

/** Reads one page of a Graph or Resource Manager list. */
export async function readPage<Item>(plane: TokenPlane, target: string, ask?: Ask): Promise<Page<Item>> {
  const page = await sendForJson<WirePage<Item>>(plane, target, ask);
  return { items: page.value, nextLink: page["@odata.nextLink"] ?? page.nextLink, count: page["@odata.count"] };
}

/** Pages of one list that are read to its end by {@link readAll}. Our choice: 100 of up to 999 rows. */
const maxPages = 100;

/** Reads a list to its end, or to where it becomes absurd. */
export async function readAll<Item>(plane: TokenPlane, target: string, ask?: Ask): Promise<Item[]> {
  const items: Item[] = [];
  let next: string | undefined = target;
  for (let pages = 0; next !== undefined && pages < maxPages; pages++) {
    const page: Page<Item> = await readPage<Item>(plane, next, ask);
    items.push(...page.items);
    next = page.nextLink;
  }
  return items;
}
