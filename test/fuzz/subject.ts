/** What the fuzzer knows of a parser. */
import type { Draw } from "./draw.ts";

/** What a parser made of an input. */
export type Reading = {
  readonly isAccepted: boolean;
  /** In a few words what came out: readings of one shape took much the same way through the parser. */
  readonly shape: string;
  /** Whether it was printed and read again. */
  readonly isRoundTrip?: boolean;
};

export type Subject = {
  /** As the command line and the corpus name it. */
  readonly name: string;
  /** The files that are tried, from the root. */
  readonly files: readonly string[];
  /** The longest input that can come from outside, in characters: the bound of whatever carries it. */
  readonly maxChars: number;
  /** A sentence of the grammar, mostly a right one. Bytes are characters of Latin-1. */
  readonly generate: (draw: Draw) => string;
  /** Words of the language, for mutations. */
  readonly words: readonly string[];
  /** Reads an input. @throws only what {@link isRefusal} knows, and {@link Mismatch}. */
  readonly read: (input: string) => Reading | Promise<Reading>;
  /** Whether the parser may throw this. @returns a few words about it, as its shape. */
  readonly isRefusal: (cause: unknown) => string | undefined;
  /** What a reading may take, as pieces to be repeated: `[before, repeated, after]`. Made from {@link words} beside these. */
  readonly pumps: readonly (readonly [before: string, repeated: string, after: string])[];
  /** What opens before and closes after the inputs; undefined where there is nothing to. */
  readonly open?: () => Promise<void>;
  readonly close?: () => Promise<void>;
};

/** Thrown by a subject when what was read does not come back the same, or breaks a promise of the parser. */
export class Mismatch extends Error {}

export function accepted(shape: string, isRoundTrip = false): Reading {
  return { isAccepted: true, shape, isRoundTrip };
}

export const refused = (shape: string): Reading => ({ isAccepted: false, shape });

/** @throws Mismatch when the two are not the same as JSON. */
export function mustEqual(one: unknown, other: unknown, what: string): void {
  const [left, right] = [JSON.stringify(one), JSON.stringify(other)];
  if (left !== right) throw new Mismatch(`${what}: ${left?.slice(0, 300)} became ${right?.slice(0, 300)}`);
}

/** @throws Mismatch with these words. */
export function mustHold(isSo: boolean, what: string): void {
  if (!isSo) throw new Mismatch(what);
}

/** A predicate for {@link Subject.isRefusal}: instances of a class, told apart by their fault's kind or their code. */
export function refusalsOf(...classes: readonly (abstract new (...args: never[]) => Error)[]) {
  return (cause: unknown): string | undefined => {
    if (!classes.some((one) => cause instanceof one)) return undefined;
    const { fault, code } = cause as { fault?: { kind?: string }; code?: string };
    return fault?.kind ?? code ?? (cause as Error).name;
  };
}
