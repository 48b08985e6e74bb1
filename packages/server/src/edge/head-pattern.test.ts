/** What a pattern reads out of bytes is held against what Node's own parser reads out of them. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import { HeadPattern } from "./head-pattern.ts";

/** @returns the requests that Node's parser finds in bytes; undefined for what it refuses. */
async function parse(bytes: Buffer): Promise<IncomingMessage[] | undefined> {
  const [client, connection] = duplexPair();
  const requests: IncomingMessage[] = [];
  let isRefused = false;
  const server = createServer((request) => requests.push(request.resume()));
  server.on("clientError", () => {
    isRefused = true;
  });
  server.emit("connection", connection);
  client.resume().write(bytes);
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  client.destroy();
  connection.destroy();
  return isRefused ? undefined : requests;
}

async function learn(bytes: Buffer): Promise<HeadPattern | undefined> {
  const requests = await parse(bytes);
  assert.equal(requests?.length, 1);
  assert.ok(requests![0]!.complete);
  return HeadPattern.learn(bytes, requests![0]!);
}

const values = {
  id: "0f8fad5b-d9cb-469f-a165-70867728950e",
  date: "Mon, 23 Nov 2026 08:54:42 GMT",
  trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
};
type Values = typeof values;
const token = `Bearer ${"eyJ0.a-_b.c".repeat(20)}`;
const body = "grant_type=x";

const writers = {
  form: (_: string, { id, trace }: Values) =>
    `POST /t/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost\r\nclient-request-id: ${id}\r\nTraceparent: ${trace}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  named: (_: string, { id, date }: Values) =>
    `POST /t/oauth2/token?api-version=1&client-request-id=${id}&x=1 HTTP/1.1\r\nHost: localhost\r\nx-ms-date: ${date}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  read: (target: string, { id, date }: Values) =>
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nx-ms-date: ${date}\r\nAuthorization: ${token}\r\nx-ms-client-request-id: ${id}\r\n\r\n`,
  head: (target: string) => `HEAD ${target} HTTP/1.1\r\nAuthorization: ${token}\r\nHost: localhost\r\n\r\n`,
};
const target = "/account/container/one?x=1";
const bytesOf = (text: string) => Buffer.from(text, "latin1");

function read(pattern: HeadPattern, chunk: Buffer) {
  const headBytes = pattern.sizeIn(chunk.length);
  return headBytes === undefined ? undefined : pattern.read(chunk, headBytes);
}

async function assertAsNode(head: ReturnType<typeof read>, chunk: Buffer): Promise<void> {
  const requests = await parse(chunk);
  assert.equal(requests?.length, 1, "Node reads one request there, and refuses nothing");
  const { method, url, rawHeaders, headers, httpVersion } = requests![0]!;
  assert.deepEqual(
    [head?.method, head?.url, head?.rawHeaders, { ...head?.headers }, head?.httpVersion],
    [method, url, rawHeaders, { ...headers }, httpVersion],
  );
}

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), minLength: length, maxLength: length });
const goodId = fc.tuple(hex(8), hex(4), hex(4), hex(4), hex(12)).map((parts) => parts.join("-"));
const goodTrace = fc.tuple(hex(2), hex(32), hex(16), hex(2)).map((parts) => parts.join("-"));
const goodDate = fc
  .date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true })
  .map((time) => time.toUTCString());
const goodTarget = fc
  .string({ unit: fc.constantFrom(..."abzAZ09-._~/?[]@!$&'()*+,;=%:"), maxLength: 60 })
  .map((rest) => `/${rest.replace(/^\/+/, "")}`);
const goodValues = fc.record({ id: goodId, date: goodDate, trace: goodTrace });
const kinds = ["form", "named", "read", "head"] as const;

test("what differs in its places alone is read, and read as Node reads it", async () => {
  for (const kind of kinds) {
    const pattern = await learn(bytesOf(writers[kind](target, values)));
    await fc.assert(
      fc.asyncProperty(goodTarget, goodValues, async (other, given) => {
        const chunk = bytesOf(writers[kind](other, given));
        const head = read(pattern!, chunk);
        assert.ok(head !== undefined, chunk.toString());
        await assertAsNode(head, chunk);
      }),
      { numRuns: 100 },
    );
  }
});

/** Signs that end a value, a line or a head, or begin another, to some reader or other. */
const hostile = fc.string({
  unit: fc.constantFrom(..."\r\n\t :,;#\u0000\u000b\u007f\u0085\u00a0\u00ffa0-/?%"),
  maxLength: 60,
});

test("whatever stands in the places, what is read at all is what Node reads", async () => {
  const fit = (text: string, { length }: string) => text.padEnd(length, "0").slice(0, length);
  const anyOf = (good: fc.Arbitrary<string>, sample: string) =>
    fc.oneof(
      good,
      hostile,
      hostile.map((text) => fit(text, sample)),
    );
  const anyValues = fc.record({
    id: anyOf(goodId, values.id),
    date: anyOf(goodDate, values.date),
    trace: anyOf(goodTrace, values.trace),
  });
  let readCount = 0;
  for (const kind of kinds) {
    const pattern = await learn(bytesOf(writers[kind](target, values)));
    await fc.assert(
      fc.asyncProperty(fc.oneof(goodTarget, hostile), anyValues, async (other, given) => {
        const chunk = bytesOf(writers[kind](other, given));
        const head = read(pattern!, chunk);
        if (head === undefined) return;
        readCount += 1;
        await assertAsNode(head, chunk);
      }),
      { numRuns: 400 },
    );
  }
  assert.ok(readCount > 0);
});

test("bytes that were changed, cut or put in anywhere are read as Node reads them, or not at all", async () => {
  const change = fc.record({
    at: fc.nat(1000),
    taken: fc.nat(3),
    put: fc.string({ unit: fc.constantFrom(..."\r\n :a0-/"), maxLength: 4 }),
  });
  for (const kind of kinds) {
    const whole = writers[kind](target, values);
    const pattern = await learn(bytesOf(whole));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        let text = whole;
        for (const { at, taken, put } of changes) {
          const place = at % text.length;
          text = text.slice(0, place) + put + text.slice(place + taken);
        }
        const chunk = bytesOf(text);
        const head = read(pattern!, chunk);
        if (head !== undefined) await assertAsNode(head, chunk);
      }),
      { numRuns: 400 },
    );
  }
});

test("each hostile place is refused", async () => {
  const form = await learn(bytesOf(writers.form(target, values)));
  const ids = [
    values.id.replace("-d9cb-", "\r\nab: "),
    values.id.replace("-", "_"),
    values.id.replace("0f", "0g"),
    `${values.id.slice(0, -1)} `,
    values.id.slice(1),
    `${values.id}0`,
    values.id.replace("0f8", "\n8f"),
  ];
  const named = await learn(bytesOf(writers.named(target, values)));
  for (const id of ids) {
    assert.equal(read(form!, bytesOf(writers.form(target, { ...values, id }))), undefined, id);
    assert.equal(read(named!, bytesOf(writers.named(target, { ...values, id }))), undefined, id);
  }
  const reading = await learn(bytesOf(writers.read(target, values)));
  const targets = [
    ...[
      "//evil/x",
      "x",
      "*",
      "",
      "/a b",
      "/a#b",
      "/a\tb",
      "/\u00e9",
      "/a HTTP/1.1\r\nHost: b\r\n\r\nGET /",
      "https://evil/",
    ],
    `/${"a".repeat(2048)}`,
  ];
  for (const other of targets)
    assert.equal(read(reading!, bytesOf(writers.read(other, values))), undefined, JSON.stringify(other));
  const dates = ["Mon, 23 Nov 2026 08:54:4x GMT", "Mon; 23 Nov 2026 08:54:42 GMT", "Mon, 23 Nov 2026 08:54:42\r\nGMT"];
  for (const date of dates) assert.equal(read(reading!, bytesOf(writers.read(target, { ...values, date }))), undefined);
});

test("another token, however little it differs, is not read as the one before", async () => {
  const whole = writers.read(target, values);
  const pattern = await learn(bytesOf(whole));
  assert.ok(read(pattern!, bytesOf(whole)) !== undefined);
  const start = whole.indexOf("Bearer");
  for (let index = start; index < start + token.length; index += 7) {
    const other = bytesOf(whole);
    other[index]! ^= 1;
    assert.equal(read(pattern!, other), undefined);
  }
  pattern!.wipe();
  assert.equal(read(pattern!, bytesOf(whole)), undefined);
});

test("what is kept of the forms under a head goes with it", async () => {
  const whole = bytesOf(writers.form(target, values));
  const pattern = await learn(whole);
  const { formMemory } = read(pattern!, whole)!;
  const body = Buffer.from("client_secret=s");
  formMemory!.remember(body, new Map());
  assert.ok(formMemory!.recall(body) !== undefined);
  pattern!.wipe();
  assert.equal(formMemory!.recall(body), undefined);
});

test("what stands there twice is no place; odd heads, other credentials and long ones are not remembered", async () => {
  const twice = writers.form(target, values).replace("\r\nHost", `\r\nClient-Request-Id: ${values.id}\r\nHost`);
  const pattern = await learn(bytesOf(twice));
  assert.ok(read(pattern!, bytesOf(twice)) !== undefined);
  assert.equal(read(pattern!, bytesOf(twice.replace("0f8f", "1f8f"))), undefined);
  const { id } = values;
  for (const query of [
    `?client-request-id=${id}&client-request-id=${id}`,
    `?x-client-request-id=${id}`,
    `?client-request-id=${id}0`,
  ]) {
    const text = writers.named(target, values).replace(/\?[^ ]*/, query);
    const asked = await learn(bytesOf(text));
    assert.ok(read(asked!, bytesOf(text)) !== undefined);
    assert.equal(read(asked!, bytesOf(text.replace("0f8f", "1f8f"))), undefined, query);
  }
  const reading = writers.read(target, values);
  const odd = [
    reading.replace(token, "Basic YTpi"),
    reading.replace(token, "SharedKey account:c2ln"),
    reading.replace("Host:", `Authorization: ${token}\r\nHost:`),
    reading.replace("Host:", "Cookie: a=b\r\nHost:"),
    reading.replace("Host:", "Content-Length: 0\r\nHost:"),
    reading.replace("Host: ", "Host:\t"),
    reading.replace("Host:", `X-Long: ${"a".repeat(4096)}\r\nHost:`),
    reading.replace(`Authorization: ${token}\r\n`, ""),
    writers.form(target, values).replace("Host:", `Authorization: ${token}\r\nHost:`),
  ];
  for (const text of odd) assert.equal(await learn(bytesOf(text)), undefined, text);
});
