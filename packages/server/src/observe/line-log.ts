/**
 * The newest of very many records, as lines of JSON in a few blocks of bytes, read back only when somebody asks.
 *
 * As objects they would live just long enough to be moved among the old ones, and a busy server's memory would be mostly records that nobody will
 * ever look at. Owns: the blocks and their bound.
 */

/** Bytes of one block; the oldest lines go a block at a time. Our choice. */
const blockSizeBytes = 256 * 1024;
/** Most UTF-8 bytes of one UTF-16 unit. */
const maxBytesPerUnit = 3;
const newline = 0x0a;

type Block = { readonly bytes: Buffer; endBytes: number; lineCount: number };

/** Lines of JSON, oldest first, bounded in bytes and in number. */
export class LineLog<Line> {
  readonly #maxBytes: number;
  readonly #maxLines: number;
  readonly #blocks: Block[] = [];
  #lineCount = 0;

  /** @param maxBytes of all blocks; @param maxLines that are given back. */
  constructor(maxBytes: number, maxLines: number) {
    this.#maxBytes = maxBytes;
    this.#maxLines = maxLines;
  }

  /** Adds a line; one that is larger than a block is not kept. */
  add(line: Line): void {
    const text = JSON.stringify(line);
    const block = this.#blockWithRoom(text.length * maxBytesPerUnit + 1);
    if (block === undefined) return;
    block.endBytes += block.bytes.write(text, block.endBytes);
    this.#endLine(block);
  }

  /**
   * Adds a line that was made before but for its beginning.
   * @param head ASCII, without a newline; with the tail it is the line's JSON.
   */
  addMade(head: string, tail: Uint8Array): void {
    const block = this.#blockWithRoom(head.length + tail.length + 1);
    if (block === undefined) return;
    block.endBytes += block.bytes.write(head, block.endBytes, "latin1");
    block.bytes.set(tail, block.endBytes);
    block.endBytes += tail.length;
    this.#endLine(block);
  }

  #endLine(block: Block): void {
    block.bytes[block.endBytes] = newline;
    block.endBytes += 1;
    block.lineCount += 1;
    this.#lineCount += 1;
  }

  /**
   * Reads lines back, oldest first.
   * @param containing if given, only lines in which this text stands somewhere, as JSON has it.
   */
  list(containing?: string): Line[] {
    const found: Line[] = [];
    let skipped = Math.max(0, this.#lineCount - this.#maxLines);
    for (const { bytes, endBytes, lineCount } of this.#blocks) {
      if (skipped >= lineCount) {
        skipped -= lineCount;
        continue;
      }
      const isThere = containing === undefined || bytes.subarray(0, endBytes).includes(containing);
      const lines = isThere ? bytes.toString("utf8", 0, endBytes).split("\n").slice(skipped, lineCount) : [];
      skipped = 0;
      for (const line of lines) {
        if (containing === undefined || line.includes(containing)) found.push(JSON.parse(line) as Line);
      }
    }
    return found;
  }

  #blockWithRoom(sizeBytes: number): Block | undefined {
    if (sizeBytes > blockSizeBytes) return undefined;
    const newest = this.#blocks.at(-1);
    if (newest !== undefined && newest.endBytes + sizeBytes <= blockSizeBytes) return newest;
    const isFull = (this.#blocks.length + 1) * blockSizeBytes > this.#maxBytes;
    const oldest = isFull ? this.#blocks.shift() : undefined;
    if (oldest !== undefined) this.#lineCount -= oldest.lineCount;
    const block = { bytes: oldest?.bytes ?? Buffer.alloc(blockSizeBytes), endBytes: 0, lineCount: 0 };
    this.#blocks.push(block);
    return block;
  }
}
