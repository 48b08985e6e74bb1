/**
 * The lines of an answer's head as text: a header's, and those that end it.
 *
 * Owns: what is remembered of lines that say the same in one answer after the other. May use: node:http, which says what a header may hold.
 * Spec: RFC 9112 section 5, RFC 9110 section 6.6.1.
 */
import { validateHeaderName, validateHeaderValue } from "node:http";

type Line = { value: string; text: string };

/** Headers that say the same in one answer after the other, each with its line as it was last written. None of them ever holds a secret. */
const repeatedLines: ReadonlyMap<string, Line> = new Map(
  [
    ...["content-type", "cache-control", "pragma", "expires", "x-content-type-options", "strict-transport-security"],
    ...["access-control-allow-origin", "access-control-allow-methods", "access-control-expose-headers", "vary"],
    ...["x-ms-ests-server", "x-ms-clitelem", "server", "x-ms-version", "accept-ranges", "x-ms-server-encrypted"],
    ...["x-ms-blob-type", "x-ms-lease-state", "x-ms-lease-status"],
  ].map((name) => [name, { value: "", text: `${name}: \r\n` }]),
);

/** A header's line, with its end. @throws for a name or value that no header can have. */
export function writeLine(name: string, value: string): string {
  const last = repeatedLines.get(name);
  if (last?.value === value) return last.text;
  validateHeaderName(name);
  validateHeaderValue(name, value);
  const text = `${name}: ${value}\r\n`;
  if (last !== undefined) Object.assign(last, { value, text });
  return text;
}

const lastEnd = { date: "", seconds: Number.NaN, text: "" };

/** What ends the head of an answer after which its connection goes on; put together once a second. */
export function writeEnd(keepAliveSeconds: number): string {
  const date = writeDate();
  if (lastEnd.date !== date || lastEnd.seconds !== keepAliveSeconds) {
    const text = `Date: ${date}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\n\r\n`;
    Object.assign(lastEnd, { date, seconds: keepAliveSeconds, text });
  }
  return lastEnd.text;
}

/** What ends the head of a connection's last answer. */
export function writeLastEnd(): string {
  return `Date: ${writeDate()}\r\nConnection: close\r\n\r\n`;
}

const lastDate = { second: Number.NaN, text: "" };

/** `Date` of now (RFC 9110 section 6.6.1), made once a second. */
function writeDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== lastDate.second) Object.assign(lastDate, { second, text: new Date(second * 1000).toUTCString() });
  return lastDate.text;
}
