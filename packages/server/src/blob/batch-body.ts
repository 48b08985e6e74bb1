/**
 * The bodies of batches: from multipart/mixed to requests, and from answers back. The reader takes what clients send and refuses the rest: a part that could be read in two
 * ways would be decided as one request and carried out as another.
 * @see https://learn.microsoft.com/rest/api/storageservices/blob-batch#request-body
 */
import { STATUS_CODES } from "node:http";
import { invalidHeader, StorageError } from "./errors.ts";
import { maxBatchParts } from "./limits.ts";
import type { RequestHeaders } from "./request-headers.ts";

export type BatchPart = {
  /** As the client numbers it; null when it does not. */
  readonly contentId: string | null;
  readonly method: string;
  /** Raw, from "/", without the query. */
  readonly path: string;
  /** As an exchange's: the account's segment, where the part has it before its path. */
  readonly prefix: string;
  readonly query: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
};

const lineEnd = "\r\n";

function malformed(): never {
  throw new StorageError("InvalidInput");
}

/** The delimiter of a request's parts. @throws StorageError `InvalidHeaderValue`. */
export function readBoundary(headers: RequestHeaders): string {
  const type = headers.require("content-type");
  const match = /^multipart\/mixed *; *boundary=(?:"([\w'()+,./:=? -]{1,70})"|([\w'()+,./:=?-]{1,70}))$/i.exec(type);
  return match?.[1] ?? match?.[2] ?? fail(type);
}

function fail(type: string): never {
  throw invalidHeader("Content-Type", type);
}

/** Splits lines of headers off, up to the empty one. */
function takeHeaders(text: string): { readonly lines: readonly string[]; readonly rest: string } {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) malformed();
  return { lines: text.slice(0, end).split("\r\n"), rest: text.slice(end + 4) };
}

/** Blanks are taken off afterwards: a pattern that leaves them out itself looks through a run of them once for each of them, and again for each. */
function readHeader(line: string): readonly [name: string, value: string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e\x80-\xff]*)$/.exec(line);
  return match === null ? malformed() : [match[1]!, withoutBlanksAround(match[2]!)];
}

/** Without HTTP's blanks; `trim` would take other characters of Latin-1, too. */
function withoutBlanksAround(text: string): string {
  const isBlank = (at: number) => text[at] === " " || text[at] === "\t";
  let [from, to] = [0, text.length];
  while (from < to && isBlank(from)) from += 1;
  while (to > from && isBlank(to - 1)) to -= 1;
  return text.slice(from, to);
}

function withoutEmptyLinesAfter(text: string): string {
  let to = text.length;
  while (text.endsWith(lineEnd, to)) to -= lineEnd.length;
  return text.slice(0, to);
}

function readPart(text: string): BatchPart {
  const { lines: own, rest } = takeHeaders(text);
  const mime = new Map(own.map((line) => readHeader(line)).map(([name, value]) => [name.toLowerCase(), value]));
  if (mime.size !== own.length || mime.get("content-type")?.toLowerCase() !== "application/http") malformed();
  const { lines, rest: body } = takeHeaders(`${withoutEmptyLinesAfter(rest)}\r\n\r\n`);
  // What a batch may ask has no body.
  if (body.trim() !== "") malformed();
  const [requestLine, ...headerLines] = lines;
  const match = /^([A-Z]{1,16}) (\/[\x21-\x7e]*) HTTP\/1\.1$/.exec(requestLine!.trim());
  if (match === null) malformed();
  const [path, ...query] = match[2]!.split("?");
  if (query.length > 1 || path!.includes("#")) malformed();
  return {
    contentId: mime.get("content-id") ?? null,
    method: match[1]!,
    path: path!,
    prefix: "",
    query: query[0] ?? "",
    rawHeaders: headerLines.flatMap(readHeader),
  };
}

/** Reads a batch. @throws StorageError `InvalidInput` for what is none, and for more parts than a batch may have. */
export function parseBatch(body: Buffer, boundary: string): BatchPart[] {
  const text = body.toString("latin1");
  const delimiter = `--${boundary}`;
  if (!text.startsWith(`${delimiter}\r\n`)) malformed();
  const pieces = `\r\n${text}`.split(`\r\n${delimiter}`);
  const closing = pieces.pop()!;
  if (!/^--(?:\r\n)*$/.test(closing)) malformed();
  const parts = pieces.slice(1).map((piece) => (piece.startsWith("\r\n") ? readPart(piece.slice(2)) : malformed()));
  if (parts.length === 0 || parts.length > maxBatchParts) malformed();
  return parts;
}

export type BatchAnswer = {
  readonly contentId: string | null;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export function renderBatch(answers: readonly BatchAnswer[], boundary: string): Buffer {
  const parts = answers.map(({ contentId, status, headers, body }) => {
    const own = Object.entries({ ...headers, "Content-Length": String(Buffer.byteLength(body)) });
    return [
      `--${boundary}`,
      "Content-Type: application/http",
      ...(contentId === null ? [] : [`Content-ID: ${contentId}`]),
      "",
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
      ...own.map(([name, value]) => `${name}: ${value}`),
      "",
      body,
    ].join("\r\n");
  });
  return Buffer.from(`${parts.join("\r\n")}\r\n--${boundary}--\r\n`);
}
