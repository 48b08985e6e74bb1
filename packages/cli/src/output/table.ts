/**
 * `--output table`: az's automatic columns, drawn as Python's tabulate draws its "simple" format. May use: ordered.ts, tsv.ts.
 *
 * A column is made of each scalar of an object that is not null and not named id, type or etag; its header is the name with a capital.
 * Columns are sorted by name, unless a query or the command itself chose them.
 * @see https://learn.microsoft.com/cli/azure/format-output-azure-cli#table-output-format
 */
import { isObject, sortKeys } from "./ordered.ts";
import { formatScalar } from "./tsv.ts";

const skippedKeys: ReadonlySet<string> = new Set(["id", "type", "etag"]);
/** tabulate makes a column at least this much wider than its header. */
const HEADER_PADDING = 2;
const GAP = "  ";

export interface TableOptions {
  /** True when nothing else chose the columns. */
  readonly isSorted: boolean;
  /** True when a column named id is wanted, as for Graph's objects, whose id is short and is what commands take. */
  readonly keepsId?: boolean;
}

/** Draws a value as a table. Where nothing in it can be a column, an empty line is all az prints. */
export function formatTable(value: unknown, options: TableOptions): string {
  const items = Array.isArray(value) ? value : [value];
  const rows = items.map((item) => toRow(item, options));
  const headers = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  if (headers.length === 0) return "\n";
  return draw(
    headers,
    rows.map((row) => headers.map((header) => row.get(header) ?? "")),
  );
}

function toRow(item: unknown, { isSorted, keepsId = false }: TableOptions): Map<string, string> {
  const row = new Map<string, string>();
  if (Array.isArray(item)) {
    item.forEach((value, index) => {
      row.set(`Column${index + 1}`, formatCell(value));
    });
  } else if (isObject(item)) {
    const keys = Object.keys(item);
    for (const key of isSorted ? sortKeys(keys) : keys) {
      const value = item[key];
      if ((skippedKeys.has(key) && !(keepsId && key === "id")) || value === null || value === undefined) continue;
      if (typeof value !== "object") row.set(key.charAt(0).toUpperCase() + key.slice(1), formatScalar(value));
    }
  } else {
    row.set("Result", formatCell(item));
  }
  return row;
}

/** tabulate shows null as nothing, and Python's own text for a list or an object in a list's cell; JSON is the nearest to that. */
function formatCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : formatScalar(value);
}

function draw(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = rows.flatMap(splitLines);
  const widths = headers.map((header, column) =>
    lines.reduce((width, line) => Math.max(width, measure(line[column]!)), measure(header) + HEADER_PADDING),
  );
  const drawn = [headers, widths.map((width) => "-".repeat(width)), ...lines];
  return `${drawn.map((cells) => drawLine(cells, widths)).join("\n")}\n`;
}

/** Where Python's `splitlines` splits. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these control characters are line ends to Python
const lineEnd = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

/** A cell of several lines makes its row several lines tall. */
function splitLines(row: readonly string[]): string[][] {
  if (row.every((cell) => plain.test(cell))) return [row.map((cell) => cell.trim())];
  const cells = row.map((cell) => cell.trim().split(lineEnd));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) => cells.map((cell) => cell[line] ?? ""));
}

function drawLine(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, column) => cell + " ".repeat(widths[column]! - measure(cell)));
  return padded.join(GAP).trimEnd();
}

const plain = /^[\x20-\x7e]*$/;

/** Width in code points, as tabulate counts without its optional wcwidth package. */
function measure(text: string): number {
  // Nearly every cell is plain, and a table may have a thousand rows.
  if (plain.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
