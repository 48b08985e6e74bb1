/**
 * Reads the XML that Blob storage answers: elements and text, with attributes where a name needs one. May use: nothing.
 *
 * What storage sends has no comments, no CDATA and no document type; a document type is refused, so that entities stay the five of XML.
 */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

interface Draft {
  name: string;
  attributes: Record<string, string>;
  children: Draft[];
  text: string;
}

/** Storage's own answers are three levels deep and a few more. */
const MAX_DEPTH = 32;
const token = /<\?[^>]*\?>|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/gy;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** @returns the outermost element, or undefined when the text is not such XML. */
export function parseXml(document: string): Element | undefined {
  const root: Draft = { name: "", attributes: {}, children: [], text: "" };
  const open: Draft[] = [root];
  const text = document.replace(/^\ufeff/, "");
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    const at = open.at(-1)!;
    if (match === null) return undefined;
    const [, closing, name, attributes = "", selfClosing, characters] = match;
    if (characters !== undefined) at.text += decode(characters);
    else if (name === undefined) continue;
    else if (closing === "/") {
      if (open.length === 1 || at.name !== name) return undefined;
      open.pop();
    } else {
      const child: Draft = { name, attributes: readAttributes(attributes), children: [], text: "" };
      at.children.push(child);
      if (selfClosing !== "/") open.push(child);
      if (open.length > MAX_DEPTH) return undefined;
    }
  }
  return open.length === 1 ? root.children[0] : undefined;
}

function readAttributes(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(attribute)].map(([, name, double, single]) => [name!, decode(double ?? single ?? "")]),
  );
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** The last character of Unicode. */
const MAX_CODE_POINT = 0x10ffff;

function decode(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return point <= MAX_CODE_POINT ? String.fromCodePoint(point) : whole;
  });
}

export function find(element: Element | undefined, ...path: readonly string[]): Element | undefined {
  return path.reduce<Element | undefined>((at, name) => at?.children.find((child) => child.name === name), element);
}

/** @returns the text at a path, or null when there is none. */
export function textAt(element: Element | undefined, ...path: readonly string[]): string | null {
  return find(element, ...path)?.text ?? null;
}
