/**
 * Heads that are taken for one that Node's parser has read: whatever is read out of bytes that way, Node's parser must read out of them, too, and nothing else.
 * A difference would be a request that is decided as one and carried out as another.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { duplexPair } from "node:stream";
import { HeadPattern } from "../../../packages/server/src/edge/head-pattern.ts";
import type { Draw } from "../draw.ts";
import { accepted, mustEqual, mustHold, refused, type Subject } from "../subject.ts";

const token = `Bearer ${"eyJ0.a-_b.c".repeat(20)}`;
const form = "grant_type=x";

type Values = { readonly target: string; readonly id: string; readonly date: string; readonly trace: string };
const learned: Values = {
  target: "/account/container/one?x=1",
  id: "0f8fad5b-d9cb-469f-a165-70867728950e",
  date: "Mon, 23 Nov 2026 08:54:42 GMT",
  trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
};

/** What clients send over and over: a form, a read, a look. */
const writers: readonly ((values: Values) => string)[] = [
  ({ id, trace }) =>
    `POST /t/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost\r\nclient-request-id: ${id}\r\nTraceparent: ${trace}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`,
  ({ target, id, date }) =>
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nx-ms-date: ${date}\r\nAuthorization: ${token}\r\nx-ms-client-request-id: ${id}\r\n\r\n`,
  ({ id, date }) =>
    `POST /t/oauth2/token?api-version=1&client-request-id=${id}&x=1 HTTP/1.1\r\nHost: localhost\r\nx-ms-date: ${date}\r\nContent-Length: ${form.length}\r\n\r\n${form}`,
  ({ target }) => `HEAD ${target} HTTP/1.1\r\nAuthorization: ${token}\r\nHost: localhost\r\n\r\n`,
];

const hostileCharacters = [..."\r\n\t :,;#\u0000\u000b\u007f\u0085\u00a0\u00ffa0-/?%"];
/** Turns of the event loop after which nothing more is waited for. */
const maxTurns = 1000;
let server: Server;
let patterns: readonly HeadPattern[] = [];

/** What came over a connection; an input that took long is read several times at once. */
type Found = { readonly requests: IncomingMessage[]; isRefused: boolean };
const foundBy = new WeakMap<object, Found>();

/** @returns the requests that Node's parser finds; undefined for what it refuses. */
async function parse(bytes: Buffer): Promise<readonly IncomingMessage[] | undefined> {
  const [client, connection] = duplexPair();
  const found: Found = { requests: [], isRefused: false };
  foundBy.set(connection, found);
  server.emit("connection", connection);
  client.resume().write(bytes);
  const pass = () => new Promise((resolve) => setImmediate(resolve));
  for (let turn = 0; turn < maxTurns && found.requests.length === 0 && !found.isRefused; turn += 1) await pass();
  // What comes with it, comes with it: a second request, its end, or what is wrong with it.
  await pass();
  client.destroy();
  connection.destroy();
  return found.isRefused ? undefined : found.requests;
}

async function open(): Promise<void> {
  server = createServer((request) => foundBy.get(request.socket)!.requests.push(request.resume()));
  server.on("clientError", (_, socket) => {
    foundBy.get(socket)!.isRefused = true;
  });
  const made: HeadPattern[] = [];
  for (const write of writers) {
    const bytes = Buffer.from(write(learned), "latin1");
    const pattern = HeadPattern.learn(bytes, (await parse(bytes))![0]!);
    mustHold(pattern !== undefined, "a head that clients send is learned");
    made.push(pattern!);
  }
  patterns = made;
}

function drawHex(draw: Draw, length: number): string {
  return Array.from({ length }, () => draw.pick([..."0123456789abcdefABCDEF"])).join("");
}

/** A value that may stand in a place, or one of its length with what must not, or any. */
function drawValue(draw: Draw, sample: string, good: () => string): string {
  return draw.one(good, good, good, () => {
    const text = draw.many(() => draw.pick(hostileCharacters), 1).join("");
    if (draw.chance(0.2)) return text;
    const at = draw.int(sample.length);
    return (sample.slice(0, at) + text + sample.slice(at)).slice(0, sample.length);
  });
}

function drawTarget(draw: Draw): string {
  const characters = [..."abzAZ09-._~/?[]@!$&'()*+,;=%:"];
  return `/${draw.many(() => draw.pick(characters), 0).join("")}`;
}

export const repeatedHeads: Subject = {
  name: "repeated-heads",
  files: ["packages/server/src/edge/head-pattern.ts"],
  maxChars: 20_480,
  words: ["\r\n", "\r\n\r\n", " ", ": ", "//", "/", "#", " HTTP/1.1", "Host: b\r\n", "Content-Length: 5\r\n", "\u0000"],
  pumps: [
    ["GET /", "a", ` HTTP/1.1\r\nHost: localhost\r\n`],
    ["HEAD /", "a", ` HTTP/1.1\r\nAuthorization: ${token}\r\nHost: localhost\r\n\r\n`],
    ["GET / HTTP/1.1\r\n", "a: b\r\n", "\r\n"],
  ],
  open,
  close: async () => {
    server.close();
  },
  generate: (draw) =>
    draw.pick(writers)({
      target: drawValue(draw, learned.target, () => drawTarget(draw)),
      id: drawValue(draw, learned.id, () => [8, 4, 4, 4, 12].map((length) => drawHex(draw, length)).join("-")),
      date: drawValue(draw, learned.date, () => new Date(draw.int(2 ** 31) * 1000).toUTCString()),
      trace: drawValue(draw, learned.trace, () => [2, 32, 16, 2].map((length) => drawHex(draw, length)).join("-")),
    }),
  read: async (input) => {
    const chunk = Buffer.from(input, "latin1");
    for (const [index, pattern] of patterns.entries()) {
      const headBytes = pattern.sizeIn(chunk.length);
      const head = headBytes === undefined ? undefined : pattern.read(chunk, headBytes);
      if (head === undefined) continue;
      const { method, url, rawHeaders, headers, httpVersion } = head;
      const found = await parse(chunk);
      mustHold(found?.length === 1, "Node reads no request there, or several, or refuses the bytes");
      const node = found![0]!;
      // A head alone waits for its body; with its body it is a whole request.
      mustHold(node.complete === (chunk.length === headBytes! + pattern.bodyBytes), "Node waits for more, or for less");
      mustEqual(
        [method, url, rawHeaders, httpVersion],
        [node.method, node.url, node.rawHeaders, node.httpVersion],
        "a head",
      );
      mustEqual({ ...headers }, { ...node.headers }, "its headers");
      return accepted(`head ${index}`);
    }
    return refused("left to Node");
  },
  isRefusal: () => undefined,
};
