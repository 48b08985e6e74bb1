import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { maxContentBytes, SigningBoard, slotCount } from "./signing-board.ts";
import { type SigningOrder, SigningThreads } from "./signing-threads.ts";
import type { SigningWorkerData } from "./signing-worker.ts";

const one = generateKeyPairSync("rsa", { modulusLength: 2048 });
const two = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** What a crowd of texts became once threads are up: its signature, or the word that it must be signed by other means. */
async function signAll(
  threads: (again: (order: SigningOrder) => void) => SigningThreads,
  texts: readonly string[],
  keys: KeyObject[],
) {
  const again: string[] = [];
  const signer = threads(({ content, give }) => {
    again.push(content);
    give(null, "again");
  });
  const first = { content: "first", key: keys[0]!, give: () => {} };
  assert.equal(signer.sign(first), false, "no thread is up yet");
  while (signer.isRunning && !signer.sign(first)) await setImmediate();
  const signatures = texts.map(
    (content, index) =>
      new Promise<string>((resolve, reject) => {
        const give = (error: Error | null, signature: string) => (error === null ? resolve(signature) : reject(error));
        if (!signer.sign({ content, key: keys[index % keys.length]!, give })) resolve("not taken");
      }),
  );
  return { signer, again, signatures: Promise.all(signatures) };
}

test("each of a crowd larger than the board is signed for itself, by the key it was given", async () => {
  const texts = Array.from({ length: 3 * slotCount }, (_, number) => `text.${number}`);
  const keys = [one.privateKey, two.privateKey];
  const { signatures, again } = await signAll((other) => new SigningThreads(other), texts, keys);
  for (const [index, signature] of (await signatures).entries()) {
    const { publicKey } = index % 2 === 0 ? one : two;
    assert.ok(
      verify("RSA-SHA256", Buffer.from(texts[index]!), publicKey, Buffer.from(signature, "base64url")),
      `signature ${index}`,
    );
  }
  assert.deepEqual(again, []);
});

test("what is too long is not taken, what a key cannot sign is tried again", async () => {
  const { privateKey: unfit } = generateKeyPairSync("ed25519");
  const texts = ["a".repeat(maxContentBytes + 1), "b", "c".repeat(maxContentBytes)];
  const made = await signAll((other) => new SigningThreads(other), texts, [one.privateKey, unfit, one.privateKey]);
  const [long, failed, signature] = await made.signatures;
  assert.deepEqual([long, failed, made.again], ["not taken", "again", ["b"]]);
  assert.ok(
    verify("RSA-SHA256", Buffer.from(texts[2] ?? ""), one.publicKey, Buffer.from(signature ?? "", "base64url")),
  );
});

/** A thread that does as ours until it has taken something out of the queue. */
const startDefective = (data: SigningWorkerData): Worker => {
  const source = `import { workerData } from "node:worker_threads";
    import { SigningBoard } from ${JSON.stringify(import.meta.resolve("./signing-board.ts"))};
    const board = new SigningBoard(workerData.memory);
    board.tell();
    while (board.claim() === undefined) board.sleep();
    throw new Error("a defect");`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { workerData: data });
};

test("threads that end leave nobody waiting, and are not asked again", async () => {
  const texts = Array.from({ length: 2 * slotCount }, (_, number) => `text.${number}`);
  const made = await signAll((other) => new SigningThreads(other, startDefective), texts, [one.privateKey]);
  assert.deepEqual(new Set(await made.signatures), new Set(["again"]));
  assert.deepEqual(made.again.toSorted(), ["first", ...texts].toSorted());
  assert.equal(made.signer.isRunning, false);
  assert.equal(made.signer.sign({ content: "x", key: one.privateKey, give: () => {} }), false);
});

test("threads that never come up are given nothing, and are not asked again", async () => {
  const cannot = (): Worker => {
    throw new Error("no threads here");
  };
  const ends = ["throw new Error('a defect')", "", "process.exit(1)"];
  for (const start of [cannot, ...ends.map((source) => () => new Worker(source, { eval: true }))]) {
    const { signer, signatures, again } = await signAll(
      (other) => new SigningThreads(other, start),
      ["a"],
      [one.privateKey],
    );
    assert.deepEqual([await signatures, again, signer.isRunning], [["not taken"], [], false]);
  }
});

test("the board gives each text to one thread, in its turn, and keeps nothing of what was collected", () => {
  const main = new SigningBoard();
  const thread = new SigningBoard(main.memory);
  assert.equal(thread.claim(), undefined);
  assert.equal(main.collect(), undefined);
  // Round and round, so that every place is used again.
  for (let round = 0; round < 5; round += 1) {
    for (let slot = 0; slot < slotCount; slot += 1) main.submit(slot, `secret ${round} ${slot}`, round);
    const orders = Array.from({ length: slotCount }, () => thread.claim()!);
    assert.equal(thread.claim(), undefined);
    for (const { slot, content, keyNumber } of orders) {
      assert.deepEqual([content.toString(), keyNumber], [`secret ${round} ${slot}`, round]);
    }
    const { toldCount } = main;
    for (const { slot } of orders.toReversed())
      thread.finish(slot, slot === 3 ? undefined : Buffer.from(`signed ${slot}`));
    thread.tell();
    assert.equal(main.whenTold(toldCount), undefined, "it was told by now");
    for (let slot = slotCount - 1; slot >= 0; slot -= 1) {
      const signature = slot === 3 ? "" : Buffer.from(`signed ${slot}`).toString("base64url");
      assert.deepEqual(main.collect(), { slot, signature });
    }
    assert.equal(main.collect(), undefined);
  }
  const left = Buffer.from(main.memory);
  assert.ok(!left.includes("secret") && !left.includes("signed"));
});

test("the main thread is told when most of what is in hand is finished, and of no more than some at once", () => {
  const main = new SigningBoard();
  const thread = new SigningBoard(main.memory);
  /** How many are finished when it is told. */
  const finishUntilTold = (): number => {
    for (let count = 1; count <= slotCount; count += 1) {
      const order = thread.claim();
      if (order === undefined) return Number.NaN;
      thread.finish(order.slot, Buffer.from("signed"));
      if (thread.isWorthTelling) return count;
    }
    return Number.NaN;
  };
  const collectAll = (): number => {
    let count = 0;
    while (main.collect() !== undefined) count += 1;
    return count;
  };
  for (const [inHand, told] of [
    [1, 1],
    [2, 2],
    [3, 2],
    [12, 8],
    [slotCount, 16],
  ] as const) {
    for (let slot = 0; slot < inHand; slot += 1) main.submit(slot, "text", 0);
    assert.equal(finishUntilTold(), told, `of ${inHand}`);
    assert.equal(collectAll(), told);
    while (thread.claim() !== undefined) thread.finish(0, undefined);
    assert.equal(collectAll(), inHand - told);
  }
});
