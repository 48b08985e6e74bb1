/**
 * Signs tokens: compact JWS, RS256, on the thread pool (an RSA signature costs a good part of a millisecond, too long for the event loop); when many are
 * asked for at once for more than a moment, in threads of our own (signing-threads.ts).
 *
 * Owns: how many are under way at once. The pool is shared with files and passwords, and takes work in the order it is given: a thousand
 * signatures handed over at once would make a file wait for all of them, so few more are handed over than keep the threads busy.
 * Spec: RFC 7515 section 7.1, RFC 7518 section 3.3.
 */
import { sign } from "node:crypto";
import { availableParallelism } from "node:os";
import type { SigningKey } from "./key-ring.ts";
import { LastingCrowd } from "./lasting-crowd.ts";
import { type SigningOrder, SigningThreads } from "./signing-threads.ts";

/** `1.0` carries `x5t` beside `kid`, as Entra's v1.0 tokens do; `2.0` does not. */
export type TokenForm = "1.0" | "2.0";

/** Threads of libuv's pool, unless the environment says otherwise. @see https://nodejs.org/api/cli.html#uv_threadpool_sizesize */
const poolThreads = 4;
const coreCount = availableParallelism();
/**
 * Signatures handed to the pool at once: two for each core wait beside those that the threads are at. A thread that is done then takes the next one
 * without having slept, which saves waking it: 25 of 365 µs of CPU a token.
 */
const maxUnderWay = poolThreads + 2 * coreCount;

/**
 * Signatures that are given out together, while others are still being made: what follows each (an answer to a client that sleeps until it comes)
 * costs less for several at once. None waits longer than the next few take. Our choice: what the pool's threads make in one turn.
 */
const givenTogether = poolThreads;

let underWay = 0;
const waiting: SigningOrder[] = [];
const made: (() => void)[] = [];

/**
 * Signs claims as they stand, in the order of their members.
 * @returns the compact JWS.
 */
export function signToken(
  key: SigningKey,
  form: TokenForm,
  claims: Readonly<Record<string, unknown>>,
): Promise<string> {
  return signText(key, form, JSON.stringify(claims));
}

/** The same for claims that are JSON already. */
export function signText(key: SigningKey, form: TokenForm, claims: string): Promise<string> {
  const content = `${headerOf(key, form)}.${encode(claims)}`;
  return new Promise((resolve, reject) => {
    const give = (error: Error | null, signature: string) =>
      error === null ? resolve(`${content}.${signature}`) : reject(error);
    const order = { content, key: key.privateKey, give };
    if (!(isForThreads() && threads.sign(order))) signInPool(order);
  });
}

const threads = new SigningThreads(signInPool);
const crowd = new LastingCrowd();

function isForThreads(): boolean {
  return threads.isRunning || (underWay >= coreCount && crowd.note(performance.now()));
}

function signInPool(order: SigningOrder): void {
  if (underWay >= maxUnderWay) return void waiting.push(order);
  underWay += 1;
  sign("RSA-SHA256", Buffer.from(order.content), order.key, (error, signature) => {
    underWay -= 1;
    const next = waiting.shift();
    if (next !== undefined) signInPool(next);
    made.push(() => order.give(error, error === null ? signature.toString("base64url") : ""));
    if (made.length >= givenTogether || underWay === 0) for (const give of made.splice(0)) give();
  });
}

/** Both headers of each key, written out: they are the same in all its tokens. */
const headers = new WeakMap<SigningKey, Readonly<Record<TokenForm, string>>>();

function headerOf(key: SigningKey, form: TokenForm): string {
  const known = headers.get(key);
  if (known !== undefined) return known[form];
  const { kid } = key;
  const made = {
    "1.0": encode(JSON.stringify({ typ: "JWT", alg: "RS256", x5t: kid, kid })),
    "2.0": encode(JSON.stringify({ typ: "JWT", alg: "RS256", kid })),
  };
  headers.set(key, made);
  return made[form];
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}
