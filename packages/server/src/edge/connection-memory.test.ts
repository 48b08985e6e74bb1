/** What a connection holds while it is idle. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { collectGarbage } from "../collector-fixture.ts";
import { openEdge } from "./edge-fixture.ts";

const connections = 120;
/** What each may hold in buffers; 64 KiB is what a part of Buffer's pool holds. */
const maxBytesEach = 16_384;

test("an idle connection holds no memory of what went by when it came", async (t) => {
  const edge = await openEdge(t);
  const open: TLSSocket[] = [];
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < connections; index++) {
    const tls = connect({ port: edge.port, host: "127.0.0.1", servername: "localhost", ca: edge.ca });
    await once(tls, "secureConnect");
    open.push(tls);
    // What requests make meanwhile, and let go of.
    for (let part = 0; part < 24; part++) Buffer.from("x".repeat(4000));
  }
  let grown = Number.POSITIVE_INFINITY;
  // What is thrown away goes a turn or two after it was found.
  for (let turn = 0; turn < 20 && grown >= connections * maxBytesEach; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    grown = process.memoryUsage().arrayBuffers - before;
  }
  for (const tls of open) tls.destroy();
  assert.ok(grown < connections * maxBytesEach, `${grown} bytes for ${connections} connections`);
});
