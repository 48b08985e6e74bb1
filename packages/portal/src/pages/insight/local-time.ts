/** Times as fields have them. Pure. */

/** A local time of a field, as the API takes it; "" for none. */
export function isoOf(local: string): string {
  const time = new Date(local);
  return local === "" || Number.isNaN(time.getTime()) ? "" : time.toISOString();
}
