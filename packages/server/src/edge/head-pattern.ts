/**
 * A head of a request that Node's parser has read, and which other bytes are the same head but for what stands in a few places.
 *
 * There is no second reader of HTTP here. Bytes are compared one by one with those that were read; they may differ in places only, each of them within what the
 * parser found to be one value, and only where the difference can mean but one thing to any reader of HTTP:
 *   - the value of a header named below, exactly as long, in the very characters of its grammar (digits of a GUID or a trace, letters and digits of a date):
 *     none of them ends a value, a line or a head. The header stands there once. So does the same GUID as a parameter of a POST's query, where MSAL has it.
 *   - in a GET or HEAD, the target: characters that a URI is made of (RFC 3986), without `#`, beginning with one slash. The parser gives a target on as it stands,
 *     and so does this; routing reads both.
 *
 * A head may carry a bearer token when it has no body, so that reads of a client come this way. Its bytes are kept as long as the connection lasts and wiped then,
 * and compared in constant time after all else was found equal. Owns: what is a place, and how it is compared. May use: node:crypto, the wire types.
 * Decision: docs/decisions/0033-places-in-heads.md
 */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { BodyMemory } from "../wire/body-memory.ts";
import type { FormMemory, RequestHead } from "../wire/whole-request.ts";

/** Longest head that is remembered, in bytes; our choice: those of token clients have some hundreds, one with a token some 2,000. */
export const maxHeadBytes = 4096;
/** Largest body of a request that is taken whole, in bytes; our choice: one record of TLS has 16 KiB, and what comes in more is not whole. */
export const maxBodyBytes = 16_384;
/** Longest target of a repeated head, in bytes; our choice. */
const maxTargetBytes = 2048;

/** Kinds of characters, as bits: what may stand at one byte of a place. */
const hexDigit = 1;
const digit = 2;
const letter = 4;
const targetCharacter = 8;
/** The byte that stood there before, and no other. */
const theSame = 0;

const kindsOf = new Uint8Array(256);
const allow = (characters: string, kind: number) => {
  for (const byte of Buffer.from(characters, "latin1")) kindsOf[byte]! |= kind;
};
const decimals = "0123456789";
const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
allow(`${decimals}abcdefABCDEF`, hexDigit);
allow(decimals, digit);
allow(alphabet, letter);
allow(`${decimals}${alphabet}-._~:/?[]@!$&'()*+,;=%`, targetCharacter);

type Grammar = { readonly pattern: RegExp; readonly kinds: Uint8Array };

/** @param sample `h`, `d` and `a` are hexadecimal digits, digits and letters; all else stands for itself. */
function grammar(sample: string, pattern: RegExp): Grammar {
  const kinds = { h: hexDigit, d: digit, a: letter } as const;
  return { pattern, kinds: Uint8Array.from(sample, (sign) => kinds[sign as keyof typeof kinds] ?? theSame) };
}

const guid = grammar(
  "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh",
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
);
/** RFC 9110 section 5.6.7. */
const date = grammar("aaa, dd aaa dddd dd:dd:dd GMT", /^[A-Z]{3}, \d\d [A-Z]{3} \d{4} \d\d:\d\d:\d\d GMT$/i);
/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
const trace = grammar(
  "hh-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh",
  /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/i,
);

/** Headers that Microsoft's clients send anew with each request; nothing here is decided by any of them but a date's age. */
const placesOfHeaders: ReadonlyMap<string, Grammar> = new Map([
  ["client-request-id", guid],
  ["x-ms-client-request-id", guid],
  ["x-ms-date", date],
  ["traceparent", trace],
]);

type Range = { readonly start: number; readonly end: number };
/** `name` of the header and `index` of its value among the raw headers; undefined in the target. */
type Place = Range & {
  readonly header: { readonly name: string; readonly index: number } | undefined;
  readonly kinds: Uint8Array;
};

export class HeadPattern {
  /** Of the body that follows; 0 for none. */
  readonly bodyBytes: number;
  readonly #bytes: Buffer;
  readonly #head: RequestHead;
  /** Where the target stands, when it may be another as a whole. */
  readonly #target: Range | undefined;
  readonly #targetEnd: number;
  readonly #secret: Range | undefined;
  readonly #places: readonly Place[];
  /** All that lies between the target, the secret and the places; what comes before the target is the first. */
  readonly #fixed: readonly Range[];

  /**
   * Makes sure that bytes are one request from first to last, or its head alone: the very lines that Node's parser found, and no other.
   * @param request the only one that the parser found in them, or the last.
   * @returns undefined for what cannot be repeated.
   */
  static learn(chunk: Buffer, request: IncomingMessage): HeadPattern | undefined {
    const end = chunk.indexOf(endOfHead);
    const headBytes = end + endOfHead.length;
    if (end < 0 || headBytes > maxHeadBytes) return undefined;
    const bodyBytes = sizeOfBody(request);
    if (bodyBytes === undefined) return undefined;
    const isWhole = request.complete ? chunk.length === headBytes + bodyBytes : chunk.length === headBytes;
    if (!isWhole || writeHead(request) !== chunk.toString("latin1", 0, end)) return undefined;
    // Memory of its own: a part of Buffer's pool would hold 64 KiB for as long as the connection lasts.
    const bytes = Buffer.allocUnsafeSlow(headBytes);
    chunk.copy(bytes);
    return new HeadPattern(bytes, request, bodyBytes);
  }

  private constructor(bytes: Buffer, request: IncomingMessage, bodyBytes: number) {
    const { httpVersion, method, url = "", rawHeaders, headers } = request;
    const routeKey = bodyBytes > 0 ? {} : undefined;
    const formMemory: FormMemory | undefined = bodyBytes > 0 ? new BodyMemory() : undefined;
    this.#head = {
      httpVersion,
      method,
      url,
      rawHeaders,
      headers: Object.freeze(headers),
      routeKey,
      headKey: {},
      formMemory,
    };
    this.#bytes = bytes;
    this.bodyBytes = bodyBytes;
    const start = `${method} `.length;
    this.#targetEnd = start + url.length;
    this.#target = bodyBytes === 0 ? { start, end: this.#targetEnd } : undefined;
    const { places, secret } = findPlaces(request);
    const named = this.#target === undefined ? findNamePlace(url, start) : undefined;
    this.#places = named === undefined ? places : [named, ...places];
    this.#secret = secret;
    this.#fixed = rangesBetween([this.#target, secret, ...this.#places], bytes.length);
  }

  /** Size of the head in a piece of so many bytes that holds it alone, or it and its body; undefined when it can be neither. */
  sizeIn(chunkBytes: number): number | undefined {
    const { length } = this.#bytes;
    if (this.#target === undefined)
      return chunkBytes === length || chunkBytes === length + this.bodyBytes ? length : undefined;
    const targetBytes = chunkBytes - length + this.#target.end - this.#target.start;
    return targetBytes > 0 && targetBytes <= maxTargetBytes ? chunkBytes : undefined;
  }

  /** @param headBytes as {@link sizeIn} gave it. @returns what the bytes say when they are this head; undefined when they are not. */
  read(chunk: Buffer, headBytes: number): RequestHead | undefined {
    const bytes = this.#bytes;
    const moved = headBytes - bytes.length;
    const target = this.#target;
    for (const { start, end } of this.#fixed) {
      const by = target === undefined || end <= target.start ? 0 : moved;
      if (chunk.compare(bytes, start, end, start + by, end + by) !== 0) return undefined;
    }
    if (target !== undefined && !isTarget(chunk, target.start, target.end + moved)) return undefined;
    for (const place of this.#places) if (!this.#fits(chunk, place, moved)) return undefined;
    if (this.#secret !== undefined && !this.#isSecret(chunk, this.#secret, moved)) return undefined;
    return target === undefined && this.#places.length === 0 ? this.#head : this.#fill(chunk, moved);
  }

  /** Nothing of it is left behind. */
  wipe(): void {
    this.#bytes.fill(0);
    this.#head.formMemory?.wipe();
  }

  #fits(chunk: Buffer, { start, kinds }: Place, moved: number): boolean {
    const bytes = this.#bytes;
    for (let index = 0; index < kinds.length; index += 1) {
      const byte = chunk[start + moved + index]!;
      const kind = kinds[index]!;
      if (kind === theSame ? byte !== bytes[start + index] : (kindsOf[byte]! & kind) === 0) return false;
    }
    return true;
  }

  #isSecret(chunk: Buffer, { start, end }: Range, moved: number): boolean {
    return timingSafeEqual(chunk.subarray(start + moved, end + moved), this.#bytes.subarray(start, end));
  }

  #fill(chunk: Buffer, moved: number): RequestHead {
    const { httpVersion, method, routeKey, headKey, formMemory } = this.#head;
    const isTargetFixed = this.#target === undefined && this.#places[0]?.header !== undefined;
    const url = isTargetFixed
      ? this.#head.url
      : chunk.toString("latin1", this.#targetEnd - this.#head.url!.length, this.#targetEnd + moved);
    const rawHeaders = this.#head.rawHeaders.slice();
    const headers = { ...this.#head.headers };
    for (const { header, start, end } of this.#places) {
      if (header === undefined) continue;
      const value = chunk.toString("latin1", start + moved, end + moved);
      rawHeaders[header.index] = value;
      headers[header.name] = value;
    }
    return { httpVersion, method, url, rawHeaders, headers, routeKey, headKey, formMemory };
  }
}

const endOfHead = Buffer.from("\r\n\r\n");

/** As nearly every client writes it; who does not is not remembered. */
function writeHead({ method, url, rawHeaders }: IncomingMessage): string {
  let text = `${method} ${url} HTTP/1.1`;
  for (let index = 0; index < rawHeaders.length; index += 2)
    text += `\r\n${rawHeaders[index]}: ${rawHeaders[index + 1]}`;
  return text;
}

/** @returns where in the bytes of {@link writeHead} places are, and the credential. */
function findPlaces({ method, url, rawHeaders }: IncomingMessage): {
  readonly places: readonly Place[];
  readonly secret: Range | undefined;
} {
  const names = rawHeaders.map((name, index) => (index % 2 === 0 ? name.toLowerCase() : ""));
  const places: Place[] = [];
  let secret: Range | undefined;
  let start = `${method} ${url} HTTP/1.1`.length;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = names[index]!;
    const value = rawHeaders[index + 1]!;
    start += `\r\n${name}: `.length;
    const end = start + value.length;
    const grammar = placesOfHeaders.get(name);
    if (name === "authorization") secret = { start, end };
    else if (grammar?.pattern.test(value) === true && names.indexOf(name) === names.lastIndexOf(name))
      places.push({ start, end, header: { name, index: index + 1 }, kinds: grammar.kinds });
    start = end;
  }
  return { places, secret };
}

const nameParameter = "client-request-id=";

/** @param start of the target. @returns the place of a GUID that is all of a parameter of that name, which stands in the query once. */
function findNamePlace(url: string, start: number): Place | undefined {
  const at = url.indexOf(nameParameter, url.indexOf("?"));
  const value = at + nameParameter.length;
  const end = value + guid.kinds.length;
  const isOne =
    at > 0 &&
    url.indexOf("?") >= 0 &&
    (url[at - 1] === "?" || url[at - 1] === "&") &&
    (end === url.length || url[end] === "&") &&
    guid.pattern.test(url.slice(value, end)) &&
    url.lastIndexOf(nameParameter) === at;
  return isOne ? { start: start + value, end: start + end, header: undefined, kinds: guid.kinds } : undefined;
}

function rangesBetween(taken: readonly (Range | undefined)[], size: number): Range[] {
  const ranges: Range[] = [];
  let start = 0;
  const inOrder = taken.filter((range) => range !== undefined).sort((a, b) => a.start - b.start);
  for (const range of [...inOrder, { start: size, end: size }]) {
    if (range.start > start) ranges.push({ start, end: range.start });
    start = range.end;
  }
  return ranges;
}

function isTarget(chunk: Buffer, start: number, end: number): boolean {
  // Two slashes would be read as a host by some; the parser of the path decides on those that Node has read.
  if (chunk[start] !== slash || chunk[start + 1] === slash) return false;
  for (let index = start; index < end; index += 1) if ((kindsOf[chunk[index]!]! & targetCharacter) === 0) return false;
  return true;
}

const slash = 0x2f;

/**
 * Nothing of HTTP that means more than one body of a known length, or none, and a connection that stays; a credential only where there is no body: reads
 * come under one token again and again, while a form holds its own.
 * @returns the size of the body; undefined for what cannot be repeated.
 */
function sizeOfBody({ headers, httpVersion, method, rawHeaders }: IncomingMessage): number | undefined {
  const canRepeat =
    httpVersion === "1.1" &&
    headers.cookie === undefined &&
    headers["proxy-authorization"] === undefined &&
    headers["transfer-encoding"] === undefined &&
    headers.expect === undefined &&
    headers.upgrade === undefined &&
    (headers.connection ?? "keep-alive").toLowerCase() === "keep-alive";
  if (!canRepeat) return undefined;
  const length = headers["content-length"];
  if (method === "GET" || method === "HEAD")
    return length === undefined && hasOneBearerToken(rawHeaders) ? 0 : undefined;
  if (headers.authorization !== undefined || length === undefined || !/^[0-9]+$/.test(length)) return undefined;
  const bodyBytes = Number(length);
  return bodyBytes > 0 && bodyBytes <= maxBodyBytes ? bodyBytes : undefined;
}

function hasOneBearerToken(rawHeaders: readonly string[]): boolean {
  const values = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === "authorization",
  );
  return values.length === 1 && /^bearer [\w.~+/=-]+$/i.test(values[0]!);
}
