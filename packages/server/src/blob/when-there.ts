/**
 * Goes on with a value at once where it is there, and when it has come where it is not: a request that waits for nothing makes no promise, and its answer is
 * ready in the turn of the event loop that it came in.
 */
import type { Awaitable } from "./engine/blob-store.ts";

/** Calls `next` with the value. @throws what `next` throws, when the value is there; else it is a rejection. */
export function whenThere<Value, Result>(
  value: Awaitable<Value>,
  next: (value: Value) => Awaitable<Result>,
): Awaitable<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}
