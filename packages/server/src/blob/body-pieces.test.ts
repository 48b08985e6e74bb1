import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { readPieces } from "./body-pieces.ts";

const mebibyte = 1024 * 1024;

/** A server whose requests are answered by the test, and a connection to it. */
async function startServer(
  test: TestContext,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<{ readonly socket: Socket; readonly handled: Promise<void> }> {
  const { promise: handled, resolve, reject } = Promise.withResolvers<void>();
  handled.catch(() => undefined);
  const server = createServer((request, response) => void handle(request, response).then(resolve, reject));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  test.after(() => {
    socket.destroy();
    server.close();
  });
  await once(socket, "connect");
  return { socket, handled };
}

const headOf = (sizeBytes: number) => `PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: ${sizeBytes}\r\n\r\n`;

/** Bytes that differ everywhere. */
function makeBytes(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0; at + 4 <= sizeBytes; at += 4) bytes.writeUInt32LE(at, at);
  return bytes;
}

test("pieces come in order, whole, each until the next is asked for", async (test) => {
  const bytes = makeBytes(5 * mebibyte + 3);
  const { socket, handled } = await startServer(test, async (request) => {
    const used: Buffer[] = [];
    let at = 0;
    for await (const piece of readPieces(request)) {
      assert.ok(piece.equals(bytes.subarray(at, at + piece.length)), `at ${at}`);
      at += piece.length;
      for (const before of used.splice(0)) assert.equal(before.length, 0);
      if (piece.length >= 8192) used.push(piece);
      if (at % 3 === 0) await nextTurn();
    }
    assert.equal(at, bytes.length);
  });
  socket.write(headOf(bytes.length));
  socket.write(bytes);
  await handled;
});

test("a sender waits for a reader that does not ask", async (test) => {
  const sizeBytes = 64 * mebibyte;
  const { socket, handled } = await startServer(test, async (request) => {
    const pieces = readPieces(request)[Symbol.asyncIterator]();
    let gotBytes = (await pieces.next()).value!.length;
    // The socket has come to a stop when nothing more is read from it for many turns.
    for (let turns = 0, before = -1; turns < 200; turns = request.socket.bytesRead === before ? turns + 1 : 0) {
      before = request.socket.bytesRead;
      await nextTurn();
    }
    assert.ok(request.socket.bytesRead <= mebibyte, `${request.socket.bytesRead} bytes`);
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) gotBytes += next.value.length;
    assert.equal(gotBytes, sizeBytes);
  });
  socket.write(headOf(sizeBytes));
  socket.write(Buffer.alloc(sizeBytes));
  await handled;
});

test("a sender that goes away is a failure, not an end", async (test) => {
  let gotBytes = 0;
  const { socket, handled } = await startServer(test, async (request) => {
    for await (const piece of readPieces(request)) {
      gotBytes += piece.length;
      socket.destroy();
    }
  });
  socket.write(headOf(mebibyte));
  socket.write(Buffer.alloc(1000));
  await assert.rejects(handled, /aborted|did not come to its end/);
  assert.equal(gotBytes, 1000);
});

test("a reader that stops early leaves the rest to be dropped, and the connection whole", async (test) => {
  const paths: string[] = [];
  const { socket } = await startServer(test, async (request, response) => {
    paths.push(request.url!);
    for await (const piece of readPieces(request)) {
      assert.ok(piece.length > 0);
      break;
    }
    request.resume();
    await once(request, "end");
    response.end("done");
  });
  const answers: string[] = [];
  socket.on("data", (part) => answers.push(String(part)));
  for (let round = 1; round <= 3; round++) {
    socket.write(headOf(3 * mebibyte));
    socket.write(Buffer.alloc(3 * mebibyte));
    while (answers.join("").split("done").length <= round) await once(socket, "data");
  }
  assert.deepEqual(paths, ["/", "/", "/"]);
});

test("what has come to its end, or broke before it was read, is said so", async (test) => {
  const { socket, handled } = await startServer(test, async (request) => {
    const all: number[] = [];
    for await (const piece of readPieces(request)) all.push(piece.length);
    assert.deepEqual(all, [4]);
    request.destroy();
    await assert.rejects(Promise.resolve(readPieces(request)[Symbol.asyncIterator]().next()), /did not come/);
  });
  socket.on("error", () => undefined).write(`${headOf(4)}abcd`);
  await handled;
});
