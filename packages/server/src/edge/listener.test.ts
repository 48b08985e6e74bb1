import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { ask, exchangeBytes, openConnect, openEdge, openTls, readToClose, readUntil, settle } from "./edge-fixture.ts";

test("a client may send its TLS hello in the same packet as CONNECT", async (t) => {
  const edge = await openEdge(t);
  const raw = connect(edge.port, "127.0.0.1");
  const connectBytes = Buffer.from("CONNECT graph.microsoft.com:443 HTTP/1.1\r\nHost: graph.microsoft.com:443\r\n\r\n");
  const joined = joinFirstWrite(raw, connectBytes);
  const tls = connectTls({ socket: joined, servername: "graph.microsoft.com", ca: edge.ca });
  await once(tls, "secureConnect");
  const answer = await ask(tls, "/v1.0/me", { host: "graph.microsoft.com" });
  assert.equal(JSON.parse(answer.text).surface, "graph");
  raw.destroy();
});

/** Puts `bytes` before the first write, in one packet, and takes the answer's headers off what comes back. */
function joinFirstWrite(raw: Socket, bytes: Buffer): Duplex {
  let isFirst = true;
  let answer: Buffer | undefined = Buffer.alloc(0);
  const joined = new Duplex({
    read: () => raw.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      raw.write(isFirst ? Buffer.concat([bytes, chunk]) : chunk, done);
      isFirst = false;
    },
  });
  raw.on("data", (chunk: Buffer) => {
    if (answer === undefined) return void joined.push(chunk);
    answer = Buffer.concat([answer, chunk]);
    const end = answer.indexOf("\r\n\r\n");
    if (end < 0) return;
    const rest = answer.subarray(end + 4);
    answer = undefined;
    if (rest.length > 0) joined.push(rest);
  });
  return joined;
}

test("plain text on the port gets health, or a word about https", async (t) => {
  const edge = await openEdge(t);
  const cases: [string, RegExp][] = [
    ["GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 200 .*\r\n\r\nok\n$/s],
    ["HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", /^HTTP\/1\.1 200 .*\r\n\r\n$/s],
    ["POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", /^HTTP\/1\.1 400 .*https/s],
    ["GET /v1.0/me HTTP/1.1\r\nHost: localhost\r\n\r\n", /^HTTP\/1\.1 400 .*https/s],
    ["GET /metadata/identity HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["\u0000\u0001garbage", /^HTTP\/1\.1 400 /],
    ["SSH-2.0-OpenSSH_9.2\r\n", /^HTTP\/1\.1 400 /],
    [`GET /healthz HTTP/1.1\r\nX: ${"a".repeat(70_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
  ];
  for (const [bytes, expected] of cases)
    assert.match(await exchangeBytes(edge.port, bytes), expected, bytes.slice(0, 60));
});

test("broken handshakes and resets leave nothing behind and stop nothing", async (t) => {
  const edge = await openEdge(t);
  const broken = await exchangeBytes(
    edge.port,
    Buffer.concat([Buffer.from([0x16, 3, 1, 0, 5]), Buffer.from("junk!junk!")]),
  );
  assert.doesNotMatch(broken, /HTTP/);
  const notTls = await openConnect(edge.port, "graph.microsoft.com:443");
  notTls.write("GET / HTTP/1.1\r\nHost: graph.microsoft.com\r\n\r\n");
  notTls.resume();
  await once(notTls, "close");
  const halfOpen = connect({ port: edge.port, host: "127.0.0.1" });
  halfOpen.end(); // says nothing at all
  halfOpen.resume();
  await once(halfOpen, "close");
  const halfHello = connect(edge.port, "127.0.0.1");
  halfHello.write(Buffer.from([0x16, 3, 1]), () => halfHello.resetAndDestroy());
  const afterConnect = await openConnect(edge.port, "graph.microsoft.com:443");
  afterConnect.resetAndDestroy();
  await settle(edge);
  const tls = await openTls(edge);
  assert.equal((await ask(tls, "/v1.0/me", { host: "localhost" })).status, 200);
  tls.destroy();
  await settle(edge);
  assert.deepEqual(edge.faults, []);
});

test("a body that breaks its own framing gets 400", async (t) => {
  const edge = await openEdge(t);
  const tls = await openTls(edge);
  tls.write("PUT /devstore1/c/b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  assert.match(await readToClose(tls), /^HTTP\/1\.1 400 Bad Request\r\n/);
});

test("headers that do not come to an end, and connections that do not begin, are closed", async (t) => {
  const edge = await openEdge(t, {
    limits: { headersTimeoutMs: 40, headersCheckIntervalMs: 10, firstByteTimeoutMs: 40 },
  });
  assert.match(await exchangeBytes(edge.port, "GET /healthz HTTP/1.1\r\nHost:"), /^HTTP\/1\.1 408 /);
  assert.equal(await exchangeBytes(edge.port, ""), "");
  const tls = await openTls(edge);
  tls.write("GET /v1.0/me HTTP/1.1\r\nHost:");
  assert.match(await readToClose(tls), /^HTTP\/1\.1 408 /);
});

test("a body that drips on after its request was answered does not keep the connection", async (t) => {
  const edge = await openEdge(t, {
    limits: { answeredBodyTimeoutMs: 30 },
    dispatch: ({ response }) => void response.end("no"),
  });
  const tls = await openTls(edge);
  tls.write("PUT /x HTTP/1.1\r\nHost: graph.microsoft.com\r\nContent-Length: 100000\r\n\r\nabc");
  assert.match(await readToClose(tls), /^HTTP\/1\.1 200 /);
});

test("who stops in the middle of a body, or of reading an answer, is cut off", async (t) => {
  const edge = await openEdge(t, {
    limits: { silenceTimeoutMs: 200 },
    dispatch: ({ request, response, path }) => {
      if (path === "/v1.0/read") response.writeHead(200).write(Buffer.alloc(64 * 1024 * 1024));
      else request.resume();
    },
  });
  const sending = await openTls(edge);
  sending.write("PUT /v1.0/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nabc");
  const reading = await openTls(edge);
  reading.write("GET /v1.0/read HTTP/1.1\r\nHost: localhost\r\n\r\n");
  assert.equal(await readToClose(sending), "");
  await settle(edge);
});

test("closing lets a running request end, and closes idle connections and the port", async (t) => {
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const edge = await openEdge(t, {
    dispatch: async ({ response, path }) => {
      if (path === "/v1.0/slow") {
        started.resolve();
        await release.promise;
      }
      response.end("whole");
    },
  });
  const idle = await openTls(edge);
  await ask(idle, "/v1.0/x", { host: "localhost", connection: "keep-alive" });
  const busy = await openTls(edge);
  const running = ask(busy, "/v1.0/slow", { host: "localhost", connection: "keep-alive" });
  await started.promise;
  const idleClosed = once(idle, "close");
  const closed = edge.close();
  await idleClosed;
  const late = connect(edge.port, "127.0.0.1");
  const [refusal] = (await once(late, "error")) as [NodeJS.ErrnoException];
  assert.equal(refusal.code, "ECONNREFUSED");
  release.resolve();
  const answer = await running;
  assert.deepEqual([answer.text, answer.headers.connection], ["whole", "close"]);
  await closed;
  assert.equal(edge.openSockets(), 0);
});

test("closing does not wait for ever", async (t) => {
  const started = Promise.withResolvers<void>();
  const edge = await openEdge(t, { dispatch: () => started.resolve(), limits: { drainTimeoutMs: 1 } });
  const tls = await openTls(edge);
  tls.write("GET /v1.0/never HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await started.promise;
  const cut = readToClose(tls);
  await edge.close();
  assert.equal(await cut, "");
});

test("old TLS and other protocols of the application layer are refused", async (t) => {
  const edge = await openEdge(t);
  const offers = [
    { maxVersion: "TLSv1.1", minVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" },
    { ALPNProtocols: ["h2"] },
  ] as const;
  for (const offer of offers) {
    const tls = connectTls({
      port: edge.port,
      host: "127.0.0.1",
      servername: "localhost",
      ca: edge.ca,
      ...offer,
    } as object);
    const [error] = (await once(tls, "error")) as [NodeJS.ErrnoException];
    assert.match(error.code ?? "", /ALERT|VERSION|PROTOCOL/);
  }
});

test("a request's bytes may come in one packet with the next one's", async (t) => {
  const edge = await openEdge(t);
  const tls = await openTls(edge);
  const one = "GET /v1.0/a HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const two = "GET /v1.0/b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  tls.write(one + two);
  const text = await readToClose(tls);
  assert.ok(text.indexOf("/v1.0/a") > 0 && text.indexOf("/v1.0/a") < text.indexOf("/v1.0/b"));
});

test("health is answered on a connection that came in pieces", async (t) => {
  const edge = await openEdge(t);
  const socket = connect({ port: edge.port, host: "127.0.0.1", noDelay: true });
  for (const byte of "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") await new Promise((done) => socket.write(byte, done));
  assert.match(await readUntil(socket, "ok\n"), /^HTTP\/1\.1 200 /);
  socket.destroy();
});
