/**
 * What replicas promise (decisions 24 and 32), as an order that must be: changes that were done are linearizable over all replicas; a read, and a change
 * that is refused, sees what its own replica was told of, never less than it showed before, and what any replica acknowledged longer ago than the bound.
 */
import type { Operation, Precedence } from "./checker.ts";

export type Slot = string | null;
/** One object that is there under a name, or not. */
export type SlotInput =
  | { readonly kind: "create"; readonly id: string }
  | { readonly kind: "delete"; readonly id: string }
  | { readonly kind: "read" };
/** Of a read, what was there. */
export type SlotOutput = "done" | "refused" | { readonly found: Slot };
export type SlotOperation = Operation<SlotInput, SlotOutput>;

/** A name that one object at a time may have. */
export const slotModel = {
  initial: null as Slot,
  step: (state: Slot, input: SlotInput): readonly [SlotOutput, Slot] => {
    switch (input.kind) {
      case "create":
        return state === null ? ["done", input.id] : ["refused", state];
      case "delete":
        return state === input.id ? ["done", null] : ["refused", state];
      case "read":
        return [{ found: state }, state];
    }
  },
  agrees: (told: SlotOutput, expected: SlotOutput): boolean =>
    typeof told === "object" && typeof expected === "object" ? told.found === expected.found : told === expected,
  nameState: (state: Slot): string => state ?? "",
};

/** A read, and a refusal, which rests on what the replica has in memory: "there is none" of one that another replica just made. */
const isFromMemory = ({ input, output }: SlotOperation): boolean => input.kind === "read" || output === "refused";

/** A time in which the database did not answer: nobody could look at the log then. */
export type Outage = { readonly fromMs: number; readonly toMs: number };

/** @param staleMs how old what a replica has in memory may be while the database answers. */
export function replicaOrder(staleMs: number, outages: readonly Outage[] = []): Precedence<SlotInput, SlotOutput> {
  /** Whatever was acknowledged before must be known at that moment. */
  const knownBefore = (atMs: number): number => {
    const during = outages.filter(({ fromMs, toMs }) => atMs > fromMs && atMs < toMs + staleMs);
    return Math.min(atMs, ...during.map(({ fromMs }) => fromMs)) - staleMs;
  };
  return (one, other) => {
    if (!isFromMemory(other) || one.replica === other.replica) return one.returnedAtMs < other.invokedAtMs;
    // What another replica showed says nothing of what this one must show.
    return !isFromMemory(one) && one.returnedAtMs < knownBefore(other.invokedAtMs);
  };
}

/** The changes that were done, and those that may have been. */
export function changesOf(history: readonly SlotOperation[]): SlotOperation[] {
  return history.filter((operation) => !isFromMemory(operation));
}
