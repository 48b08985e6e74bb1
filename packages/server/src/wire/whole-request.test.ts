import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { readBody } from "./body.ts";
import { type RequestHead, WholeRequest, WholeResponse } from "./whole-request.ts";

const head: RequestHead = {
  httpVersion: "1.1",
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
  canTakeMore = true;
  write(data: string | Uint8Array, encoding?: BufferEncoding | (() => void)): boolean {
    const [charset, written] = typeof encoding === "function" ? [undefined, encoding] : [encoding, undefined];
    this.written.push(typeof data === "string" ? Buffer.from(data, charset) : Buffer.from(data));
    written?.();
    return this.canTakeMore;
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

function open(method = "POST") {
  const sink = new Sink();
  const socket = sink as unknown as Socket;
  const request = new WholeRequest(socket, { ...head, method }, Buffer.from("body"));
  return { sink, request, response: new WholeResponse(request, socket, 5) };
}

const keptAlive = "Date: now\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n";

test("a body is read in one piece, as a stream, and within a bound", async () => {
  assert.equal((await readBody(open().request, 4)).toString(), "body");
  await assert.rejects(readBody(open().request, 3), { message: "body-too-large" });
  const chunks: Buffer[] = [];
  for await (const chunk of open().request) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), "body");
});

test("a body is there for whoever reads it by events, when it is at hand, or after a pause", async () => {
  const byEvents = open().request;
  const pieces: Buffer[] = [];
  byEvents.on("data", (piece: Buffer) => pieces.push(piece)).pause();
  assert.deepEqual([byEvents.isPaused(), byEvents.readableEnded], [true, false]);
  byEvents.resume();
  await new Promise((resolve) => byEvents.once("end", resolve));
  assert.deepEqual([Buffer.concat(pieces).toString(), byEvents.readableEnded], ["body", true]);
  const atHand = open().request;
  assert.equal(atHand.readableLength, 4);
  assert.equal(atHand.read()?.toString(), "body");
});

test("who destroys a request ends its connection", () => {
  const { request, sink } = open();
  assert.equal(request.destroyed, false);
  request.destroy();
  assert.deepEqual([request.destroyed, sink.destroyed], [true, true]);
});

test("a header that cannot be sent is refused when it is set", () => {
  const { response } = open();
  assert.throws(() => response.setHeader("x a", "1"), { code: "ERR_INVALID_HTTP_TOKEN" });
  assert.throws(() => response.setHeader("x-a", ["1", "2\r\nx-b: 3"]), { code: "ERR_INVALID_CHAR" });
  assert.equal(response.hasFields, false);
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

test("an answer that does not tell its length gets it, unless it can have no body", () => {
  for (const [method, status, length] of [
    ["POST", 200, "content-length: 4\r\n"],
    ["POST", 304, ""],
    ["HEAD", 200, ""],
  ] as const) {
    const { sink, response } = open(method);
    response.writeHead(status, ["x-a", "1"]).end("body", "latin1");
    const phrase = status === 200 ? "OK" : "Not Modified";
    const body = length === "" ? "" : "body";
    assert.equal(sink.text, `HTTP/1.1 ${status} ${phrase}\r\nx-a: 1\r\n${length}${keptAlive}${body}`);
  }
});

test("what a header said in the answer before is not said in this one", () => {
  for (const value of ["a", "b", "b", ""]) {
    const { sink, response } = open();
    response.writeHead(200, ["content-type", value, "content-length", "0"]).end();
    assert.match(sink.text, new RegExp(`\r\ncontent-type: ${value}\r\n`));
  }
  assert.throws(() => open().response.writeHead(200, ["content-type", "a\r\nb: c"]), TypeError);
});

test("pieces go out as they are written, and who writes waits for the client to take them", async () => {
  const { sink, response } = open();
  response.writeHead(200, { "Content-Length": 9 });
  assert.equal(response.write(Buffer.from("one")), true);
  sink.canTakeMore = false;
  const taken = new Promise((resolve) => response.write("two", resolve));
  const drained = new Promise((resolve) => response.once("drain", () => resolve(undefined)));
  assert.equal(response.write("xyz"), false);
  sink.emit("drain");
  await Promise.all([taken, drained]);
  assert.equal(sink.listenerCount("drain"), 0);
  response.end();
  assert.equal(sink.text, `HTTP/1.1 200 OK\r\nContent-Length: 9\r\n${keptAlive}onetwoxyz`);
  const late = await new Promise((resolve) => response.write("late", resolve));
  assert.match(String(late), /at its end/);
  assert.ok(!sink.text.includes("late"));
});

test("who made an answer, who watches it and who listens are told of its end once, in this order, sent or not", () => {
  for (const isSent of [true, false]) {
    const { request } = open();
    const told: string[] = [];
    const sink = new Sink() as unknown as Socket;
    const response = new WholeResponse(request, sink, 5, (closed) => told.push(`maker ${closed.writableFinished}`));
    response.watch((closed) => told.push(`watcher ${closed === response}`));
    const unheard = () => told.push("who left");
    response.on("close", unheard).once("close", () => told.push("listener"));
    response.off("close", unheard);
    if (isSent) response.end();
    else response.destroy();
    response.close();
    assert.deepEqual([told, response.destroyed], [[`maker ${isSent}`, "watcher true", "listener"], !isSent]);
  }
});

test("no piece is written before the head, nor under one that does not tell how long it is", () => {
  const { sink, response } = open();
  assert.throws(() => response.write("x"), /tell its length/);
  response.writeHead(200, ["x-a", "1"]);
  assert.throws(() => response.write("x"), /tell its length/);
  assert.equal(sink.text, "");
  const head = open("HEAD");
  head.response.writeHead(200, ["content-length", "3"]);
  assert.equal(head.response.write("abc"), true);
  head.response.end("abc");
  assert.equal(head.sink.text, `HTTP/1.1 200 OK\r\ncontent-length: 3\r\n${keptAlive}`);
});

test("who writes to a client that has gone learns of it", () => {
  const { sink, response } = open();
  response.writeHead(200, ["content-length", "3"]);
  response.close();
  assert.deepEqual([response.destroyed, response.write("abc"), sink.text], [true, false, ""]);
});

test("it is answered once, and not to one who has gone", () => {
  const { sink, response } = open();
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
