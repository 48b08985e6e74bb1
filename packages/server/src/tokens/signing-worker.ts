/** A thread that signs what stands on the board, until it is ended. See signing-threads.ts. */
import { type KeyObject, sign } from "node:crypto";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { SigningBoard } from "./signing-board.ts";

export type SigningWorkerData = { readonly memory: SharedArrayBuffer };
/** Sent before the first text that is to be signed with it. */
export type NumberedKey = { readonly number: number; readonly key: KeyObject };

const { memory } = workerData as SigningWorkerData;
const board = new SigningBoard(memory);
const keys: KeyObject[] = [];

function findKey(number: number): KeyObject | undefined {
  while (keys[number] === undefined) {
    const received = receiveMessageOnPort(parentPort!) as { readonly message: NumberedKey } | undefined;
    if (received === undefined) return undefined;
    keys[received.message.number] = received.message.key;
  }
  return keys[number];
}

function signContent(content: Buffer, keyNumber: number): Buffer | undefined {
  try {
    const key = findKey(keyNumber);
    return key && sign("RSA-SHA256", content, key);
  } catch {
    return undefined; // what is wrong is said where it is tried again
  }
}

board.tell(); // it is up
let hasUntold = false;
while (true) {
  const order = board.claim();
  if (order !== undefined) {
    board.finish(order.slot, signContent(order.content, order.keyNumber));
    hasUntold = true;
  }
  if (hasUntold && (order === undefined || board.isWorthTelling)) {
    hasUntold = false;
    board.tell();
  } else if (order === undefined) board.sleep();
}
