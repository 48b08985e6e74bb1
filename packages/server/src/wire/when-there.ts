/**
 * Goes on with a value at once where it is there, and when it has come where it is not: a request that waits for nothing makes no promise, and its answer is
 * ready in the turn of the event loop that it came in.
 */

export type Awaitable<Value> = Value | Promise<Value>;

/** Calls `next` with the value. @throws what `next` throws, when the value is there; else it is a rejection. */
export function whenThere<Value, Result>(
  value: Awaitable<Value>,
  next: (value: Value) => Awaitable<Result>,
): Awaitable<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** As `try { next(await run()) }`, but for what `next` throws: `failed` is told of what `run` throws, or its promise is rejected with. */
export function whenSettled<Value, Result>(
  run: () => Awaitable<Value>,
  next: (value: Value) => Awaitable<Result>,
  failed: (cause: unknown) => Awaitable<Result>,
): Awaitable<Result> {
  let value: Awaitable<Value>;
  try {
    value = run();
  } catch (cause) {
    return failed(cause);
  }
  return value instanceof Promise ? value.then(next, failed) : next(value);
}
