/** Small rules about Azure's identifiers and times that several commands share. May use: nothing. */

const guidPattern = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export function isGuid(text: string): boolean {
  return guidPattern.test(text);
}

/** A text inside an OData filter. @see https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html */
export function quoteOData(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** `?$filter=…`, percent-encoded. */
export function filterQuery(filter: string): string {
  return `?$filter=${encodeURIComponent(filter)}`;
}

/** A scope or resource ID as a URL path: with its leading slash, without a trailing one, each segment percent-encoded. */
export function encodeScope(scope: string): string {
  const segments = scope.split("/").filter((segment) => segment !== "");
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
}

/** A time as Python's `datetime.isoformat` writes it, which is how az shows the times of Resource Manager. */
export function toPythonTime(time: unknown): unknown {
  if (typeof time !== "string") return time ?? null;
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(?:Z|\+00:00)$/i.exec(time);
  if (match === null) return time;
  const micros = (match[2] ?? "").slice(0, 6).padEnd(6, "0");
  return `${match[1]}${/^0*$/.test(micros) ? "" : `.${micros}`}+00:00`;
}

/** The same day some years on; 29 February becomes the 28th where there is none, as az's date library has it. */
export function addYears(start: Date, years: number): Date {
  const end = new Date(start);
  end.setUTCFullYear(start.getUTCFullYear() + years);
  if (end.getUTCMonth() !== start.getUTCMonth()) end.setUTCDate(0);
  return end;
}
