/**
 * Reads the small XML bodies of Blob storage into a tree. Elements and text are all there is: document types, entities beyond the five and numbers, CDATA and
 * processing instructions have no use in these bodies and are refused because they are not known. For Put Block List's long lists see block-list-xml.ts.
 */
import { StorageError } from "./errors.ts";

export type XmlElement = { readonly name: string; readonly children: readonly XmlElement[]; readonly text: string };

/** Elements within each other at most, and in all. Our choice: the bodies here have five levels and some hundred elements. */
const maxDepth = 12;
const maxElements = 5000;

// Each pattern has one way to match or fail: none goes back over what it has passed.
const declaration = /<\?xml[\t\n\r ][^?<>]*\?>/y;
const skipped = /(?:[\t\n\r ]|<!--(?:[^-]|-[^-])*-->)*/y;
const opening = /<([A-Za-z_][\w.-]*)/y;
const attribute = /[\t\n\r ]+[A-Za-z_:][\w:.-]*[\t\n\r ]*=[\t\n\r ]*(?:"[^"<]*"|'[^'<]*')/y;
const openingEnd = /[\t\n\r ]*(\/?)>/y;
const closing = /<\/([A-Za-z_][\w.-]*)[\t\n\r ]*>/y;
// What XML 1.0 has no place for is refused: it could be taken in, but never be given out again.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is kept out
const characters = /[^<\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]+/y;
const comment = /<!--(?:[^-]|-[^-])*-->/y;
const entity = /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));|&/g;
const named = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" } as const;

function malformed(): never {
  throw new StorageError("InvalidXmlDocument");
}

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(entity, (match, name: keyof typeof named | undefined, decimal?: string, hex?: string) => {
    if (match === "&") malformed();
    if (name !== undefined) return named[name];
    const point = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
    const isCharacter = point === 9 || point === 10 || point === 13 || (point >= 32 && point <= 0x10ffff);
    if (point === 0xfffe || point === 0xffff) malformed();
    if (!isCharacter || (point >= 0xd800 && point <= 0xdfff)) malformed();
    return String.fromCodePoint(point);
  });
}

class Reader {
  readonly #text: string;
  #at = 0;
  #count = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  document(): XmlElement {
    this.#take(declaration);
    this.#take(skipped);
    const root = this.#element(0);
    this.#take(skipped);
    return this.#at === this.#text.length ? root : malformed();
  }

  #element(depth: number): XmlElement {
    const name = this.#take(opening)?.[1] ?? malformed();
    this.#count += 1;
    if (depth === maxDepth || this.#count > maxElements) malformed();
    while (this.#take(attribute) !== null);
    const end = this.#take(openingEnd) ?? malformed();
    if (end[1] === "/") return { name, children: [], text: "" };
    const children: XmlElement[] = [];
    let text = "";
    for (;;) {
      text += decodeEntities(this.#take(characters)?.[0] ?? "");
      const close = this.#take(closing);
      if (close !== null) return close[1] === name ? { name, children, text } : malformed();
      if (this.#take(comment) === null) children.push(this.#element(depth + 1));
    }
  }
}

/** Reads a document; a byte order mark is dropped. @throws StorageError `InvalidXmlDocument`. */
export function readXml(bytes: Uint8Array): XmlElement {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    malformed();
  }
  return new Reader(text).document();
}

/** The one child of that name; undefined for none. @throws StorageError `InvalidXmlDocument` for more than one. */
export function childOf({ children }: XmlElement, name: string): XmlElement | undefined {
  const found = children.filter((child) => child.name === name);
  return found.length > 1 ? malformed() : found[0];
}
