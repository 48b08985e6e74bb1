/**
 * Asks a token endpoint for tokens as fast as it gives them, over connections that are kept: a process of its own, so that its work is not the
 * server's. Writes what it saw as one line of JSON.
 *
 * Lean on purpose (bytes on a socket, no HTTP client): on a small machine the client shares the cores with the server, and what it spends is missing
 * there. Arguments: JSON of {@link LoadOrder}.
 */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export type LoadOrder = {
  readonly port: number;
  readonly isTls: boolean;
  readonly path: string;
  readonly body: string;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
};

export type LoadOutcome = {
  readonly tokens: number;
  /** Different ones among the tokens looked at, and how many were looked at. */
  readonly different: number;
  readonly lookedAt: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly clientCpuUs: number;
  readonly sample: string;
};

/** Of every so many answers the token is looked at. */
const lookEvery = 97;

function open({ port, isTls }: LoadOrder): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket: Socket = isTls
      ? connectTls({ host: "127.0.0.1", port, servername: "localhost", rejectUnauthorized: false }, () =>
          resolve(socket),
        )
      : connect({ host: "127.0.0.1", port }, () => resolve(socket));
    socket.setNoDelay(true);
    socket.once("error", reject);
  });
}

function requestBytes({ path, body, port }: LoadOrder): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: localhost:${port}`,
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Accept: application/json",
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** @returns the bytes of the first answer in the text, header and body; undefined while it is not known. */
function sizeOfAnswer(text: string): number | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1];
  if (length === undefined) throw new Error("an answer without a Content-Length");
  return end + 4 + Number(length);
}

async function load(order: LoadOrder): Promise<LoadOutcome> {
  const request = requestBytes(order);
  const sockets = await Promise.all(Array.from({ length: order.connections }, () => open(order)));
  const latencies: number[] = [];
  const seen = new Set<string>();
  let [failures, lookedAt, sample, answers] = [0, 0, "", 0];
  const begin = performance.now() + order.warmUpMs;
  const end = begin + order.measureMs;
  let cpu = process.cpuUsage();
  setTimeout(() => {
    cpu = process.cpuUsage();
  }, order.warmUpMs);
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve, reject) => {
          let [sent, size, got] = [0, undefined as number | undefined, 0];
          let [text, isLookedAt] = ["", false];
          const ask = () => {
            [sent, size, got, text, isLookedAt] = [performance.now(), undefined, 0, "", answers % lookEvery === 0];
            socket.write(request);
          };
          const receive = (chunk: Buffer) => {
            got += chunk.length;
            if (size === undefined || isLookedAt) text += chunk.toString("latin1");
            size ??= sizeOfAnswer(text);
            if (size === undefined || got < size) return;
            const now = performance.now();
            answers += 1;
            if (now >= begin && now < end) {
              if (!text.startsWith("HTTP/1.1 200")) failures += 1;
              else latencies.push(now - sent);
              const token = isLookedAt ? /"access_token":"([^"]+)"/.exec(text)?.[1] : undefined;
              if (token !== undefined) {
                lookedAt += 1;
                sample = token;
                seen.add(token);
              }
            }
            if (now < end) return ask();
            socket.destroy();
            resolve();
          };
          socket
            .on("data", receive)
            .on("error", reject)
            .on("close", () => resolve());
          ask();
        }),
    ),
  );
  const used = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return {
    tokens: latencies.length,
    different: seen.size,
    lookedAt,
    failures,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    clientCpuUs: (used.user + used.system) / Math.max(1, latencies.length),
    sample,
  };
}

const [, , text] = process.argv;
if (text !== undefined) process.stdout.write(`${JSON.stringify(await load(JSON.parse(text) as LoadOrder))}\n`);
