/**
 * Reads Put Block List's body. A reader of our own for this one flat document: a general parser holds the event loop for a third of a second over
 * 50,000 blocks, and knows entities and document types, of which nothing good comes. What the document may hold is three elements with base64 in
 * them; comments, a declaration and attributes on the root are let pass, everything else is refused.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/put-block-list#request-body
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { parseBlockId } from "./block-id.ts";
import { type BlockListEntry, maxCommittedBlocks } from "./engine/model.ts";
import { StorageError } from "./errors.ts";

/** Elements read before others get their turn. Our choice: about a millisecond. */
const entriesPerTurn = 2000;

// Each pattern has one way to match or fail: none goes back over what it has passed.
const space = /[\t\n\r ]*/y;
const skipped = /(?:[\t\n\r ]|<!--(?:[^-]|-[^-])*-->)*/y;
const declaration = /<\?xml[\t\n\r ][^?<>]*\?>/y;
const rootName = /<BlockList(?![\w:.-])/y;
const attribute = /[\t\n\r ]+[A-Za-z_:][\w:.-]*[\t\n\r ]*=[\t\n\r ]*(?:"[^"<&]*"|'[^'<&]*')/y;
const tagEnd = /(\/?)>/y;
const entryName = /<(Latest|Committed|Uncommitted)(?![\w:.-])/y;
const base64 = /[A-Za-z0-9+/=]*/y;
const closing = /<\/(\w+)/y;

const sources = { Latest: "latest", Committed: "committed", Uncommitted: "uncommitted" } as const;

/** Takes what a sticky pattern matches at a place. */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  /** @throws StorageError `InvalidXmlDocument`. */
  require(pattern: RegExp): RegExpExecArray {
    const match = this.take(pattern);
    if (match === null) throw new StorageError("InvalidXmlDocument");
    return match;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }
}

/**
 * Reads the list.
 * @throws StorageError `InvalidXmlDocument`; `InvalidBlockList` for an id that is none; `BlockListTooLong`.
 */
export async function parseBlockList(bytes: Uint8Array): Promise<BlockListEntry[]> {
  const cursor = new Cursor(decode(bytes));
  cursor.take(declaration);
  cursor.take(skipped);
  cursor.require(rootName);
  while (cursor.take(attribute) !== null);
  cursor.take(space);
  const isEmpty = cursor.require(tagEnd)[1] === "/";
  const entries: BlockListEntry[] = [];
  while (!isEmpty) {
    cursor.take(skipped);
    const name = cursor.take(entryName)?.[1];
    if (name === undefined) break;
    if (entries.length === maxCommittedBlocks) throw new StorageError("BlockListTooLong");
    entries.push(readEntry(cursor, name as keyof typeof sources));
    if (entries.length % entriesPerTurn === 0) await nextTurn();
  }
  if (!isEmpty) closeTag(cursor, "BlockList");
  cursor.take(skipped);
  if (!cursor.isAtEnd) throw new StorageError("InvalidXmlDocument");
  return entries;
}

/** What follows an element's name: the end of the tag, an id, and the closing tag. */
function readEntry(cursor: Cursor, name: keyof typeof sources): BlockListEntry {
  cursor.take(space);
  const isEmpty = cursor.require(tagEnd)[1] === "/";
  let text = "";
  if (!isEmpty) {
    cursor.take(space);
    text = cursor.require(base64)[0];
    cursor.take(space);
    closeTag(cursor, name);
  }
  const blockId = parseBlockId(text);
  if (blockId === undefined) throw new StorageError("InvalidBlockList");
  return { source: sources[name], blockId };
}

function closeTag(cursor: Cursor, name: string): void {
  if (cursor.require(closing)[1] !== name) throw new StorageError("InvalidXmlDocument");
  cursor.take(space);
  if (cursor.require(tagEnd)[1] !== "") throw new StorageError("InvalidXmlDocument");
}

/** The declaration may say what it likes: only UTF-8 is read; a byte order mark is dropped. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new StorageError("InvalidXmlDocument");
  }
}
