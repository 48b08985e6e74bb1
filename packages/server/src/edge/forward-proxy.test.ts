import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { exchangeBytes, openConnect, openEdge, openTcpServer, readToClose, readUntil, settle } from "./edge-fixture.ts";

/** Upper-cases what it gets, and ends when its client has ended. */
function shout(socket: Socket): void {
  socket.on("data", (chunk: Buffer) => socket.write(chunk.toString("latin1").toUpperCase()));
  socket.on("end", () => socket.end("|END"));
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function openHttpServer(
  t: TestContext,
  handle: Handler,
  onConnect?: (request: IncomingMessage, socket: Socket) => void,
) {
  const server = createServer(handle).listen(0, "127.0.0.1");
  if (onConnect) server.on("connect", (request, socket) => onConnect(request, socket as Socket));
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test("offline, every other host is refused at once, by CONNECT and in plain text", async (t) => {
  const edge = await openEdge(t);
  for (const bytes of [
    "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n",
    "CONNECT portal.azure.com:443 HTTP/1.1\r\nHost: portal.azure.com:443\r\n\r\n",
    "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n",
  ]) {
    assert.match(await exchangeBytes(edge.port, bytes), /^HTTP\/1\.1 403 .*offline/s, bytes);
  }
});

test("our own hosts are never passed on in plain text or on another port", async (t) => {
  const edge = await openEdge(t, { offline: false });
  const cases: [string, RegExp][] = [
    ["GET http://acct.blob.core.windows.net/c/b HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 .*only over https/s],
    ["CONNECT graph.microsoft.com:80 HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 403 .*port 443/s],
    [`GET http://localhost:${edge.port}/v1.0/me HTTP/1.1\r\nHost: x\r\n\r\n`, /^HTTP\/1\.1 400 .*https/s],
    [
      `GET http://localhost:${edge.port}/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      /^HTTP\/1\.1 200 .*ok\n$/s,
    ],
    ["GET https://graph.microsoft.com/ HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["GET ftp://example.com/ HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["GET http://user:pw@example.com/ HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["CONNECT example.com HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["CONNECT a..b:443 HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 /],
  ];
  for (const [bytes, expected] of cases) assert.match(await exchangeBytes(edge.port, bytes), expected, bytes);
});

test("metadata services get their connection closed without a byte, so that a credential chain goes on", async (t) => {
  const edge = await openEdge(t, { offline: false });
  for (const bytes of [
    "GET http://169.254.169.254/metadata/identity/oauth2/token HTTP/1.1\r\nHost: 169.254.169.254\r\nMetadata: true\r\n\r\n",
    "PUT http://169.254.169.254/latest/api/token HTTP/1.1\r\nHost: 169.254.169.254\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
    "CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET http://[fd00:ec2::254]/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET http://[::ffff:a9fe:a9fe]/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT metadata.google.internal:80 HTTP/1.1\r\nHost: x\r\n\r\n",
    // The number is the same address; only the resolver knows.
    "GET http://2852039166/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT 2852039166:80 HTTP/1.1\r\nHost: x\r\n\r\n",
    "PUT http://2852039166/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
  ]) {
    assert.equal(await exchangeBytes(edge.port, bytes), "", bytes);
  }
  await settle(edge);
});

test("a tunnel passes bytes both ways, those behind CONNECT first, and each half-close", async (t) => {
  const edge = await openEdge(t);
  const port = await openTcpServer(t, shout);
  const socket = connect({ port: edge.port, host: "127.0.0.1", allowHalfOpen: true });
  socket.write(`CONNECT localhost:${port} HTTP/1.1\r\nHost: x\r\n\r\nearly `);
  const begun = await readUntil(socket, "EARLY ");
  assert.equal(begun, "HTTP/1.1 200 Connection Established\r\n\r\nEARLY ");
  socket.end("late");
  assert.equal(await readToClose(socket), "LATE|END");
  await settle(edge);
});

test("much data through a tunnel comes whole, also when the far side ends first", async (t) => {
  const edge = await openEdge(t);
  const sizeBytes = 5 * 1024 * 1024;
  const port = await openTcpServer(t, (socket) => {
    socket.resume();
    socket.end(Buffer.alloc(sizeBytes, 97));
  });
  const socket = await openConnect(edge.port, `127.0.0.1:${port}`);
  assert.equal((await readToClose(socket)).length, sizeBytes);
  await settle(edge);
});

test("when either side of a tunnel breaks, the other is closed", async (t) => {
  const edge = await openEdge(t);
  const accepted: Socket[] = [];
  const arrival = () => new Promise<Socket>((resolve) => waiting.push(resolve));
  const waiting: ((socket: Socket) => void)[] = [];
  const port = await openTcpServer(t, (socket) => {
    accepted.push(socket);
    socket.resume();
    waiting.shift()?.(socket);
  });
  const firstArrival = arrival();
  const client = await openConnect(edge.port, `127.0.0.1:${port}`);
  const far = await firstArrival;
  const farBroken = once(far, "error");
  client.resetAndDestroy();
  assert.equal(((await farBroken) as [NodeJS.ErrnoException])[0].code, "ECONNRESET"); // cut, which an end is not
  const secondArrival = arrival();
  const other = await openConnect(edge.port, `127.0.0.1:${port}`);
  (await secondArrival).resetAndDestroy();
  assert.equal(await readToClose(other), "");
  await settle(edge);
  assert.equal(accepted.length, 2);
});

test("an idle tunnel is closed", async (t) => {
  const edge = await openEdge(t, { limits: { tunnelIdleTimeoutMs: 30 } });
  const port = await openTcpServer(t, shout);
  const socket = await openConnect(edge.port, `localhost:${port}`);
  assert.equal(await readToClose(socket), "");
  await settle(edge);
});

test("a host that cannot be reached is 502, in plain text too", async (t) => {
  const edge = await openEdge(t);
  const port = await openTcpServer(t, (socket) => socket.destroy());
  const closedPort = await freePort();
  assert.match(
    await exchangeBytes(edge.port, `CONNECT 127.0.0.1:${closedPort} HTTP/1.1\r\nHost: x\r\n\r\n`),
    /^HTTP\/1\.1 502 .*ECONNREFUSED/s,
  );
  for (const target of [closedPort, port]) {
    assert.match(
      await exchangeBytes(edge.port, `GET http://127.0.0.1:${target}/ HTTP/1.1\r\nHost: x\r\n\r\n`),
      /^HTTP\/1\.1 502 /,
    );
  }
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("an origin whose answer is no HTTP gives 502, and nothing breaks", async (t) => {
  const edge = await openEdge(t);
  for (const answer of [
    "HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
    "HTTP/1.1 200 O\u0001K\r\nContent-Length: 0\r\n\r\n",
    "rubbish\r\n\r\n",
    "",
  ]) {
    const port = await openTcpServer(t, (socket) => socket.once("data", () => socket.end(answer, "latin1")));
    const bytes = `GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: x\r\n\r\n`;
    assert.match(await exchangeBytes(edge.port, bytes), /^HTTP\/1\.1 502 /, answer);
  }
  const cut = await openTcpServer(t, (socket) =>
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart")),
  );
  const partial = await exchangeBytes(edge.port, `GET http://127.0.0.1:${cut}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  assert.match(partial, /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\npart$/s); // and the connection closed short of the length
  await settle(edge);
});

test("plain requests are forwarded with their bodies and without the fields of one hop", async (t) => {
  const edge = await openEdge(t);
  let seen: IncomingMessage | undefined;
  const port = await openHttpServer(t, async (request, response) => {
    seen = request;
    let text = "";
    for await (const chunk of request) text += chunk;
    response.writeHead(
      203,
      "Odd",
      [
        ["X-Answer", "1"],
        ["Connection", "X-Hop"],
        ["X-Hop", "1"],
        ["Set-Cookie", "a"],
        ["Set-Cookie", "b"],
      ].flat(),
    );
    response.end(`${request.method} ${request.url} ${text}`);
  });
  const head = `POST http://127.0.0.1:${port}/p%20q?r=1 HTTP/1.1\r\nHost: elsewhere\r\nConnection: close, X-Private\r\nX-Private: 1\r\nProxy-Authorization: Basic eA==\r\nX-Kept: yes\r\n`;
  for (const framing of [
    "Content-Length: 5\r\n\r\nhello",
    "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
  ]) {
    const answer = await exchangeBytes(edge.port, head + framing);
    assert.match(answer, /^HTTP\/1\.1 203 Odd\r\n.*X-Answer: 1.*Set-Cookie: a.*Set-Cookie: b/s);
    assert.match(answer, /POST \/p%20q\?r=1 hello/);
    assert.doesNotMatch(answer, /X-Hop: 1/);
    assert.equal(seen?.headers.host, `127.0.0.1:${port}`);
    assert.equal(seen?.headers["x-kept"], "yes");
    assert.match(String(seen?.headers.via), /^1\.1 postern-/);
    for (const name of ["x-private", "proxy-authorization"]) assert.equal(seen?.headers[name], undefined, name);
  }
});

/** A proxy of the user's: notes what it is asked, and connects everything to one port. */
async function openUpstream(t: TestContext, targetPort: number, seen: string[]): Promise<number> {
  const note = (request: IncomingMessage) =>
    seen.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? "-"}`);
  return openHttpServer(
    t,
    (request, response) => {
      note(request);
      response.end("by proxy");
    },
    (request, socket) => {
      note(request);
      if (request.url === "refused.test:443")
        return void socket.end("HTTP/1.1 407 Authenticate\r\nContent-Length: 0\r\n\r\n");
      const far = connect(targetPort, "127.0.0.1");
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(far).pipe(socket);
      socket.on("error", () => far.destroy());
      far.on("error", () => socket.destroy());
    },
  );
}

test("a client that asks before it sends a body is told to go on when there is somewhere to go, and else hears why not", async (t) => {
  const edge = await openEdge(t);
  const port = await openHttpServer(t, (request, response) => {
    request
      .setEncoding("utf8")
      .on("data", (text) => response.write(text))
      .on("end", () => response.end());
  });
  const ask = (target: string) => {
    const socket = connect(edge.port, "127.0.0.1");
    socket.write(
      `PUT ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n`,
    );
    return socket;
  };
  const socket = ask(`http://127.0.0.1:${port}/`);
  assert.equal(await readUntil(socket, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.write("body");
  assert.match(await readToClose(socket), /^HTTP\/1\.1 200 OK\r\n[\s\S]*body/);
  assert.match(await readToClose(ask("http://login.microsoftonline.com/")), /^HTTP\/1\.1 400 /);
  assert.match(await readToClose(ask("/elsewhere")), /^HTTP\/1\.1 400 /);
});

test("other hosts go through the user's own proxy, with its credentials; exempt and local ones do not", async (t) => {
  const port = await openTcpServer(t, shout);
  const seen: string[] = [];
  const upstreamPort = await openUpstream(t, port, seen);
  const edge = await openEdge(t, {
    offline: false,
    upstreamProxy: `http://user:secret@127.0.0.1:${upstreamPort}`,
    noProxy: "exempt.invalid",
  });
  const authorization = `Basic ${Buffer.from("user:secret").toString("base64")}`;
  const socket = await openConnect(edge.port, "service.test:443");
  socket.end("hello");
  assert.equal(await readToClose(socket), "HELLO|END");
  assert.match(
    await exchangeBytes(edge.port, "GET http://plain.test/x?y HTTP/1.1\r\nHost: z\r\nConnection: close\r\n\r\n"),
    /by proxy/,
  );
  const refused = await exchangeBytes(edge.port, "CONNECT refused.test:443 HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.match(refused, /^HTTP\/1\.1 502 .*the upstream proxy answered 407/s);
  assert.doesNotMatch(refused, /secret/);
  assert.deepEqual(seen.splice(0), [
    `CONNECT service.test:443 ${authorization}`,
    `GET http://plain.test/x?y ${authorization}`,
    `CONNECT refused.test:443 ${authorization}`,
  ]);
  const local = await openConnect(edge.port, `localhost:${port}`);
  local.destroy();
  assert.match(
    await exchangeBytes(edge.port, "CONNECT exempt.invalid:443 HTTP/1.1\r\nHost: x\r\n\r\n"),
    /^HTTP\/1\.1 502 /,
  );
  assert.deepEqual(seen, []);
});

test("a proxy that leads back here is seen, instead of going round until the sockets are used up", async (t) => {
  let edgePort = 0;
  let rounds = 0;
  const upstreamPort = await openHttpServer(
    t,
    (_request, response) => response.end(),
    (request, socket) => {
      rounds += 1;
      const back = connect(edgePort, "127.0.0.1");
      back.write(`CONNECT ${request.url} HTTP/1.1\r\nHost: x\r\nVia: ${request.headers.via}\r\n\r\n`);
      back.pipe(socket);
      back.on("error", () => socket.destroy());
      socket.on("error", () => back.destroy());
    },
  );
  const edge = await openEdge(t, { offline: false, upstreamProxy: `http://127.0.0.1:${upstreamPort}` });
  edgePort = edge.port;
  assert.match(
    await exchangeBytes(edge.port, "CONNECT service.test:443 HTTP/1.1\r\nHost: x\r\n\r\n"),
    /^HTTP\/1\.1 502 .*answered 508/s,
  );
  assert.equal(rounds, 1);
});

test("a client that leaves while its tunnel is being made leaves nothing behind", async (t) => {
  const asked = Promise.withResolvers<Socket>();
  const upstreamPort = await openHttpServer(
    t,
    (_request, response) => response.end(),
    (_request, socket) => {
      socket.on("error", () => {});
      socket.resume();
      asked.resolve(socket); // never answered
    },
  );
  const edge = await openEdge(t, { offline: false, upstreamProxy: `http://127.0.0.1:${upstreamPort}` });
  const socket = connect(edge.port, "127.0.0.1");
  socket.write("CONNECT service.test:443 HTTP/1.1\r\nHost: x\r\n\r\n");
  const pending = await asked.promise;
  const pendingEnded = once(pending, "end");
  socket.resetAndDestroy();
  await pendingEnded;
  await settle(edge);
});

test("a tunnel that does not come up in time is 504", async (t) => {
  const upstreamPort = await openHttpServer(
    t,
    (_request, response) => response.end(),
    (_request, socket) => void socket.on("error", () => {}).resume(),
  );
  const edge = await openEdge(t, {
    offline: false,
    upstreamProxy: `http://127.0.0.1:${upstreamPort}`,
    limits: { connectTimeoutMs: 30 },
  });
  assert.match(
    await exchangeBytes(edge.port, "CONNECT service.test:443 HTTP/1.1\r\nHost: x\r\n\r\n"),
    /^HTTP\/1\.1 504 /,
  );
});

test("a bad upstream proxy stops the start, without its password in the text", async (t) => {
  await assert.rejects(
    openEdge(t, { upstreamProxy: "socks5://u:hunter2@h" }),
    (error: Error) => !error.message.includes("hunter2"),
  );
});
