/**
 * Real sockets for the tests of this folder: an edge on a free port, and clients that write bytes by hand.
 *
 * Owns: nothing of the product. Everything here waits for events, never for time.
 */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { type AddressInfo, connect, createServer, isIP, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import {
  checkServerIdentity as checkIdentity,
  connect as connectTls,
  type PeerCertificate,
  type TLSSocket,
} from "node:tls";
import type { Exchange } from "../wire/exchange.ts";
import { type Edge, type EdgeOptions, startEdge } from "./edge.ts";

export type TestEdge = Edge & { readonly ca: string; readonly faults: unknown[] };

/** Starts an edge that answers every request with its own routing as JSON, and closes it after the test. */
export async function openEdge(t: TestContext, overrides: Partial<EdgeOptions> = {}): Promise<TestEdge> {
  const stateDir = overrides.stateDir ?? mkdtempSync(join(tmpdir(), "postern-edge-"));
  const faults: unknown[] = [];
  const edge = await startEdge({
    stateDir,
    listenHost: "127.0.0.1",
    port: 0,
    offline: true,
    systemCaFiles: [],
    clock: () => new Date(),
    dispatch: answerRouting,
    onFault: (error) => faults.push(error),
    ...overrides,
  });
  t.after(async () => {
    await edge.close();
    rmSync(stateDir, { recursive: true, force: true });
  });
  return { ...edge, ca: readFileSync(edge.caFile, "utf8"), faults };
}

/** Reads the body to its end and answers with what the edge found out about the request. */
export async function answerRouting(exchange: Exchange): Promise<void> {
  const { request, response, note: _, ...routing } = exchange;
  let bodyBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) bodyBytes += chunk.length;
  response.end(
    JSON.stringify({ ...routing, method: request.method, clientPort: request.socket.remotePort, bodyBytes }),
  );
}

/** Connects, writes, and reads until the other side closes; a reset counts as a close. */
export async function exchangeBytes(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(bytes);
  return readToClose(socket);
}

/** Reads what comes until the connection is closed in whatever way. */
export async function readToClose(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.resume(); // it may have been paused by readUntil
  await new Promise((resolve) => socket.once("close", resolve)); // events.once would reject on a reset
  return Buffer.concat(chunks).toString("latin1");
}

/** Reads up to and with the text, and leaves what comes after it; @throws when the connection ends before. */
export async function readUntil(socket: Socket, text: string): Promise<string> {
  let seen = "";
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      seen += chunk.toString("latin1");
      const end = seen.indexOf(text) + text.length;
      if (end < text.length) return;
      socket.removeListener("data", onData);
      socket.pause();
      if (end < seen.length) socket.unshift(Buffer.from(seen.slice(end), "latin1"));
      resolve(seen.slice(0, end));
    };
    socket.on("data", onData);
    socket.once("close", () => reject(new Error(`closed after ${JSON.stringify(seen)}`)));
  });
}

/** A raw connection that CONNECT has been answered on with 200. */
export async function openConnect(port: number, authority: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
  await readUntil(socket, "HTTP/1.1 200 Connection Established\r\n\r\n");
  return socket;
}

/** TLS to a host of the table, through the proxy, verified against our CA only. */
export async function openTlsByProxy(edge: TestEdge, host: string): Promise<TLSSocket> {
  return secure(edge, host, await openConnect(edge.port, `${host}:443`));
}

/** TLS straight to the port. @param host whom the certificate must be of; an address is not told to the server (RFC 6066 section 3). */
export async function openTls(edge: TestEdge, host = "localhost"): Promise<TLSSocket> {
  return secure(edge, host, connect(edge.port, "127.0.0.1"));
}

async function secure(edge: TestEdge, host: string, socket: Socket): Promise<TLSSocket> {
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const checkServerIdentity = (_: string, certificate: PeerCertificate) => checkIdentity(host, certificate);
  const tls = connectTls({ socket, ...servername, checkServerIdentity, ca: edge.ca, ALPNProtocols: ["http/1.1"] });
  await once(tls, "secureConnect");
  tls.on("error", () => {});
  return tls;
}

export type Answer = { readonly status: number; readonly headers: IncomingMessage["headers"]; readonly text: string };

/** One request over a connection that is already up; it can be used again when `connection` is keep-alive. */
export async function ask(
  socket: Socket,
  path: string,
  headers: OutgoingHttpHeaders,
  method = "GET",
  body?: string | Buffer,
): Promise<Answer> {
  const request = httpRequest({ createConnection: () => socket, path, method, headers, setHost: false });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() };
}

/** A TCP server on a free loopback port. */
export async function openTcpServer(t: TestContext, accept: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    t.after(() => socket.destroy());
    accept(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Waits until no socket is left open. */
export async function settle(edge: TestEdge): Promise<void> {
  while (edge.openSockets() > 0) await new Promise((resolve) => setImmediate(resolve));
}
