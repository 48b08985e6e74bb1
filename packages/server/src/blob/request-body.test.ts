import assert from "node:assert/strict";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { readWholeBody } from "./request-body.ts";

test("a body that is there already is read whole, in however many pieces it came", async (test) => {
  const bytes = Buffer.from(Uint8Array.from({ length: 65_536 }, (_, at) => at % 251));
  const reading = Promise.withResolvers<Buffer>();
  const readLate = async (request: IncomingMessage) => {
    // As where the rows are in a database: the body comes while something else is waited for.
    while (request.readableLength < bytes.length) await nextTurn();
    return readWholeBody(request, bytes.length);
  };
  const server = createServer((request, response) => {
    reading.resolve(readLate(request).finally(() => response.end()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const outgoing = httpRequest({ host: "127.0.0.1", port, method: "PUT", headers: { "content-length": bytes.length } });
  outgoing.on("response", (response) => response.resume()).end(bytes);
  assert.ok((await reading.promise).equals(bytes));
});
