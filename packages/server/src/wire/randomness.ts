/**
 * Chance, for what every request needs of it: names (request ids), and a few random bytes (a token's marks). Fetched from the system a page at a time:
 * to ask for sixteen bytes costs as much as to ask for thousands.
 *
 * Owns: the page. What was given out of it is wiped there, so that nobody can read later what another was given.
 */
import { randomBytes, randomFillSync } from "node:crypto";

/** Fetched at once, in bytes; our choice: one page of memory. */
const pageBytes = 4096;
/** The most that is taken from the page; our choice. More is asked for by itself. */
const maxTakenBytes = 64;

const page = Buffer.alloc(pageBytes);
let usedBytes = pageBytes;

/** Makes sure of so many bytes in the page. @returns where they stand. */
function claim(sizeBytes: number): number {
  if (usedBytes + sizeBytes > pageBytes) {
    randomFillSync(page);
    usedBytes = 0;
  }
  const start = usedBytes;
  usedBytes += sizeBytes;
  return start;
}

/** @returns bytes of the system's randomness, good for secrets; they are the caller's own. */
export function takeRandomBytes(sizeBytes: number): Buffer {
  if (sizeBytes > maxTakenBytes) return randomBytes(sizeBytes);
  const start = claim(sizeBytes);
  const taken = Buffer.from(page.subarray(start, start + sizeBytes));
  page.fill(0, start, start + sizeBytes);
  return taken;
}

const guidBytes = 16;
/** After which bytes of a GUID a hyphen stands. */
const hyphensAfter = [3, 5, 7, 9];
/** Where in its text each byte's two digits stand. */
const places: readonly number[] = Array.from(
  { length: guidBytes },
  (_, index) => 2 * index + hyphensAfter.filter((byte) => byte < index).length,
);
const hexDigits = Buffer.from("0123456789abcdef", "latin1");
const text = Buffer.alloc(36, "-", "latin1");

/**
 * Not crypto.randomUUID: that text is put together of twenty pieces, and V8 keeps the pieces for as long as the text; in the records of ten thousand
 * sign-ins they were most of what the collector had to carry along.
 * @returns a version 4 UUID in lower case.
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.4
 */
export function makeGuid(): string {
  const start = claim(guidBytes);
  for (let index = 0; index < guidBytes; index += 1) {
    let byte = page[start + index]!;
    if (index === 6) byte = (byte & 0x0f) | 0x40;
    if (index === 8) byte = (byte & 0x3f) | 0x80;
    const place = places[index]!;
    text[place] = hexDigits[byte >> 4]!;
    text[place + 1] = hexDigits[byte & 0x0f]!;
    page[start + index] = 0;
  }
  return text.toString("latin1");
}
