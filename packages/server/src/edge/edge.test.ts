import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { answerRouting, ask, openEdge, openTls, openTlsByProxy, readToClose, settle } from "./edge-fixture.ts";

const planes: [string, string][] = [
  ["login.microsoftonline.com", "entra"],
  ["login.microsoft.com", "entra"],
  ["login.windows.net", "entra"],
  ["sts.windows.net", "entra"],
  ["graph.microsoft.com", "graph"],
  ["management.azure.com", "arm"],
  ["management.core.windows.net", "arm"],
  ["acct.blob.core.windows.net", "blob"],
];

test("each host is reached through CONNECT, with a certificate for its name", async (t) => {
  const edge = await openEdge(t);
  for (const [host, surface] of planes) {
    const tls = await openTlsByProxy(edge, host);
    assert.equal(tls.alpnProtocol, "http/1.1");
    const answer = await ask(tls, "/a/b?c=d", { host });
    const seen = JSON.parse(answer.text);
    assert.deepEqual([seen.surface, seen.origin, seen.path, seen.query], [surface, `https://${host}`, "/a/b", "c=d"]);
    assert.match(seen.requestId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    tls.destroy();
  }
});

test("the planes are reached under localhost by path", async (t) => {
  const edge = await openEdge(t);
  const paths: [string, string, string, string][] = [
    ["/v1.0/me", "graph", "", "/v1.0/me"],
    ["//metadata/endpoints", "arm", "", "/metadata/endpoints"],
    ["/common/oauth2/token", "entra", "", "/common/oauth2/token"],
    ["/portal/", "portal", "", "/portal/"],
    ["/devstore1/c/b", "blob", "/devstore1", "/c/b"],
  ];
  for (const [target, surface, prefix, path] of paths) {
    const tls = await openTls(edge);
    const seen = JSON.parse((await ask(tls, target, { host: `localhost:${edge.port}` })).text);
    assert.deepEqual([seen.surface, seen.prefix, seen.path, seen.origin], [surface, prefix, path, edge.baseUrl]);
    tls.destroy();
  }
});

test("a connection is kept for the next request, to another plane too", async (t) => {
  const edge = await openEdge(t);
  const tls = await openTlsByProxy(edge, "management.azure.com");
  const keep = { connection: "keep-alive" };
  const first = JSON.parse((await ask(tls, "/x", { host: "management.azure.com", ...keep })).text);
  const second = JSON.parse((await ask(tls, "/x", { host: "graph.microsoft.com", ...keep })).text);
  assert.deepEqual([first.surface, second.surface], ["arm", "graph"]); // the Host header decides, not CONNECT or SNI
  assert.equal(first.clientPort, second.clientPort);
  tls.destroy();
});

test("a large body arrives whole", async (t) => {
  const edge = await openEdge(t);
  const tls = await openTlsByProxy(edge, "acct.blob.core.windows.net");
  const body = Buffer.alloc(9 * 1024 * 1024 + 7, 1);
  const answer = await ask(
    tls,
    "/c/b",
    { host: "acct.blob.core.windows.net", "content-length": body.length },
    "PUT",
    body,
  );
  assert.equal(JSON.parse(answer.text).bodyBytes, body.length);
  tls.destroy();
});

test("a host outside the table is misdirected, whatever CONNECT and the hello said", async (t) => {
  const edge = await openEdge(t);
  for (const host of ["evil.example", "graph.microsoft.com.evil.example", "portal.azure.com"]) {
    const tls = await openTlsByProxy(edge, "graph.microsoft.com");
    const answer = await ask(tls, "/v1.0/me", { host });
    assert.equal(answer.status, 421);
    assert.equal(answer.text, "This host is not served here.\n");
    assert.ok(answer.headers["x-ms-request-id"]);
    tls.destroy();
  }
});

test("requests that can be read in two ways, or in none, are refused", async (t) => {
  const edge = await openEdge(t);
  const cases: [string, string][] = [
    ["GET /x HTTP/1.1\r\nHost: graph.microsoft.com\r\nHost: localhost\r\n\r\n", "400"],
    ["GET /x HTTP/1.1\r\n\r\n", "400"],
    ["GET /x HTTP/1.0\r\n\r\n", "400"],
    ["GET http://graph.microsoft.com/ HTTP/1.1\r\nHost: graph.microsoft.com\r\n\r\n", "400"],
    ["OPTIONS * HTTP/1.1\r\nHost: graph.microsoft.com\r\n\r\n", "400"],
    ["GET /no-such-root HTTP/1.1\r\nHost: localhost\r\n\r\n", "404"],
    ["complete rubbish\r\n\r\n", "400"],
    ["POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"],
    [`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"a".repeat(70_000)}\r\n\r\n`, "431"],
  ];
  for (const [bytes, status] of cases) {
    const tls = await openTls(edge);
    tls.write(bytes);
    assert.equal((await readToClose(tls)).slice(0, 12), `HTTP/1.1 ${status}`, bytes.slice(0, 60));
  }
  assert.deepEqual(edge.faults, []);
});

test("a client that leaves in the middle of a body is no fault", async (t) => {
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const edge = await openEdge(t, {
    dispatch: async (exchange) => {
      exchange.response.once("close", ended.resolve);
      started.resolve();
      await answerRouting(exchange);
    },
  });
  const tls = await openTls(edge);
  tls.write("PUT /devstore1/c/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\npart");
  await started.promise;
  tls.destroy();
  await ended.promise;
  await settle(edge);
  assert.deepEqual(edge.faults, []);
});

test("a fault of a surface is an empty 500 with the request's id, and is reported", async (t) => {
  const faulty = new Error("insides");
  const edge = await openEdge(t, {
    dispatch: ({ response, path }) => {
      response.setHeader("x-half-made", "1");
      if (path === "/late") response.write("begun");
      throw faulty;
    },
  });
  const early = await openTlsByProxy(edge, "graph.microsoft.com");
  const answer = await ask(early, "/early", { host: "graph.microsoft.com" });
  assert.deepEqual([answer.status, answer.text, answer.headers["x-half-made"]], [500, "", undefined]);
  assert.match(String(answer.headers["x-ms-request-id"]), /^[0-9a-f-]{36}$/);
  const late = await openTlsByProxy(edge, "graph.microsoft.com");
  late.write("GET /late HTTP/1.1\r\nHost: graph.microsoft.com\r\n\r\n");
  assert.doesNotMatch(await readToClose(late), /insides|\r\n0\r\n/); // cut off, so that no client takes it for whole
  assert.deepEqual(edge.faults, [faulty, faulty]);
});

test("a log that fails does not take the process with it", async (t) => {
  const edge = await openEdge(t, {
    dispatch: () => Promise.reject(new Error("one")),
    onFault: () => {
      throw new Error("two");
    },
  });
  const tls = await openTls(edge);
  assert.equal((await ask(tls, "/v1.0/me", { host: "localhost" })).status, 500);
  tls.destroy();
});

test("a leaf near its end is replaced while running, by the same CA", async (t) => {
  const dayMs = 24 * 60 * 60 * 1000;
  let now = new Date(Date.now() - 380 * dayMs);
  const edge = await openEdge(t, { clock: () => now });
  const serialOf = async () => {
    const tls = await openTls(edge);
    const unnamed = await openTls(edge, "127.0.0.1");
    const serials = [tls, unnamed].map((socket) => socket.getPeerCertificate().serialNumber);
    for (const socket of [tls, unnamed]) socket.destroy();
    return serials;
  };
  const before = await serialOf();
  assert.equal(await edge.renewCertificate(), false);
  now = new Date();
  assert.equal(await edge.renewCertificate(), true);
  const after = await serialOf();
  assert.equal(new Set([...before, ...after]).size, 4);
  assert.equal(await edge.renewCertificate(), false);
  assert.deepEqual(await serialOf(), after);
});

test("who asks for a name gets a certificate without addresses, which BoringSSL takes; who asks for an address, one with", async (t) => {
  const edge = await openEdge(t);
  for (const [host, hasAddresses] of [
    ["localhost", false],
    ["login.microsoftonline.com", false],
    ["acct.blob.core.windows.net", false],
    ["127.0.0.1", true],
    ["::1", true],
  ] as const) {
    const tls = await openTls(edge, host);
    assert.equal(tls.authorized, true, host);
    assert.equal(/IP Address/.test(tls.getPeerCertificate().subjectaltname ?? ""), hasAddresses, host);
    tls.destroy();
  }
});

test("a second edge on the same state folder presents the same certificate", async (t) => {
  const first = await openEdge(t);
  const stateDir = first.caFile.replace(/\/ca\/ca\.pem$/, "");
  const second = await openEdge(t, { stateDir });
  const tls = await openTls({ ...second, ca: first.ca });
  assert.equal(tls.authorized, true);
  tls.destroy();
});

test("Python's strict verification takes the chain, with and without the proxy", async (t) => {
  const python = ["/usr/bin/python3", "python3"].find(
    (name) => spawnSync(name, ["-c", "import ssl,sys; sys.exit(sys.version_info < (3, 10))"]).status === 0,
  );
  if (python === undefined) return t.skip("no Python 3.10 or later");
  const edge = await openEdge(t);
  const script = `
import http.client, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
context.verify_flags |= ssl.VERIFY_X509_STRICT
port = int(sys.argv[1])
for host in ("login.microsoftonline.com", "acct.blob.core.windows.net", "localhost"):
    if host == "localhost":
        client = http.client.HTTPSConnection(host, port, context=context)
    else:
        client = http.client.HTTPSConnection("127.0.0.1", port, context=context)
        client.set_tunnel(host, 443)
    client.request("GET", "/v1.0/me")
    print(client.getresponse().status)
`;
  const child = spawn(python, ["-c", script, String(edge.port), edge.caBundle], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += chunk;
  });
  await once(child, "close");
  assert.equal(printed, "200\n200\n200\n");
});
