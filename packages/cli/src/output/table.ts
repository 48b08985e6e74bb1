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
  const columns: Columns = new Map();
  const rows = items.map((item) => toRow(item, columns, options));
  if (columns.size === 0) return "\n";
  const headers = [...columns.keys()];
  return draw(
    headers,
    rows.map((row) => headers.map((_, index) => row[index] ?? "")),
  );
}

/** Where each header's column is, in the order of their first coming. */
type Columns = Map<string, number>;

/** An item's cells, each at its column's place; a column that is new is added. */
function toRow(item: unknown, columns: Columns, { isSorted, keepsId = false }: TableOptions): string[] {
  const row: string[] = [];
  const put = (header: string, cell: string) => {
    const known = columns.get(header);
    if (known === undefined) columns.set(header, columns.size);
    row[known ?? columns.size - 1] = cell;
  };
  if (Array.isArray(item)) {
    item.forEach((value, index) => {
      put(`Column${index + 1}`, formatCell(value));
    });
  } else if (isObject(item)) {
    const keys = Object.keys(item);
    for (const key of isSorted ? sortKeys(keys) : keys) {
      const value = item[key];
      if ((skippedKeys.has(key) && !(keepsId && key === "id")) || value === null || value === undefined) continue;
      if (typeof value !== "object") put(key.charAt(0).toUpperCase() + key.slice(1), formatScalar(value));
    }
  } else {
    put("Result", formatCell(item));
  }
  return row;
}

/** tabulate shows null as nothing, and Python's own text for a list or an object in a list's cell; JSON is the nearest to that. */
function formatCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : formatScalar(value);
}

function draw(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  // Nearly every table is plain, and one may have a thousand rows.
  const isPlain = [headers, ...rows].every((row) => row.every((cell) => plain.test(cell)));
  const measure = isPlain ? (text: string) => text.length : countPoints;
  const lines = isPlain ? rows.map((row) => row.map((cell) => cell.trim())) : rows.flatMap(splitLines);
  const widths = headers.map((header) => measure(header) + HEADER_PADDING);
  for (const line of lines) {
    for (let column = 0; column < widths.length; column += 1) {
      widths[column] = Math.max(widths[column]!, measure(line[column]!));
    }
  }
  const blanks = widths.map((width) => " ".repeat(width));
  let text = "";
  for (const cells of [headers, widths.map((width) => "-".repeat(width)), ...lines]) {
    let drawn = "";
    for (let column = 0; column < widths.length; column += 1) {
      const cell = cells[column]!;
      drawn += (column === 0 ? "" : GAP) + cell + blanks[column]!.slice(measure(cell));
    }
    text += `${drawn.trimEnd()}\n`;
  }
  return text;
}

const plain = /^[\x20-\x7e]*$/;

/** Where Python's `splitlines` splits. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these control characters are line ends to Python
const lineEnd = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

/** A cell of several lines makes its row several lines tall. */
function splitLines(row: readonly string[]): string[][] {
  const cells = row.map((cell) => cell.trim().split(lineEnd));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) => cells.map((cell) => cell[line] ?? ""));
}

/** Width in code points, as tabulate counts without its optional wcwidth package. */
function countPoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
