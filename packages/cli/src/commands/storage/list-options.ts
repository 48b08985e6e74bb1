/** How lists of storage are cut, in az's words. May use: command/. */
import type { Option } from "../../command/command.ts";
import { usageFault } from "../../faults.ts";

/** az shows this many unless told otherwise. */
const DEFAULT_RESULTS = 5000;

export const listLimit = {
  numResults: {
    kind: "text",
    flags: ["--num-results"],
    summary: `How many at most; * for all. Default: ${DEFAULT_RESULTS}.`,
  },
  marker: { kind: "text", flags: ["--marker"], summary: "Where an earlier list ended." },
} as const satisfies Readonly<Record<string, Option>>;

export function readLimit({ numResults, marker }: { numResults?: string | undefined; marker?: string | undefined }) {
  if (numResults === "*") return { most: undefined, marker };
  const most = numResults === undefined ? DEFAULT_RESULTS : Number(numResults);
  if (!Number.isSafeInteger(most) || most < 1) {
    throw usageFault(`argument --num-results: invalid int value: '${numResults}'`);
  }
  return { most, marker };
}
