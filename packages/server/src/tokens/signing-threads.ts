/**
 * Threads of our own that sign, for when many tokens are asked for at once.
 *
 * Node's thread pool wakes the main thread for each signature, which then does a few steps for one client with everything it needs out of the processor's caches: that cost as much
 * again as all of the rest. These threads take what is to be signed out of memory that they share with the main thread, and wake it for several signatures together. They are
 * started behind a crowd that lasts, for which the pool signs until one of them is up (to wait for that would take the time of a hundred signatures), and ended when there was nothing
 * to sign for a while.
 *
 * The private key is not copied: a KeyObject that is given to a thread of the same process stands for the same key. When a thread fails, all it had in hand is signed by the pool, and so
 * is everything from then on. Owns: the threads, and what is in their hands. May use: the board. Decisions: docs/decisions/0033-places-in-heads.md,
 * 0041-signed-in-batches.md
 */
import type { KeyObject } from "node:crypto";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { findWorkerEntry } from "../worker-entry.ts";
import { maxContentBytes, SigningBoard, slotCount } from "./signing-board.ts";
import type { NumberedKey, SigningWorkerData } from "./signing-worker.ts";

/** Our choice: with so many the main thread is what there is too little of. */
const maxThreads = 8;
/** How long nothing must have been signed until the threads are ended, in milliseconds; our choice. */
const restMs = 30_000;
/** A thread keeps one key and a few bytes. */
const heapLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };

/** One text to sign. `give` is told of its signature, in base64url. */
export type SigningOrder = {
  readonly content: string;
  readonly key: KeyObject;
  readonly give: (error: Error | null, signature: string) => void;
};
type Running = {
  readonly board: SigningBoard;
  readonly workers: readonly Worker[];
  /** Each key's number. */
  readonly keys: Map<KeyObject, number>;
  readonly freeSlots: number[];
  readonly inHand: (SigningOrder | undefined)[];
  /** Whether one of the threads has begun. */
  isUp: boolean;
};

const startWorker = (data: SigningWorkerData): Worker =>
  new Worker(findWorkerEntry("tokens/signing-worker"), {
    workerData: data,
    name: "signing",
    resourceLimits: heapLimits,
  });

export class SigningThreads {
  readonly #start: (data: SigningWorkerData) => Worker;
  readonly #again: (order: SigningOrder) => void;
  #running: Running | undefined;
  #isFailed = false;
  /** What came when all slots were taken. */
  #waiting: SigningOrder[] = [];
  #inHandCount = 0;
  #rest: NodeJS.Timeout | undefined;

  /**
   * @param again signs by other means what a thread could not.
   * @param start starts a thread; a port, so that tests can make it fail.
   */
  constructor(again: (order: SigningOrder) => void, start = startWorker) {
    this.#again = again;
    this.#start = start;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** @returns false when it must be signed by other means: a text that is too long, or threads that are not up yet, or failed. */
  sign(order: SigningOrder): boolean {
    if (this.#isFailed || order.content.length > maxContentBytes) return false;
    const running = this.#running ?? this.#begin();
    if (running === undefined || !running.isUp) return false;
    if (running.freeSlots.length > 0) this.#submit(running, order);
    else this.#waiting.push(order);
    return true;
  }

  #begin(): Running | undefined {
    const board = new SigningBoard();
    try {
      const count = Math.min(maxThreads, availableParallelism());
      const workers = Array.from({ length: count }, () => this.#start({ memory: board.memory }));
      const freeSlots = Array.from({ length: slotCount }, (_, slot) => slot);
      const running: Running = { board, workers, keys: new Map(), freeSlots, inHand: [], isUp: false };
      for (const worker of workers) worker.on("error", () => this.#fail(running)).on("exit", () => this.#fail(running));
      for (const worker of workers) worker.unref();
      this.#running = running;
      this.#restFrom(running);
      void this.#watch(running);
      return running;
    } catch {
      this.#isFailed = true;
      return undefined;
    }
  }

  #submit(running: Running, order: SigningOrder): void {
    const { board, workers, keys, freeSlots, inHand } = running;
    let number = keys.get(order.key);
    if (number === undefined) {
      number = keys.size;
      keys.set(order.key, number);
      const numbered: NumberedKey = { number, key: order.key };
      for (const worker of workers) worker.postMessage(numbered);
    }
    const slot = freeSlots.pop()!;
    inHand[slot] = order;
    if (this.#inHandCount === 0) {
      clearTimeout(this.#rest);
      // While nobody waits for them, they keep no process alive.
      for (const worker of workers) worker.ref();
    }
    this.#inHandCount += 1;
    board.submit(slot, order.content, number);
  }

  async #watch(running: Running): Promise<void> {
    const { board } = running;
    while (this.#running === running) {
      const { toldCount } = board;
      this.#collect(running);
      await board.whenTold(toldCount);
      running.isUp = true;
    }
  }

  #collect(running: Running): void {
    const { board, workers, freeSlots, inHand } = running;
    const before = this.#inHandCount;
    for (let found = board.collect(); found !== undefined; found = board.collect()) {
      const { slot, signature } = found;
      const order = inHand[slot]!;
      inHand[slot] = undefined;
      freeSlots.push(slot);
      this.#inHandCount -= 1;
      if (signature === "") this.#again(order);
      else order.give(null, signature);
    }
    while (this.#waiting.length > 0 && freeSlots.length > 0) this.#submit(running, this.#waiting.shift()!);
    if (before === 0 || this.#inHandCount > 0) return;
    for (const worker of workers) worker.unref();
    this.#restFrom(running);
  }

  #restFrom(running: Running): void {
    this.#rest = setTimeout(() => this.#end(running), restMs).unref();
  }

  /** There is nothing in hand. */
  #end(running: Running): void {
    this.#running = undefined;
    running.board.tell(); // ends the watch
    for (const worker of running.workers) void worker.removeAllListeners("exit").terminate();
  }

  #fail(running: Running): void {
    if (this.#running !== running) return;
    this.#isFailed = true;
    const orders = [...running.inHand.filter((order) => order !== undefined), ...this.#waiting];
    this.#waiting = [];
    this.#inHandCount = 0;
    clearTimeout(this.#rest);
    this.#end(running);
    for (const order of orders) this.#again(order);
  }
}
