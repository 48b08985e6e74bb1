/**
 * What becomes known of one request while it is answered, for the logs of Storage Analytics: the surface notes it down as it goes, and when the answer is
 * out it is made into lines. Only requests to accounts that keep logs have one.
 */
import type { Decision } from "@postern/access";
import { redactText } from "../../observe/redaction.ts";
import type { ReadModel } from "../../state/read-model.ts";
import type { Exchange } from "../../wire/exchange.ts";
import type { Grounds } from "../authorization.ts";
import type { Answer, BlobOperation } from "../operation-row.ts";
import type { RequestHeaders } from "../request-headers.ts";
import type { Target } from "../target.ts";
import { readAddress } from "../ways-in/address-range.ts";
import type { Admission } from "../ways-in/admission.ts";
import type { LoggedCaller, LoggedRequest, LoggedWay } from "./log-line.ts";
import { kindOfRequest, type LogKind, nameOperation } from "./logged-operation.ts";
import { withoutSecrets } from "./logged-url.ts";

/** What is known when the request has come. */
export type Arrival = {
  readonly exchange: Exchange;
  readonly headers: RequestHeaders;
  /** Of the service, that the answer follows. */
  readonly version: string;
  readonly account: string;
};

/** How an answer went out. */
export type Ending = {
  /** Of the answer's head; null where none went out. */
  readonly status: number | null;
  /** False where the client was gone before all of it was out. */
  readonly isWhole: boolean;
  /** By the process's steady clock, in milliseconds. */
  readonly endedMs: number;
  readonly endedAt: Date;
};

export class Journal {
  /** Noted by the surface as they become known. */
  operation: BlobOperation | undefined;
  target: Target | undefined;
  admission: Admission | undefined;
  grounds: Grounds | undefined;
  errorCode: string | undefined;
  readonly #arrival: Arrival;
  readonly #startedMs: number;
  #answeredMs: number | undefined;
  #answer: Answer | undefined;

  /** @param startedMs when the request's head had come, by the process's steady clock. */
  constructor(arrival: Arrival, startedMs: number) {
    this.#arrival = arrival;
    this.#startedMs = startedMs;
  }

  noteOperation(operation: BlobOperation, target: Target): void {
    this.operation = operation;
    this.target = target;
  }

  /** To be told of the answer before it is sent. */
  noteAnswer(answer: Answer): void {
    this.#answer = answer;
    this.#answeredMs = performance.now();
  }

  get kind(): LogKind {
    return kindOfRequest(this.#arrival.exchange.request.method ?? "", this.operation?.operation ?? "");
  }

  get account(): string {
    return this.#arrival.account;
  }

  /** Failures of callers who showed nothing are logged only where they are the server's, or no failures. Source: decision 39. */
  isLogged({ status, isWhole }: Ending): boolean {
    return this.#way !== "anonymous" || !isWhole || status === null || status < 400 || status >= 500;
  }

  /** The lines' content: one of most requests, three of a copy that was begun. */
  describe(ending: Ending, model: ReadModel): LoggedRequest[] {
    const line = this.#describe(ending, model);
    const { headers } = this.#arrival;
    const source = headers.get("x-ms-copy-source");
    if (this.operation?.operation !== "Copy Blob" || source === undefined || ending.status !== 202) return [line];
    const part = { ...line, etag: "", lastModified: "" };
    return [
      line,
      { ...part, operation: "CopyBlobSource", objectKey: withoutSecrets(source), index: 1 },
      { ...part, operation: "CopyBlobDestination", index: 2 },
    ];
  }

  get #way(): LoggedWay {
    const { headers, exchange } = this.#arrival;
    return this.admission === undefined ? wayShown(headers, exchange) : wayOf(this.admission);
  }

  #describe({ status, isWhole, endedMs, endedAt }: Ending, model: ReadModel): LoggedRequest {
    const { exchange, headers, version, account } = this.#arrival;
    const { request } = exchange;
    const isSuccess = status !== null && status < 400 && isWhole;
    const contentLength = Number(headers.get("content-length") ?? 0) || 0;
    const answered = sizesOfAnswer(exchange, this.#answer);
    const answerHeader = (name: string): string => this.#answer?.headers[name] ?? "";
    const text = (name: string): string => headers.get(name) ?? "";
    const totalMs = endedMs - this.#startedMs;
    return {
      startedAt: new Date(endedAt.getTime() - totalMs),
      operation: nameOperation(this.operation?.operation ?? "", headers),
      status: nameOutcome(this.#way, status, isWhole, this.errorCode),
      httpStatus: status === null ? "Unknown" : String(status),
      totalMs,
      serverMs: (this.#answeredMs ?? endedMs) - this.#startedMs,
      way: this.#way,
      account,
      url: withoutSecrets(
        `${exchange.origin}${exchange.prefix}${exchange.path}${exchange.query === "" ? "" : `?${exchange.query}`}`,
      ),
      objectKey: keyOf(account, this.target),
      requestId: exchange.requestId,
      index: 0,
      address: writeAddress(exchange),
      version: headers.get("x-ms-version") ?? version,
      requestHeaderBytes: sizeOfHead(request),
      requestBodyBytes: isSuccess ? contentLength : "",
      answerHeaderBytes: answered.headBytes,
      answerBodyBytes: answered.bodyBytes,
      contentLength,
      requestMd5: text("content-md5") || text("x-ms-blob-content-md5"),
      serverMd5: this.kind === "write" ? answerHeader("Content-MD5") : "",
      etag: answerHeader("ETag"),
      lastModified: answerHeader("Last-Modified"),
      conditions: conditionNames
        .filter((name) => headers.has(name.toLowerCase()))
        .map((name) => `${name}=${text(name.toLowerCase())}`)
        .join(";"),
      userAgent: redactText(text("user-agent")),
      referrer: withoutSecrets(text("referer")),
      clientRequestId: redactText(text("x-ms-client-request-id")),
      caller: describeCaller(this.admission, this.grounds, model),
    };
  }
}

function wayOf({ way }: Admission): LoggedWay {
  switch (way) {
    case "bearer":
      return "bearer";
    case "key":
      return "authenticated";
    case "signature":
    case "delegation":
      return "sas";
    case "none":
      return "anonymous";
  }
}

/** Where nobody was let in, what was shown says as what. */
function wayShown(headers: RequestHeaders, { query }: Exchange): LoggedWay {
  if (/(?:^|&)sig=/i.test(query)) return "sas";
  const authorization = headers.get("authorization");
  if (authorization === undefined) return "anonymous";
  return /^bearer /i.test(authorization) ? "bearer" : "authenticated";
}

/** Those that the format names, as it spells them. */
const conditionNames = ["If-Modified-Since", "If-Unmodified-Since", "If-Match", "If-None-Match"] as const;

/** What stands before an outcome's name, by the way in. */
const outcomePrefixes: Readonly<Record<LoggedWay, string>> = {
  authenticated: "",
  anonymous: "Anonymous",
  sas: "SAS",
  bearer: "OAuth",
};

/** What the client did wrong is called by the error's code, in all versions of the service that are served here. */
function nameOutcome(way: LoggedWay, status: number | null, isWhole: boolean, errorCode: string | undefined): string {
  const prefix = outcomePrefixes[way];
  if (!isWhole || status === null) return `${prefix}NetworkError`;
  if (status === 503 || status === 429) return `${prefix}ThrottlingError`;
  if (status >= 500) return `${prefix}ServerOtherError`;
  if (status === 401 || status === 403) return `${prefix}AuthorizationError`;
  if (status >= 300) return errorCode ?? `${prefix}ClientOtherError`;
  return `${prefix}Success`;
}

function keyOf(account: string, target: Target | undefined): string {
  if (target === undefined || target.level === "account") return `/${account}`;
  const container = `/${account}/${target.container}`;
  return target.level === "container" ? container : `${container}/${target.blob}`;
}

function writeAddress({ request: { socket } }: Exchange): string {
  const address = readAddress(socket.remoteAddress);
  if (address === "" || socket.remotePort === undefined) return address;
  return address.includes(":") ? `[${address}]:${socket.remotePort}` : `${address}:${socket.remotePort}`;
}

/** Of the request line and the headers with their ends, in bytes. */
function sizeOfHead({ method, url, rawHeaders }: Exchange["request"]): number {
  let sizeBytes = `${method} ${url} HTTP/1.1\r\n\r\n`.length;
  // Each name is followed by ": ", each value by the end of the line.
  for (const text of rawHeaders) sizeBytes += text.length + 2;
  return sizeBytes;
}

function sizesOfAnswer(
  exchange: Exchange,
  answer: Answer | undefined,
): { headBytes: number | ""; bodyBytes: number | "" } {
  const { request, note } = exchange;
  const bodyBytes = request.method === "HEAD" ? 0 : bodyBytesOf(answer);
  if (note === undefined || answer === undefined)
    return { headBytes: "", bodyBytes: answer === undefined ? "" : bodyBytes };
  return { headBytes: Math.max(0, request.socket.bytesWritten - note.sentBytesBefore - bodyBytes), bodyBytes };
}

function bodyBytesOf(answer: Answer | undefined): number {
  const { body, headers } = answer ?? {};
  if (body === undefined) return 0;
  if (typeof body === "string" || Buffer.isBuffer(body)) return Buffer.byteLength(body);
  return Number(headers?.["Content-Length"] ?? 0);
}

function describeCaller(
  admission: Admission | undefined,
  grounds: Grounds | undefined,
  model: ReadModel,
): LoggedCaller | null {
  if (admission?.way !== "bearer") return null;
  const { principalId, token } = admission;
  const claim = (name: string): string => {
    const value = token?.claims?.[name];
    return typeof value === "string" ? value : "";
  };
  const principal = model.principal(principalId);
  return {
    objectId: principalId,
    tenantId: token?.tenantId ?? "",
    applicationId: token?.appId ?? "",
    audience: token?.audience ?? "",
    issuer: claim("iss"),
    userPrincipalName: principal?.type === "User" ? principal.row.userPrincipalName : "",
    authorization: grounds === undefined ? "" : describeGrounds(grounds, principal?.type ?? ""),
  };
}

/** What let the caller do it, as the format's samples have it: one element for each permission that was asked about. */
function describeGrounds(grounds: Grounds, principalType: string): string {
  const allowed = (decision: Decision) => (decision.isAllowed ? decision : undefined);
  return JSON.stringify(
    grounds.map(({ ask, decision }) => ({
      action: ask.operation,
      roleAssignmentId: allowed(decision)?.assignmentId ?? "",
      roleDefinitionId: allowed(decision)?.roleDefinitionId ?? "",
      principalId: allowed(decision)?.principalId ?? ask.principalId,
      principalType: (allowed(decision)?.via.length ?? 0) > 0 ? "Group" : principalType,
    })),
  );
}
