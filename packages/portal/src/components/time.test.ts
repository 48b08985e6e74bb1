import assert from "node:assert/strict";
import { test } from "node:test";
import { addDays, daysUntil, expiryOf, formatDate, formatTime, worstExpiry } from "./time.ts";

const now = new Date("2026-03-01T12:00:00Z");
const inDays = (days: number) => addDays(now, days).toISOString();

test("a credential is expiring for its last 30 days, and expired at its end", () => {
  assert.equal(expiryOf(inDays(30), now), "current");
  assert.equal(expiryOf(inDays(29.9), now), "soon");
  assert.equal(expiryOf(inDays(0.001), now), "soon");
  assert.equal(expiryOf(inDays(-0.001), now), "expired");
  assert.equal(daysUntil(inDays(1.5), now), 1);
});

test("of several ends the worst is shown, of none nothing", () => {
  assert.equal(worstExpiry([inDays(100), inDays(-1), inDays(5)], now), "expired");
  assert.equal(worstExpiry([inDays(100), inDays(5)], now), "soon");
  assert.equal(worstExpiry([], now), undefined);
});

test("what is no time is shown as it came", () => {
  assert.equal(formatDate("soon"), "soon");
  for (const nothing of [null, undefined, ""]) assert.equal(formatTime(nothing), "-");
  assert.match(formatDate("2026-03-01T12:00:00Z"), /^\d{1,2}\/\d{1,2}\/2026$/);
});
