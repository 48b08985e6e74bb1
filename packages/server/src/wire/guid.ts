/**
 * Makes GUIDs: request ids and whatever else needs a name. Every request takes one or two and its records keep them.
 *
 * Not crypto.randomUUID: that text is put together of twenty pieces, and V8 keeps the pieces for as long as the text; in the records of ten thousand
 * sign-ins they were most of what the collector had to carry along.
 */
import { randomFillSync } from "node:crypto";

const guidBytes = 16;
/** GUIDs whose randomness is fetched at once; our choice: 4 KiB. */
const guidsPerFill = 256;
/** After which bytes a hyphen stands. */
const hyphensAfter: ReadonlySet<number> = new Set([3, 5, 7, 9]);
const hexDigits = Buffer.from("0123456789abcdef", "latin1");

const random = Buffer.alloc(guidBytes * guidsPerFill);
let used = random.length;
const text = Buffer.alloc(36, "-", "latin1");
/** Where in the text each byte's two digits stand. */
const places: readonly number[] = Array.from(
  { length: guidBytes },
  (_, index) => 2 * index + [...hyphensAfter].filter((byte) => byte < index).length,
);

/** @returns a version 4 UUID in lower case, from the system's randomness. @see https://www.rfc-editor.org/rfc/rfc9562#section-5.4 */
export function makeGuid(): string {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  for (let index = 0; index < guidBytes; index += 1) {
    let byte = random[used + index]!;
    if (index === 6) byte = (byte & 0x0f) | 0x40;
    if (index === 8) byte = (byte & 0x3f) | 0x80;
    const place = places[index]!;
    text[place] = hexDigits[byte >> 4]!;
    text[place + 1] = hexDigits[byte & 0x0f]!;
  }
  random.fill(0, used, used + guidBytes); // nobody can read there what the next caller was given
  used += guidBytes;
  return text.toString("latin1");
}
