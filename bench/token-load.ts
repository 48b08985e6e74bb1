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
  /** Each request carries an id of its own, as those of Microsoft's libraries do: no two heads are alike. */
  readonly hasRequestIds?: boolean;
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

type RequestBytes = {
  readonly bytes: Buffer;
  /** Where the number in its id stands; -1 when it has none. */
  readonly idAt: number;
};

/** The start of the ids, and of the number after it, in characters. */
const idStart = "client-request-id: 00000000-0000-4000-8000-";
const idNumberDigits = 12;

function requestBytes({ path, body, port, hasRequestIds = false }: LoadOrder): RequestBytes {
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: localhost:${port}`,
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Accept: application/json",
    ...(hasRequestIds ? [idStart + "0".repeat(idNumberDigits)] : []),
  ];
  const bytes = Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
  return { bytes, idAt: hasRequestIds ? bytes.indexOf(idStart) + idStart.length : -1 };
}

/** What all connections of a run have seen. */
class Tally {
  readonly latencies: number[] = [];
  readonly seen = new Set<string>();
  failures = 0;
  lookedAt = 0;
  sample = "";
  answers = 0;
  requests = 0;

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
async function ask(order: LoadOrder, request: RequestBytes, begin: number, end: number, tally: Tally): Promise<void> {
  const done = Promise.withResolvers<void>();
  const bytesToSend = Buffer.from(request.bytes); // written over while the other connections' are on their way
  let sent = 0;
  let got = 0;
  let isLookedAt = false;
  let size: number | undefined;
  let early: Buffer | undefined; // of an answer that comes in parts, what came before
  const send = () => {
    sent = performance.now();
    got = 0;
    size = undefined;
    early = undefined;
    isLookedAt = tally.answers % lookEvery === 0;
    tally.requests += 1;
    if (request.idAt >= 0)
      bytesToSend.write(tally.requests.toString().padStart(idNumberDigits, "0"), request.idAt, "latin1");
    socket.write(bytesToSend);
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
