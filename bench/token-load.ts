/**
 * Asks a token endpoint for tokens as fast as it gives them, over connections that are kept: a process of its own, so that its work is not the
 * server's. Writes what it saw as one line of JSON.
 *
 * Lean on purpose (bytes on a socket, no HTTP client): on a small machine the client shares the cores with the server, and what it spends is missing
 * there. Arguments: JSON of {@link LoadOrder}.
 */
import { openConnection, sizeOfAnswer } from "./raw-connection.ts";

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

/** What all connections of a run have seen. */
class Tally {
  readonly latencies: number[] = [];
  readonly seen = new Set<string>();
  failures = 0;
  lookedAt = 0;
  sample = "";
  answers = 0;

  /** @param text the whole answer, of those that are looked at; else its first bytes. */
  count(text: string, latencyMs: number, isLookedAt: boolean): void {
    if (!text.startsWith("HTTP/1.1 200")) this.failures += 1;
    else this.latencies.push(latencyMs);
    const token = isLookedAt ? /"access_token":"([^"]+)"/.exec(text)?.[1] : undefined;
    if (token === undefined) return;
    this.lookedAt += 1;
    this.sample = token;
    this.seen.add(token);
  }

  latency(share: number): number {
    return this.latencies[Math.min(this.latencies.length - 1, Math.floor(this.latencies.length * share))] ?? 0;
  }
}

/** Asks over one connection, again and again until the end. */
async function ask(order: LoadOrder, request: Buffer, begin: number, end: number, tally: Tally): Promise<void> {
  const done = Promise.withResolvers<void>();
  let [sent, got, isLookedAt] = [0, 0, false];
  let size: number | undefined;
  let early: Buffer | undefined; // of an answer that comes in parts, what came before
  const send = () => {
    [sent, got, size, early, isLookedAt] = [
      performance.now(),
      0,
      undefined,
      undefined,
      tally.answers % lookEvery === 0,
    ];
    socket.write(request);
  };
  const socket = await openConnection(order, (part) => {
    const bytes = early === undefined ? part : Buffer.concat([early, part]);
    size ??= sizeOfAnswer(bytes);
    got += part.length;
    if (size === undefined || got < size) {
      early = Buffer.from(bytes);
      return;
    }
    const now = performance.now();
    tally.answers += 1;
    if (now >= begin && now < end)
      tally.count(bytes.toString("latin1", 0, isLookedAt ? size : 12), now - sent, isLookedAt);
    if (now < end) return send();
    socket.destroy();
    done.resolve();
  });
  socket.on("error", done.reject).on("close", () => done.resolve());
  send();
  await done.promise;
}

async function load(order: LoadOrder): Promise<LoadOutcome> {
  const begin = performance.now() + order.warmUpMs;
  const request = requestBytes(order);
  const tally = new Tally();
  let cpu = process.cpuUsage();
  setTimeout(() => {
    cpu = process.cpuUsage();
  }, order.warmUpMs);
  const asking = Array.from({ length: order.connections }, () =>
    ask(order, request, begin, begin + order.measureMs, tally),
  );
  await Promise.all(asking);
  const used = process.cpuUsage(cpu);
  tally.latencies.sort((a, b) => a - b);
  return {
    tokens: tally.latencies.length,
    different: tally.seen.size,
    lookedAt: tally.lookedAt,
    failures: tally.failures,
    p50Ms: tally.latency(0.5),
    p99Ms: tally.latency(0.99),
    clientCpuUs: (used.user + used.system) / Math.max(1, tally.latencies.length),
    sample: tally.sample,
  };
}

const [, , text] = process.argv;
if (text !== undefined) process.stdout.write(`${JSON.stringify(await load(JSON.parse(text) as LoadOrder))}\n`);
