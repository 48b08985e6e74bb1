/** Rate limits and load, by a clock of the test's own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Throttled } from "../wire/busy.ts";
import { Load, weighBody } from "./load.ts";
import { maxCallers, RateLimits } from "./rate-limits.ts";

const none = { perSecond: 0, burst: 0 };

/** Seconds to wait, 0 for an admitted request. */
function waitOf(ask: () => void): number {
  try {
    ask();
    return 0;
  } catch (cause) {
    assert.ok(cause instanceof Throttled);
    return cause.retryAfterSeconds;
  }
}

test("a client has its burst, then its rate, and nobody else's", () => {
  let nowMs = 0;
  const limits = new RateLimits({ tokens: { perSecond: 2, burst: 3 }, planes: none }, () => nowMs);
  const ask = (client: string, address = "10.0.0.1") => waitOf(() => limits.admitTokenRequest(client, address));
  assert.deepEqual([ask("a"), ask("a"), ask("a"), ask("a")], [0, 0, 0, 1]);
  assert.equal(ask("A"), 1, "client ids are compared without case");
  assert.equal(ask("b"), 0, "another client");
  assert.equal(ask("a", "10.0.0.2"), 0, "the same client from elsewhere");
  nowMs = 500;
  assert.deepEqual([ask("a"), ask("a")], [0, 1], "one more after half a second");
  nowMs = 60_000;
  assert.deepEqual([ask("a"), ask("a"), ask("a"), ask("a")], [0, 0, 0, 1], "never more than the burst");
  assert.deepEqual(limits.refused, { tokens: 4, planes: 0 });
});

test("Retry-After is when the next request would be let through", () => {
  let nowMs = 0;
  const limits = new RateLimits({ tokens: none, planes: { perSecond: 0.1, burst: 1 } }, () => nowMs);
  const ask = () => waitOf(() => limits.admitPrincipal("p"));
  assert.deepEqual([ask(), ask()], [0, 10]);
  nowMs = 9_999;
  assert.equal(ask(), 1);
  nowMs = 10_000;
  assert.equal(ask(), 0);
});

test("a rate of nothing is no limit, and what names no principal is bounded by address", () => {
  const open = new RateLimits({ tokens: none, planes: none });
  for (let index = 0; index < 1000; index++) open.admitPrincipal("p");
  const limits = new RateLimits({ tokens: none, planes: { perSecond: 1, burst: 1 } }, () => 0);
  limits.admitAddress("10.0.0.1");
  limits.admitAddress("10.0.0.2");
  assert.throws(() => limits.admitAddress("10.0.0.1"), Throttled);
});

test("callers that are remembered are bounded: the one longest away goes", () => {
  let nowMs = 0;
  const limits = new RateLimits({ tokens: none, planes: { perSecond: 1e-6, burst: 1 } }, () => nowMs);
  limits.admitPrincipal("first");
  limits.admitPrincipal("second");
  nowMs = 2_000;
  assert.throws(() => limits.admitPrincipal("first"), Throttled); // seen again
  for (let index = 2; index <= maxCallers; index++) limits.admitPrincipal(`other ${index}`);
  assert.throws(() => limits.admitPrincipal("first"), Throttled);
  assert.equal(
    waitOf(() => limits.admitPrincipal("second")),
    0,
  );
});

test("a process takes no more than its bounds", (t) => {
  let nowMs = 0;
  const limits = { maxRequests: 2, maxBodyBytes: 1000, maxDelayMs: 500, maxHeapPercent: 90 };
  const load = new Load(limits, () => nowMs);
  t.after(() => load.close());
  const heap = (percent: number) => ({ used_heap_size: percent, heap_size_limit: 100 });
  assert.equal(load.refusal(), undefined);
  load.requestCount = 2;
  assert.equal(load.refusal(), "requests");
  load.requestCount = 1;
  load.bodyBytes = 1001;
  assert.equal(load.refusal(), "body-bytes");
  load.bodyBytes = 1000;
  nowMs = 601;
  load.look(heap(10));
  assert.equal(load.refusal(), "event-loop");
  nowMs = 701;
  load.look(heap(91));
  assert.equal(load.refusal(), "heap");
  nowMs = 801;
  load.look(heap(90));
  assert.equal(load.refusal(), undefined);
});

test("a body weighs what it may have to be held in memory with", () => {
  assert.equal(weighBody(undefined, false, false), 0);
  assert.equal(weighBody("1000", false, false), 1000);
  assert.equal(weighBody("100000000000", false, false), 4 * 1024 * 1024);
  assert.equal(weighBody("100000000000", false, true), 256 * 1024, "what is streamed to disk");
  assert.equal(weighBody(undefined, true, false), 4 * 1024 * 1024, "what has no length may be long");
  assert.equal(weighBody("nonsense", false, false), 0, "refused by the parser anyway");
});
