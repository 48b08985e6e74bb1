/**
 * Sends blob requests as fast as they are answered, over connections that are kept, one at a time on each: a process of its own, so that its work is
 * not the server's. Reads JSON of {@link LoadOrder}, which holds a token, from its standard input; writes what it saw as one line of JSON.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { openConnection, type Place, sizeOfAnswer } from "./raw-connection.ts";

export type LoadOrder = Place & {
  readonly method: "GET" | "PUT";
  /** `{n}` is replaced: for GET by a number below `count`, drawn anew each time; for PUT by `first` and the numbers after it. */
  readonly path: string;
  readonly count: number;
  readonly first: number;
  /** Lines of the head without the first one and without Content-Length. */
  readonly headers: readonly string[];
  readonly bodyBytes: number;
  readonly connections: number;
  /** It ends after so long or so many answers, whatever comes first. */
  readonly measureMs: number;
  readonly maxAnswers: number;
};

export type LoadOutcome = {
  readonly answers: number;
  /** Not 200, 201 or 206; the first of them is shown. */
  readonly failures: number;
  readonly failure: string;
  readonly elapsedMs: number;
  /** Of bodies, in the direction of the method. */
  readonly bodyBytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly clientCpuUs: number;
};

/** A large body is sent in pieces of this. */
const pieceBytes = 256 * 1024;
const piece = randomBytes(pieceBytes);

/** Reads one answer after another; only its head is looked at. */
class AnswerReader {
  #head: Buffer | undefined;
  #gotBytes = 0;
  #sizeBytes: number | undefined;
  #isChunked = false;
  #tail = "";
  status = "";
  text = "";

  begin(): void {
    [this.#head, this.#gotBytes, this.#sizeBytes, this.#isChunked, this.#tail] = [undefined, 0, undefined, false, ""];
    this.text = "";
  }

  /** @returns whether the answer has come to its end. */
  take(part: Buffer): boolean {
    if (this.#sizeBytes === undefined && !this.#isChunked) {
      const bytes = this.#head === undefined ? part : Buffer.concat([this.#head, part]);
      const text = bytes.toString("latin1", 0, 2000);
      this.text = text;
      this.status = text.slice(9, 12);
      if (!text.includes("\r\n\r\n")) {
        this.#head = Buffer.from(bytes);
        return false;
      }
      this.#isChunked = /\r\ntransfer-encoding: *chunked/i.test(text.slice(0, text.indexOf("\r\n\r\n") + 2));
      if (!this.#isChunked) this.#sizeBytes = sizeOfAnswer(bytes);
      this.#gotBytes = bytes.length - part.length;
    }
    this.#gotBytes += part.length;
    if (this.#sizeBytes !== undefined) return this.#gotBytes >= this.#sizeBytes;
    this.#tail = (this.#tail + part.toString("latin1", Math.max(0, part.length - 5))).slice(-5);
    return this.#tail === "0\r\n\r\n";
  }

  get sizeBytes(): number {
    return this.#gotBytes;
  }
}

/** What all connections of a run have seen. */
class Run {
  readonly latencies: number[] = [];
  readonly order: LoadOrder;
  readonly endMs: number;
  started = 0;
  failures = 0;
  failure = "";
  receivedBytes = 0;

  constructor(order: LoadOrder) {
    this.order = order;
    this.endMs = performance.now() + order.measureMs;
  }

  /** The next request's head; undefined when there is none. */
  next(): Buffer | undefined {
    const { order } = this;
    if (this.started >= order.maxAnswers || performance.now() >= this.endMs) return undefined;
    const number = order.method === "PUT" ? order.first + this.started : Math.floor(Math.random() * order.count);
    this.started += 1;
    const length = order.method === "PUT" ? [`Content-Length: ${order.bodyBytes}`] : [];
    const line = `${order.method} ${order.path.replace("{n}", String(number))} HTTP/1.1`;
    return Buffer.from(`${[line, ...order.headers, ...length].join("\r\n")}\r\n\r\n`);
  }

  count({ status, text, sizeBytes }: AnswerReader, latencyMs: number): void {
    if (!/^20[016]$/.test(status)) {
      this.failures += 1;
      this.failure ||= text;
    }
    this.latencies.push(latencyMs);
    this.receivedBytes += sizeBytes;
  }
}

async function sendBody(socket: Socket, sizeBytes: number): Promise<void> {
  for (let sent = 0; sent < sizeBytes; sent += pieceBytes) {
    const part = sizeBytes - sent < pieceBytes ? piece.subarray(0, sizeBytes - sent) : piece;
    if (!socket.write(part) && sent + pieceBytes < sizeBytes) await once(socket, "drain");
  }
}

async function work(run: Run): Promise<void> {
  const { order } = run;
  const done = Promise.withResolvers<void>();
  const reader = new AnswerReader();
  let sent = 0;
  const send = () => {
    const head = run.next();
    if (head === undefined) {
      done.resolve();
      return;
    }
    reader.begin();
    sent = performance.now();
    if (order.bodyBytes === 0) socket.write(head);
    else if (order.bodyBytes <= pieceBytes) socket.write(Buffer.concat([head, piece.subarray(0, order.bodyBytes)]));
    else {
      socket.write(head);
      sendBody(socket, order.bodyBytes).catch(done.reject);
    }
  };
  const socket = await openConnection(order, (part) => {
    if (!reader.take(part)) return;
    run.count(reader, performance.now() - sent);
    send();
  });
  socket.on("error", done.reject).on("close", () => done.reject(new Error(`the server closed: ${reader.text}`)));
  send();
  await done.promise;
  socket.removeAllListeners("close").destroy();
}

async function load(order: LoadOrder): Promise<LoadOutcome> {
  const run = new Run(order);
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await Promise.all(Array.from({ length: order.connections }, () => work(run)));
  const elapsedMs = performance.now() - begun;
  const used = process.cpuUsage(cpu);
  const latencies = run.latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return {
    answers: latencies.length,
    failures: run.failures,
    failure: run.failure,
    elapsedMs,
    bodyBytes: order.method === "PUT" ? latencies.length * order.bodyBytes : run.receivedBytes,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    clientCpuUs: (used.user + used.system) / Math.max(1, latencies.length),
  };
}

process.stdout.write(`${JSON.stringify(await load(JSON.parse(readFileSync(0, "utf8")) as LoadOrder))}\n`);
