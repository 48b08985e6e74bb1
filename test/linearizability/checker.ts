/**
 * Whether a history of operations that overlap can be explained by one order of them: the search of Wing and Gong, with Lowe's memory of what was tried.
 *
 * An order explains a history when each operation, carried out in it one after another on a model of the object, gives what its client was told, and
 * what had to come before something else does. What had to come before what is told from outside: for linearizability, what ended before another
 * began; replicas promise less for reads (see promises.ts).
 * Owns: the search. May use: nothing. Spec: Wing and Gong, "Testing and Verifying Concurrent Objects" (1993); Lowe, "Testing for Linearizability" (2017).
 */

export type Operation<Input, Output> = {
  readonly input: Input;
  /** What the client was told; undefined when it was told nothing: then it may have come about, at any time, or never. */
  readonly output: Output | undefined;
  /** By one clock, in milliseconds. */
  readonly invokedAtMs: number;
  /** Infinity for one without an answer. */
  readonly returnedAtMs: number;
  /** Whom it was asked of. */
  readonly replica: string;
};

export type Model<State, Input, Output> = {
  readonly initial: State;
  /** Carries one out. @returns what the client is told, and what is then. */
  readonly step: (state: State, input: Input) => readonly [output: Output, next: State];
  /** Whether what was told is what the model tells. */
  readonly agrees: (told: Output, expected: Output) => boolean;
  readonly nameState: (state: State) => string;
};

/** Whether the first had to come before the second. */
export type Precedence<Input, Output> = (one: Operation<Input, Output>, other: Operation<Input, Output>) => boolean;

/** States looked at before a history counts as too large to judge; our choice, some seconds. */
const maxVisits = 2_000_000;

/** @throws Error for a history that is too large to judge. */
export function isExplained<State, Input, Output>(
  history: readonly Operation<Input, Output>[],
  model: Model<State, Input, Output>,
  mustPrecede: Precedence<Input, Output>,
): boolean {
  const predecessors = history.map((operation) =>
    history.flatMap((other, index) => (other !== operation && mustPrecede(other, operation) ? [index] : [])),
  );
  const isDone = history.map(() => false);
  const tried = new Set<string>();
  let left = history.filter(({ output }) => output !== undefined).length;
  let visits = 0;

  const search = (state: State): boolean => {
    if (left === 0) return true;
    const place = `${isDone.map(Number).join("")} ${model.nameState(state)}`;
    if (tried.has(place)) return false;
    tried.add(place);
    if (++visits > maxVisits) throw new Error("the history is too large to judge");
    for (const [index, operation] of history.entries()) {
      // One without an answer binds nobody: what came after it need not wait for it.
      const isFree =
        !isDone[index] &&
        predecessors[index]!.every((before) => isDone[before] || history[before]!.output === undefined);
      if (!isFree) continue;
      const [expected, next] = model.step(state, operation.input);
      // What nobody was told of and what changes nothing need not have been.
      if (
        operation.output === undefined
          ? model.nameState(next) === model.nameState(state)
          : !model.agrees(operation.output, expected)
      )
        continue;
      isDone[index] = true;
      if (operation.output !== undefined) left -= 1;
      if (search(next)) return true;
      isDone[index] = false;
      if (operation.output !== undefined) left += 1;
    }
    return false;
  };
  return search(model.initial);
}

/** What ended before another began came before it, whoever was asked: linearizability. */
export const realTime: Precedence<unknown, unknown> = (one, other) => one.returnedAtMs < other.invokedAtMs;

/** How many answered operations overlapped another one: a history without any shows nothing. */
export function countOverlapping(history: readonly Operation<unknown, unknown>[]): number {
  const answered = history.filter(({ output }) => output !== undefined);
  return answered.filter((one) =>
    answered.some(
      (other) => other !== one && one.invokedAtMs < other.returnedAtMs && other.invokedAtMs < one.returnedAtMs,
    ),
  ).length;
}
