/** JSON of servers and programs, which may be anything. */

// biome-ignore lint/suspicious/noExplicitAny: what servers and programs answer; each field is checked where it is used.
export type Json = Record<string, any>;

/** @returns the text's JSON object; one without the wanted members for anything else. */
export function readJson(text: string): Json {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
