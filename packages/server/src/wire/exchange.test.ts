import assert from "node:assert/strict";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { test } from "node:test";
import { AsciiText, type Exchange, type Reply, type StandardHeaders, sendReply } from "./exchange.ts";
import { LastingHeaders } from "./lasting-headers.ts";
import type { IncomingRequest, OutgoingResponse } from "./messages.ts";
import { WholeRequest, WholeResponse } from "./whole-request.ts";

/** An exchange of any surface over a real connection. */
function exchangeOf(request: IncomingRequest, response: OutgoingResponse): Exchange {
  const requestId = "00000000-0000-4000-8000-000000000001";
  return { request, response, requestId, surface: "entra", origin: "", account: "", prefix: "", path: "/", query: "" };
}

type Answer = { readonly status: number; readonly rawHeaders: readonly string[]; readonly text: string };

async function ask(method: string, reply: Reply, standard?: StandardHeaders): Promise<Answer> {
  const server = createServer((request, response) => sendReply(exchangeOf(request, response), reply, standard));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await new Promise<Answer>((resolve, reject) => {
    const sent = httpRequest({ host: "127.0.0.1", port, method, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode!, rawHeaders: response.rawHeaders, text }));
    });
    sent.on("error", reject).end();
  });
  server.close();
  return answer;
}

/** What goes out of an answer to a request that came whole: its head up to the date, and its body. */
async function sendWhole(method: string, send: (exchange: Exchange) => void) {
  let text = "";
  const socket = { write: (part: string) => (text += part), cork: () => {}, uncork: () => {} } as unknown as Socket;
  const head = {
    ...{ httpVersion: "1.1", method, url: "/", rawHeaders: [], headers: {} },
  };
  const request = new WholeRequest(socket, head, Buffer.alloc(0));
  const response = new WholeResponse(request, socket, 5);
  const isOut = new Promise((resolve) => response.once("close", resolve));
  send(exchangeOf(request, response));
  await isOut;
  return { head: text.slice(0, text.indexOf("Date: ")), body: text.slice(text.indexOf("\r\n\r\n") + 4) };
}

function valuesOf({ rawHeaders }: Answer, name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === name);
}

test("a reply's own header stands in the place of the surface's, never beside it", async () => {
  const lasting = new LastingHeaders({ "x-one": "standard", "x-two": "standard" });
  const standard = { ids: ["x-three", "id", "x-four", "id"], lasting };
  const headers = { "x-two": "own", "x-four": "own" };
  const answer = await ask("GET", { status: 200, headers, body: "é" }, standard);
  for (const [name, value] of Object.entries({ "x-one": "standard", "x-three": "id", ...headers }))
    assert.deepEqual(valuesOf(answer, name), [value]);
  assert.deepEqual(valuesOf(answer, "content-length"), ["2"]);
  assert.equal(answer.text, "é");
});

test("lasting headers go out the same by lines, beside what was set before, and by Node", async () => {
  const standard = { ids: ["x-id", "1"], lasting: new LastingHeaders({ "x-one": "standard" }) };
  const lasting = new LastingHeaders({ "content-type": "text/plain" });
  const reply = { status: 201, lasting, body: new AsciiText("four") };
  for (const method of ["GET", "HEAD"]) {
    const byNode = await ask(method, reply, standard);
    const named = byNode.rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join("");
    const expected = `HTTP/1.1 201 Created\r\n${named}`.replace(/Date: .*$/s, "");
    assert.ok(expected.includes("x-id: 1\r\nx-one: standard\r\n"), expected);
    const byLines = await sendWhole(method, (exchange) => sendReply(exchange, reply, standard));
    assert.deepEqual([byLines.head, byLines.body], [expected, byNode.text]);
    const besideSet = await sendWhole(method, (exchange) => {
      exchange.response.setHeader("x-one", "before");
      sendReply(exchange, reply, standard);
    });
    assert.deepEqual(besideSet.head.split("\r\n").sort(), expected.split("\r\n").sort());
  }
});

test("a value goes out as JSON with its type, unless the reply names another", async () => {
  const plain = await ask("GET", { status: 200, body: { a: 1 } });
  assert.deepEqual([valuesOf(plain, "content-type"), plain.text], [["application/json; charset=utf-8"], '{"a":1}']);
  const typed = await ask("GET", { status: 200, headers: { "content-type": "application/scim+json" }, body: [] });
  assert.deepEqual([valuesOf(typed, "content-type"), typed.text], [["application/scim+json"], "[]"]);
});

test("HEAD tells the size and sends no body; 204 has neither", async () => {
  const head = await ask("HEAD", { status: 200, body: "four" });
  assert.deepEqual([valuesOf(head, "content-length"), head.text], [["4"], ""]);
  const none = await ask("DELETE", { status: 204, body: "never" });
  assert.deepEqual([none.status, valuesOf(none, "content-length"), none.text], [204, [], ""]);
});

test("a header that cannot be sent is a fault of the one who answers, not of the turn in which it would go out", () => {
  const response = {
    writeHead: () => {
      throw new TypeError("Invalid character in header content");
    },
  } as unknown as ServerResponse;
  const exchange = exchangeOf({ method: "GET" } as IncomingMessage, response);
  assert.throws(() => sendReply(exchange, { status: 200, body: "x" }), TypeError);
});

test("answers of one turn go out together at its end, and one whose client has left keeps none back", async () => {
  const waiting: Exchange[] = [];
  const all = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    response.on("error", () => {});
    waiting.push(exchangeOf(request, response));
    if (waiting.length === 3) all.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const texts = Array.from({ length: 3 }, () => {
    const socket = connect(port, "127.0.0.1", () =>
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    );
    const text = new Promise<string>((resolve) => {
      let got = "";
      socket.setEncoding("latin1").on("data", (part: string) => {
        got += part;
      });
      socket.on("error", () => {}).on("close", () => resolve(got));
    });
    return text;
  });
  await all.promise;
  const [first, gone, last] = waiting as [Exchange, Exchange, Exchange];
  for (const exchange of waiting) sendReply(exchange, { status: 200, body: "here" });
  assert.deepEqual(
    waiting.map(({ response }) => response.writableEnded),
    [false, false, false],
  );
  gone.request.socket.destroy();
  const answers = await Promise.all(texts);
  assert.equal(answers.filter((text) => text.endsWith("\r\n\r\nhere")).length, 2);
  assert.ok(first.response.writableFinished && last.response.writableFinished);
  server.close();
});
