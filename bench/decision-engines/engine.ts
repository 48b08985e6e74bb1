/** What an engine must do to be measured by bench/decisions.ts. */
import type { WorldQuestion } from "../decision-world.ts";

export type World = { readonly assignments: number; readonly hasConditions: boolean };

export type Engine = {
  /** Makes questions ready in the engine's own words, every text a string that was never looked at before. */
  prepare(questions: readonly WorldQuestion[]): readonly unknown[];
  /** Answers prepared questions, one after another. @returns how many were allowed; `answers`, if given, is filled with 0 and 1. */
  answerAll(prepared: readonly unknown[], answers?: Uint8Array): number;
  /** The same with yes or no alone, where the engine otherwise says why. */
  answerYesOrNo?(prepared: readonly unknown[]): number;
};

/** Tells an engine the world. */
export type BuildEngine = (world: World) => Promise<Engine & { readonly bytesPerAssignment?: number }>;
