import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { readBody } from "./body.ts";
import { type RequestHead, WholeRequest, WholeResponse } from "./whole-request.ts";

const head: RequestHead = {
  httpVersion: "1.1",
  httpVersionMajor: 1,
  httpVersionMinor: 1,
  method: "POST",
  url: "/a",
  rawHeaders: ["Host", "localhost", "Content-Length", "4"],
  headers: { host: "localhost", "content-length": "4" },
};

/** A socket that keeps what is written. */
class Sink extends EventEmitter {
  readonly written: Buffer[] = [];
  readonly writableHighWaterMark = 16_384;
  destroyed = false;
  isEnding = false;
  write(data: string | Uint8Array, encoding?: BufferEncoding): boolean {
    this.written.push(typeof data === "string" ? Buffer.from(data, encoding) : Buffer.from(data));
    return true;
  }
  cork(): void {}
  uncork(): void {}
  destroy(): void {
    this.destroyed = true;
  }
  destroySoon(): void {
    this.isEnding = true;
  }
  get text(): string {
    return Buffer.concat(this.written)
      .toString("utf8")
      .replace(/Date: [^\r]+/, "Date: now");
  }
}

function open() {
  const sink = new Sink();
  const socket = sink as unknown as Socket;
  const request = new WholeRequest(socket, head, Buffer.from("body"));
  return { sink, request, response: new WholeResponse(request, socket, 5) };
}

const keptAlive = "Date: now\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n";

test("a body is read in one piece, as a stream, and within a bound", async () => {
  assert.equal((await readBody(open().request, 4)).toString(), "body");
  await assert.rejects(readBody(open().request, 3), { message: "body-too-large" });
  const chunks: Buffer[] = [];
  for await (const chunk of open().request as AsyncIterable<Buffer>) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), "body");
});

test("head and body go out as they were given, text or bytes", () => {
  for (const payload of ["\u00e9", Buffer.from("\u00e9")]) {
    const { sink, response } = open();
    const seen: string[] = [];
    for (const name of ["finish", "close"]) response.on(name, () => seen.push(name));
    response.writeHead(200, ["x-a", "1", "content-length", "2"]);
    assert.deepEqual([response.headersSent, response.writableEnded], [true, false]);
    response.end(payload);
    assert.equal(sink.text, `HTTP/1.1 200 OK\r\nx-a: 1\r\ncontent-length: 2\r\n${keptAlive}\u00e9`);
    assert.deepEqual([seen, response.writableFinished, sink.isEnding], [["finish", "close"], true, false]);
  }
});

test("what was set before goes with what is given, which stands in its place under the same name", () => {
  const { sink, response } = open();
  response.setHeader("x-a", "set").setHeader("set-cookie", ["a=1", "b=2"]).setHeader("connection", "close");
  response.writeHead(201, "Made", { "X-A": "given", "content-length": 0 }).end();
  const expected =
    "HTTP/1.1 201 Created\r\nx-a: given\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 0\r\nDate: now\r\nConnection: close\r\n\r\n";
  assert.equal(sink.text, expected);
  assert.ok(sink.isEnding);
});

test("a header that would end the head early is refused before a byte is out", () => {
  for (const value of ["a\r\nx: y", "a\nb", "\u0000"]) {
    const { sink, response } = open();
    assert.throws(() => response.writeHead(200, ["x-a", value]), TypeError);
    assert.throws(() => response.writeHead(200, { "x\r\na": "b" }), TypeError);
    assert.deepEqual([response.headersSent, sink.text], [false, ""]);
  }
});

test("it is answered once, in one piece, and not to one who has gone", () => {
  const { sink, response } = open();
  assert.throws(() => response.write(), /one piece/);
  response.end();
  const { text } = sink;
  assert.match(text, /^HTTP\/1\.1 200 OK\r\ncontent-length: 0\r\n/);
  response.end("again");
  assert.equal(sink.text, text);
  const gone = open();
  let closes = 0;
  gone.response.on("close", () => {
    closes += 1;
  });
  gone.sink.destroyed = true;
  gone.response.end("late");
  gone.response.close();
  assert.deepEqual([closes, gone.sink.text, gone.response.writableEnded], [1, "", false]);
});
