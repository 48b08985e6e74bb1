import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { LastingHeaders, writeHeadWith } from "./lasting-headers.ts";
import { WholeRequest, WholeResponse } from "./whole-request.ts";

const head = {
  ...{ httpVersion: "1.1", method: "GET", url: "/a" },
  ...{ rawHeaders: ["Host", "localhost"], headers: { host: "localhost" } },
};

/** What goes out when it is answered so. */
function answer(write: (response: WholeResponse) => void): string {
  const written: string[] = [];
  const sink = Object.assign(new EventEmitter(), {
    destroyed: false,
    write: (text: string) => written.push(text) > 0,
    cork: () => {},
    uncork: () => {},
    destroySoon: () => {},
  });
  const socket = sink as unknown as Socket;
  const response = new WholeResponse(new WholeRequest(socket, head, Buffer.alloc(0)), socket, 5);
  write(response);
  response.end("body", "latin1");
  return written.join("").replace(/Date: [^\r]+/, "Date: now");
}

const own = { Server: "S", "x-ms-request-id": "1" };
const fields = { ETag: '"1"', "Content-Type": "text/plain", "Content-Length": "4" };

test("lasting headers go out as any others do, with those of the answer before them", () => {
  const lasting = new LastingHeaders(fields);
  const expected = answer((response) => response.writeHead(200, { ...own, ...fields }));
  for (let times = 0; times < 2; times += 1)
    assert.equal(
      answer((response) => writeHeadWith(response, 200, own, lasting)),
      expected,
    );
  assert.match(expected, /^HTTP\/1\.1 200 OK\r\nServer: S\r\nx-ms-request-id: 1\r\nETag: "1"\r\n/);
});

test("what was set before is held against them", () => {
  const lasting = new LastingHeaders(fields);
  const text = answer((response) => {
    response.setHeader("etag", "before");
    response.setHeader("connection", "close");
    writeHeadWith(response, 200, own, lasting);
  });
  assert.deepEqual(text.match(/etag: [^\r]+/gi), ['etag: "1"']);
  assert.match(text, /\r\nConnection: close\r\n\r\nbody$/);
});

test("a name or value that no header can have is refused when they are made", () => {
  assert.throws(() => new LastingHeaders({ "a b": "1" }));
  assert.throws(() => new LastingHeaders({ a: "1\r\nb: 2" }));
});
