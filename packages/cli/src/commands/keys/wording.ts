/** Signing keys, for people. May use: http/, for the shape. */
import type { Json } from "../../http/service-client.ts";

/** Rows for `--output table`. */
export function toKeyRows(keys: readonly Json[]) {
  return keys.map(({ kid, state, signsFrom, verifiesUntil }) => ({
    Key: kid,
    State: state,
    SignsFrom: signsFrom,
    VerifiesUntil: verifiesUntil,
  }));
}

/** One line for each key. */
export function describeKeys(keys: readonly Json[]): string {
  return keys.map((key) => `${String(key.kid)}  ${describeState(key)}\n`).join("");
}

function describeState({ state, signsFrom, verifiesUntil }: Json): string {
  switch (state) {
    case "current":
      return verifiesUntil === null
        ? `signs since ${String(signsFrom)}`
        : `signs since ${String(signsFrom)}, verifies until ${String(verifiesUntil)}`;
    case "next":
      return `is published, signs from ${String(signsFrom)}`;
    default:
      return `signs no more, verifies until ${String(verifiesUntil)}`;
  }
}
