/**
 * The CRC-64 of Azure Storage (`x-ms-content-crc64`): polynomial 0x9A6C9329AC4BC9B5 in its reflected form, all ones in and out, sent as
 * eight little-endian bytes in base64. Eight bytes a step by tables, on pairs of 32-bit halves: JavaScript has no 64-bit integer that is fast.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/put-blob#request-headers-all-blob-types
 */

/** Reflected polynomial, high and low half. */
const polynomialHigh = 0x9a6c9329;
const polynomialLow = 0xac4bc9b5;

/** Bytes taken in one step: one table each. */
const stride = 8;

const tableHigh = new Uint32Array(stride * 256);
const tableLow = new Uint32Array(stride * 256);

function fillTables(): void {
  for (let byte = 0; byte < 256; byte++) {
    let high = 0;
    let low = byte;
    for (let bit = 0; bit < 8; bit++) {
      const carry = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (carry === 1) {
        high ^= polynomialHigh;
        low ^= polynomialLow;
      }
    }
    tableHigh[byte] = high;
    tableLow[byte] = low;
  }
  for (let index = 256; index < stride * 256; index++) {
    const high = tableHigh[index - 256]!;
    const low = tableLow[index - 256]!;
    const byte = low & 0xff;
    tableHigh[index] = (high >>> 8) ^ tableHigh[byte]!;
    tableLow[index] = ((low >>> 8) | (high << 24)) ^ tableLow[byte]!;
  }
}
fillTables();

/** A running CRC-64; feed it the bytes in order. */
export class Crc64 {
  #high = 0xffffffff | 0;
  #low = 0xffffffff | 0;

  update(bytes: Uint8Array): this {
    let high = this.#high;
    let low = this.#low;
    const end = bytes.length;
    const wholeEnd = end - (end % stride);
    let at = 0;
    for (; at < wholeEnd; at += stride) {
      low ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      high ^= bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
      const i0 = 1792 + (low & 0xff);
      const i1 = 1536 + ((low >>> 8) & 0xff);
      const i2 = 1280 + ((low >>> 16) & 0xff);
      const i3 = 1024 + (low >>> 24);
      const i4 = 768 + (high & 0xff);
      const i5 = 512 + ((high >>> 8) & 0xff);
      const i6 = 256 + ((high >>> 16) & 0xff);
      const i7 = high >>> 24;
      high =
        tableHigh[i0]! ^
        tableHigh[i1]! ^
        tableHigh[i2]! ^
        tableHigh[i3]! ^
        tableHigh[i4]! ^
        tableHigh[i5]! ^
        tableHigh[i6]! ^
        tableHigh[i7]!;
      low =
        tableLow[i0]! ^
        tableLow[i1]! ^
        tableLow[i2]! ^
        tableLow[i3]! ^
        tableLow[i4]! ^
        tableLow[i5]! ^
        tableLow[i6]! ^
        tableLow[i7]!;
    }
    for (; at < end; at++) {
      const index = (low ^ bytes[at]!) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ tableLow[index]!;
      high = (high >>> 8) ^ tableHigh[index]!;
    }
    this.#high = high;
    this.#low = low;
    return this;
  }

  /** The sum so far, as the eight bytes that go over the wire. */
  digest(): Buffer {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeUInt32LE(~this.#low >>> 0, 0);
    bytes.writeUInt32LE(~this.#high >>> 0, 4);
    return bytes;
  }
}
