/** Writing XML as Azure Storage does: no namespaces, empty elements kept. */

import { featuresOf } from "./service-versions.ts";

export const xmlDeclaration = '<?xml version="1.0" encoding="utf-8"?>';

/** What XML 1.0 cannot hold, escaped or not. Lone surrogates do not get this far. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const changed = /[&<>"\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#xD;",
};

/** Whether a text is written as it is: nothing to escape, and nothing that XML cannot hold. Most are. */
export function isPlain(text: string): boolean {
  return !changed.test(text);
}

/** What XML 1.0 cannot hold, escaped or not, becomes U+FFFD: an error that repeats what was sent must still be one that clients can read. */
export function escapeXml(text: string): string {
  if (isPlain(text)) return text;
  const writable = unwritable.test(text) ? text.replace(new RegExp(unwritable, "g"), "\ufffd") : text;
  return writable.replace(/[&<>"\r]/g, (character) => entities[character]!);
}

/** An element with text; without any it is written empty, never left out. */
export function element(name: string, text: string | number | boolean | null): string {
  if (text === null || text === "") return `<${name} />`;
  return `<${name}>${typeof text === "string" ? escapeXml(text) : text}</${name}>`;
}

/**
 * An element that holds a blob's name or part of one: percent-encoded, and marked so, when XML cannot hold it.
 * @see https://learn.microsoft.com/rest/api/storageservices/list-blobs#response-body
 */
function nameElement(tag: string, name: string): string {
  if (!unwritable.test(name)) return element(tag, name);
  return `<${tag} Encoded="true">${encodeURIComponent(name)}</${tag}>`;
}

/** How a version of the service writes names; before there was a mark for it, what XML cannot hold was lost. */
export function nameWriterOf(version: string): (tag: string, name: string) => string {
  return featuresOf(version).encodedNames ? nameElement : element;
}
