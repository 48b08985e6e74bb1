/**
 * Inputs that are kept: one for each shape a parser's readings take, and every one that found something (`found-…`). A file holds one input as a JSON
 * text, so that control characters and halves of pairs survive.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "corpus");

/** Longest input that is kept for its shape, in characters: the corpus is read by people, too. */
export const maxKeptChars = 2000;

/** @returns inputs by file name, in its order. */
export function readCorpus(parser: string): ReadonlyMap<string, string> {
  const place = join(folder, parser);
  if (!existsSync(place)) return new Map();
  const names = readdirSync(place).sort();
  return new Map(names.map((name) => [name, JSON.parse(readFileSync(join(place, name), "utf8")) as string]));
}

export function keepInput(parser: string, kind: "shape" | "found", input: string): void {
  const place = join(folder, parser);
  mkdirSync(place, { recursive: true });
  const digest = createHash("sha256").update(JSON.stringify(input)).digest("hex").slice(0, 10);
  writeFileSync(join(place, `${kind}-${digest}.json`), `${JSON.stringify(input)}\n`);
}
