/**
 * The CRC-64 of Azure Storage (`x-ms-content-crc64`): polynomial 0x9A6C9329AC4BC9B5 in its reflected form, all ones in and out, sent as
 * eight little-endian bytes in base64. Eight bytes a step by tables, on pairs of 32-bit halves: JavaScript has no 64-bit integer that is fast. Long pieces
 * are summed by crc64-machine.ts, which has.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/put-blob#request-headers-all-blob-types
 */
import { type Crc64Machine, machineStride, makeMachine, maxInputBytes } from "./crc64-machine.ts";

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

/** From so many bytes on the machine is faster, in bytes. Our choice, by measurement. */
const machineFromBytes = 4096;
let machine: Crc64Machine | undefined;

function startMachine(): Crc64Machine {
  const tables = new BigUint64Array(machineStride * 256);
  for (let index = 0; index < tables.length; index++) {
    const before = tables[index - 256] ?? 0n;
    tables[index] =
      index < 256
        ? (BigInt(tableHigh[index]!) << 32n) | BigInt(tableLow[index]!)
        : (before >> 8n) ^ tables[Number(before & 0xffn)]!;
  }
  return makeMachine(tables);
}

/** A running CRC-64; feed it the bytes in order. */
export class Crc64 {
  #high = 0xffffffff | 0;
  #low = 0xffffffff | 0;

  update(bytes: Uint8Array): this {
    if (bytes.length < machineFromBytes) return this.#updateHalves(bytes);
    machine ??= startMachine();
    let crc = (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
    for (let at = 0; at < bytes.length; at += maxInputBytes) {
      crc = machine.update(crc, bytes.subarray(at, at + maxInputBytes));
    }
    this.#high = Number(crc >> 32n) | 0;
    this.#low = Number(crc & 0xffffffffn) | 0;
    return this;
  }

  #updateHalves(bytes: Uint8Array): this {
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
