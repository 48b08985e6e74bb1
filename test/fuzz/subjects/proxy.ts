/**
 * Bytes on the proxy's side of the listener, through Node's own HTTP parser: CONNECT, absolute and origin targets, heads that are none. Over a socket
 * file, so that a million connections need no million ports; what would leave the machine, or reach another program on it, is refused by the policy.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeForwardProxy } from "../../../packages/server/src/edge/forward-proxy.ts";
import { edgeLimits } from "../../../packages/server/src/edge/limits.ts";
import type { Draw } from "../draw.ts";
import { accepted, mustHold, refused, type Subject } from "../subject.ts";
import { connectTargets } from "./wire.ts";

let server: Server;
let folder: string;
let path: string;
const sockets = new Set<Socket>();

async function open(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), "postern-fuzz-"));
  path = join(folder, "socket");
  const proxy = makeForwardProxy({
    policy: () => ({ isOffline: true, isLoopbackOnly: false, canTunnelForOthers: false, ownPort: 8443 }),
    upstream: undefined,
    limits: edgeLimits,
    terminate: (socket) => socket.destroySoon(),
  });
  server = createServer({ maxHeaderSize: edgeLimits.maxHeaderSizeBytes }, proxy.handleRequest);
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("connect", (request, socket, head) => {
    socket.on("error", () => undefined);
    proxy.handleConnect(request, socket as Socket, head);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
}

async function close(): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
}

/** Sends bytes, says that there are no more, and reads what comes until the other side closes. */
function exchange(bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer));
    socket.end(bytes);
  });
}

/** What the proxy may answer: refusals, the health of the process, a way to one of our own names; and what Node refuses by itself. */
const allowedStatuses = new Set(["200", "400", "403", "408", "413", "417", "431", "508"]);

function drawHead(draw: Draw): string {
  const line = draw.one(
    () => `CONNECT ${connectTargets.generate(draw)} HTTP/1.1`,
    () => `GET http://${connectTargets.generate(draw)}/${draw.word()} HTTP/1.1`,
    () =>
      `${draw.pick(["GET", "HEAD", "POST", "get", "PRI", "M-SEARCH"])} ${draw.pick(["/healthz", "/", "*", "//a", "ftp://a/"])} HTTP/${draw.pick(["1.1", "1.0", "2.0", "1.1 "])}`,
  );
  const headers = draw.many(() =>
    draw.pick([
      ...["Host: localhost", "Host: a\r\nHost: b", "Content-Length: 5", "Content-Length: -1", "Content-Length: 5, 6"],
      ...[
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Connection: close, X",
        "Expect: 100-continue",
      ],
      ...["Via: 1.1 a", "Upgrade: h2c", " folded", "a b: c", "X:\u0001", "Proxy-Authorization: Basic x", "X: \u00ff"],
    ]),
  );
  const end = draw.chance(0.95) ? "\r\n" : draw.pick(["\n", "\r", "\r\n\u0000"]);
  return [
    line,
    "Host: localhost",
    ...headers,
    "",
    draw.maybe(() => draw.pick(["5\r\nhello\r\n0\r\n\r\n", "\u0016\u0003\u0001", "x"]), 0.2),
  ].join(end);
}

export const proxyWire: Subject = {
  name: "proxy-wire",
  files: ["packages/server/src/edge/forward-proxy.ts"],
  maxChars: 80_000,
  words: [
    "\r\n",
    "\n",
    "\r\n\r\n",
    ": ",
    "CONNECT ",
    " HTTP/1.1",
    "Host: ",
    "Transfer-Encoding: chunked\r\n",
    "Content-Length: 0\r\n",
    "\u0000",
    "\u0016\u0003\u0001",
    "http://",
    "0\r\n\r\n",
  ],
  pumps: [
    ["CONNECT ", "a.", ":443 HTTP/1.1\r\n\r\n"],
    ["GET / HTTP/1.1\r\n", "a: b\r\n", "\r\n"],
    ["GET http://", "a", "/ HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["", "\r\n", ""],
  ],
  open,
  close,
  generate: drawHead,
  read: async (input) => {
    // Node answers `Expect` by itself, before anybody has looked at the request.
    const answer = (await exchange(Buffer.from(input, "latin1"))).replace(/^(?:HTTP\/1\.1 100 Continue\r\n\r\n)+/, "");
    if (answer === "") return refused("closed");
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? "none";
    mustHold(allowedStatuses.has(status), `the answer begins ${JSON.stringify(answer.slice(0, 80))}`);
    mustHold(!/node:|\.ts:\d|\bat .+:\d+:\d+/.test(answer), "an answer tells of the inside");
    return status === "200" ? accepted(answer.includes("Established") ? "tunnel" : "health") : refused(status);
  },
  isRefusal: () => undefined,
};
