/**
 * Writes HTML in which no value is ever read as markup: a template literal tag that escapes whatever is put into it.
 * Spec: https://html.spec.whatwg.org/multipage/syntax.html#attributes-2 (attributes must stand in double quotes in the templates).
 */

/** Text that is markup already: made by {@link html}, or of a constant of ours. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Content = string | Html | readonly Html[] | undefined;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Control characters, and those that turn the direction of what follows: a name must not rearrange the page around it. */
const unwanted =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/g;

export function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(unwanted, "")
    .replace(/[&<>"']/g, (character) => entities[character]!);
}

/** ``html`<p>${name}</p>` `` */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  let text = strings[0]!;
  for (const [index, value] of values.entries()) text += render(value) + strings[index + 1]!;
  return new Html(text);
}

function render(value: Content): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  return typeof value === "string" ? escapeHtml(value) : value.map(({ text }) => text).join("");
}
