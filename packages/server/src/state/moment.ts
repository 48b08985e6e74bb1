/** Moments as numbers, for columns of them. */

/** Characters of `2026-01-01T00:00:00.000Z`, and of its day with the T. */
const momentLength = 24;
const dayLength = 11;
const zero = 48;
const [minuteMs, hourMs] = [60_000, 3_600_000];

/** The day read last, with its T: many rows are of one day, and a day is slow to read. */
let lastDay = "";
let lastMidnightMs = Number.NaN;

/**
 * Reads a moment as `Date.prototype.toISOString` writes it.
 * @returns milliseconds since 1970; not a number for a text that would be written otherwise.
 */
export function readMoment(text: string): number {
  if (text.length !== momentLength) return Number.NaN;
  if (lastDay === "" || !text.startsWith(lastDay)) {
    const day = text.slice(0, dayLength);
    const midnightMs = Date.parse(`${day}00:00:00.000Z`);
    if (Number.isNaN(midnightMs) || !new Date(midnightMs).toISOString().startsWith(day)) return Number.NaN;
    lastDay = day;
    lastMidnightMs = midnightMs;
  }
  const isShaped =
    text.startsWith(":", 13) && text.startsWith(":", 16) && text.startsWith(".", 19) && text.startsWith("Z", 23);
  const [hour, minute, second] = [readDigits(text, 11, 2), readDigits(text, 14, 2), readDigits(text, 17, 2)];
  if (!isShaped || !(hour < 24 && minute < 60 && second < 60)) return Number.NaN;
  return lastMidnightMs + hour * hourMs + minute * minuteMs + second * 1000 + readDigits(text, 20, 3);
}

/** A number of digits; not a number when one of them is none. */
function readDigits(text: string, at: number, count: number): number {
  let value = 0;
  for (let place = at; place < at + count; place += 1) {
    const digit = text.charCodeAt(place) - zero;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
