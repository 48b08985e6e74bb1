/**
 * The main thread's end of the thread that sums large bodies; see blob-sums-worker.ts.
 *
 * Owns: the thread, which starts with the first large body, and its lanes. There are so many lanes and no more: who finds none left sums by himself.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { SumReport } from "./blob-sums-worker.ts";
import { makePages } from "./page-memory.ts";
import { laneBytes, SumLane } from "./sum-lane.ts";
import { findWorkerEntry } from "./worker-entry.ts";

/** Bodies from here on are summed by the thread. Our choice, by measurement: what is shorter is summed before the thread has heard of it. */
const leastBytes = 256 * 1024;
/** Bodies summed by the thread at once. Our choice: 18 MiB of memory; slow senders that hold all lanes leave the others as they would be without. */
const maxLanes = 12;
/** Memory of the thread's own heap, in MiB; it holds no bodies. Our choice, well above what it uses. */
const heapLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 };

/** Without a large body for so long the thread ends, which gives its 13 MiB and those of the lanes back. Our choice. */
const restMs = 30_000;

export type BodySumsOptions = {
  /** Is told when the thread failed. */
  readonly report: (problem: string) => void;
  /** Starts the thread; a port, so that tests can make it fail. */
  readonly start?: () => Worker;
};

const startWorker = (): Worker =>
  new Worker(findWorkerEntry("blob-sums-worker"), { name: "blob-sums", resourceLimits: heapLimits });

export class BodySums {
  readonly #options: BodySumsOptions;
  #worker: Worker | undefined;
  #isOff: boolean;
  #lanes: SumLane[] = [];
  #idle: SumLane[] = [];
  /** Of all lanes; of those that are not there yet the system has nothing in memory. */
  #memory: SharedArrayBuffer | undefined;
  #rest: NodeJS.Timeout | undefined;

  constructor(options: BodySumsOptions) {
    this.#options = options;
    // With one core a second thread would only cost.
    this.#isOff = options.start === undefined && availableParallelism() < 2;
  }

  /** Lends a lane to a body of a size; undefined when it is better summed by whoever writes it. */
  lend(sizeBytes: number, md5: boolean, crc64: boolean): SumLane | undefined {
    if (this.#isOff || sizeBytes < leastBytes || !(md5 || crc64)) return undefined;
    const lane = this.#idle.pop() ?? this.#addLane();
    clearTimeout(this.#rest);
    // While nobody waits for it, the thread keeps no process alive.
    this.#worker?.ref();
    lane?.begin(md5, crc64);
    return lane;
  }

  #addLane(): SumLane | undefined {
    if (this.#lanes.length >= maxLanes) return undefined;
    this.#worker ??= this.#start();
    const worker = this.#worker;
    this.#memory ??= makePages(maxLanes * laneBytes);
    const lane = new SumLane(this.#lanes.length, this.#memory, (request) => worker.postMessage(request));
    this.#lanes.push(lane);
    return lane;
  }

  /** Takes a lane back; nothing of it is being written any more. */
  giveBack(lane: SumLane): void {
    if (this.#isOff) return;
    this.#idle.push(lane);
    if (this.#idle.length < this.#lanes.length) return;
    this.#worker?.unref();
    this.#rest = setTimeout(() => this.#end(), restMs).unref();
  }

  #start(): Worker {
    const worker = (this.#options.start ?? startWorker)();
    const fail = (cause: Error) => {
      if (worker === this.#worker) this.#fail(cause);
    };
    worker.on("message", (report: SumReport) => {
      if (worker === this.#worker) this.#lanes[report.lane]?.settle(report);
    });
    worker.on("error", fail);
    worker.on("exit", () => fail(new Error("it has ended")));
    return worker;
  }

  /** What was being summed is lost with the thread, and those bodies are refused; from then on everybody sums by himself. */
  #fail(cause: Error): void {
    this.#isOff = true;
    this.#options.report(
      `the thread that sums bodies failed, they are summed without it from now on: ${cause.message}`,
    );
    for (const lane of this.#lanes) lane.fail(new Error("a body could not be summed", { cause }));
    this.#end();
  }

  #end(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#memory = undefined;
    this.#lanes = [];
    this.#idle = [];
    void worker?.terminate();
  }

  /** Ends the thread; no body may be under way. */
  close(): void {
    this.#isOff = true;
    clearTimeout(this.#rest);
    this.#end();
  }
}
