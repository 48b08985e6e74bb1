import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { readTrace, traceFields, traceHeaders } from "./trace-context.ts";

const requestId = "0af76519-16cd-43dd-8448-eb211c80319c";
const read = (headers: Record<string, string>) =>
  readTrace({ requestId, request: { headers } as unknown as IncomingMessage });
const theirs = "4bf92f3577b34da6a3ce929d0e0e4736";
const parent = "00f067aa0ba902b7";

test("a client's trace is taken over and passed on with a span of ours", () => {
  const trace = read({ traceparent: `00-${theirs}-${parent}-01`, tracestate: "vendor=1,other=2" });
  assert.deepEqual(trace, {
    traceId: theirs,
    spanId: "8448eb211c80319c",
    parentSpanId: parent,
    flags: "01",
    state: "vendor=1,other=2",
  });
  assert.deepEqual(traceHeaders(trace), {
    traceparent: `00-${theirs}-8448eb211c80319c-01`,
    tracestate: "vendor=1,other=2",
  });
  assert.deepEqual(traceFields(trace), { trace_id: theirs, span_id: "8448eb211c80319c", trace_flags: "01" });
});

test("without one, the request's id is the trace", () => {
  const trace = read({});
  assert.equal(trace.traceId, "0af7651916cd43dd8448eb211c80319c");
  assert.equal(trace.parentSpanId, undefined);
  assert.deepEqual(traceHeaders(trace), { traceparent: "00-0af7651916cd43dd8448eb211c80319c-8448eb211c80319c-00" });
});

test("what is no traceparent counts as none, and its state with it", () => {
  for (const bad of [
    "",
    "00-x",
    `00-${theirs}-${parent}`,
    `00-${theirs}-${parent}-01-more`,
    `00-${theirs.toUpperCase()}-${parent}-01`,
    `00-${"0".repeat(32)}-${parent}-01`,
    `00-${theirs}-${"0".repeat(16)}-01`,
    `ff-${theirs}-${parent}-01`,
  ]) {
    const trace = read({ traceparent: bad, tracestate: "a=b" });
    assert.notEqual(trace.traceId, theirs, bad);
    assert.equal(trace.state, undefined, bad);
  }
  assert.equal(
    read({ traceparent: `01-${theirs}-${parent}-01-more` }).traceId,
    theirs,
    "a later version may have more",
  );
  for (const state of ["x".repeat(513), "a=\u0001"]) {
    assert.equal(read({ traceparent: `00-${theirs}-${parent}-01`, tracestate: state }).state, undefined);
  }
});
