/**
 * Writes test/golden/aadsts-codes.json from the facts about Entra's errors: what the test that provokes each of them compares answers with.
 *
 * Usage: node scripts/make-aadsts.ts FACTS_FOLDER
 * The folder holds `aadsts.tsv`: code, name, HTTP status, OAuth error, message with named holes, and how well each is known. The output has one
 * code per line, in the order of the numbers. A message that is only known by its meaning is left out.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Codes in the listing of 2026-08; another count means another listing: look at it first. */
const EXPECTED_CODES = 97;
const OUTPUT = fileURLToPath(new URL("../test/golden/aadsts-codes.json", import.meta.url));

interface CodeFacts {
  readonly code: number;
  readonly name: string | null;
  /** HTTP statuses it was seen or documented with. */
  readonly statuses: readonly number[];
  readonly errors: readonly string[];
  /** `{name}` and `...` stand for what differs; null when only the meaning is known. */
  readonly text: string | null;
}

function readText(cell: string): string | null {
  if (cell.includes("(meaning)") || cell.includes("meaning uncertain")) return null;
  return cell
    .replace(/ ?\((?:memory|tail from memory|short form|old v1 wrapper text)\)/g, "")
    .replace(/(?: ?\.\.\.)+$/, "")
    .trim();
}

function readLine(line: string): CodeFacts {
  const [code = "", name = "", status = "", error = "", message = ""] = line.split("\t");
  if (!/^\d+$/.test(code) || message === "") throw new Error(`aadsts.tsv: a line without code or message: ${line}`);
  return {
    code: Number(code),
    name: name.replace(/ \(.*\)$/, "") || null,
    statuses: [...new Set((status.match(/\b\d{3}\b/g) ?? []).map(Number))],
    errors: [...new Set(error.match(/[a-z]+(?:_[a-z]+)+/g) ?? [])],
    text: readText(message),
  };
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Usage: node scripts/make-aadsts.ts FACTS_FOLDER");
const lines = readFileSync(join(folder, "aadsts.tsv"), "utf8").split("\n");
const rows = lines.filter((line) => line !== "" && !line.startsWith("#")).slice(1);
const codes = rows.map(readLine).sort((a, b) => a.code - b.code);
if (codes.length !== EXPECTED_CODES) throw new Error(`${codes.length} codes, expected ${EXPECTED_CODES}`);
if (new Set(codes.map(({ code }) => code)).size !== codes.length) throw new Error("a code stands twice");
writeFileSync(OUTPUT, `[\n${codes.map((code) => `  ${JSON.stringify(code)}`).join(",\n")}\n]\n`);
console.log(`wrote ${codes.length} codes`);
