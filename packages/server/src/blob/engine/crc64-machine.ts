/**
 * The CRC-64's inner loop as WebAssembly: it has integers of 64 bits, JavaScript has none that are fast. The module is put together here, from the
 * instructions themselves, so that there is no file of bytes that nobody can read.
 *
 * Memory: the tables from 0 on, 2 KiB each, then the bytes to be summed. Spec: https://webassembly.github.io/spec/core/binary/
 */

/** Bytes taken in one step: one table each. Our choice: 32 KiB of tables, what a processor's nearest cache holds. */
export const machineStride = 16;
const tableBytes = 256 * 8;
const inputAt = machineStride * tableBytes;
const pageBytes = 65_536;
/** Bytes summed by one call. Our choice: as much as a socket gives at once. */
export const maxInputBytes = pageBytes;
const memoryPages = Math.ceil((inputAt + maxInputBytes) / pageBytes);

/** Instructions by the names of the specification's text format. */
const op = {
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: [0x0b],
  br: (depth: number) => [0x0c, depth],
  brIf: (depth: number) => [0x0d, depth],
  get: (local: number) => [0x20, local],
  set: (local: number) => [0x21, local],
  i32Const: (value: number) => [0x41, ...signed(value)],
  i64Const: (value: number) => [0x42, ...signed(value)],
  i64Load: (offset: number) => [0x29, 3, ...unsigned(offset)],
  i64Load8: [0x31, 0, 0],
  i32And: [0x71],
  i32Add: [0x6a],
  i32GreaterUnsigned: [0x4b],
  i32GreaterOrEqualUnsigned: [0x4f],
  i64Shl: [0x86],
  i64ShrUnsigned: [0x88],
  i64Xor: [0x85],
  i32Wrap: [0xa7],
} as const;

const [i32, i64] = [0x7f, 0x7e];

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const isLast = value >= -64 && value < 64;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

/** The entry of a table for one byte of a local: `table[(local >> 8 * byte) & 255]`, the shift made so that it is the entry's place in bytes. */
function lookUp(local: number, byte: number, table: number): number[] {
  const shift = 8 * byte - 3;
  const place = [...op.get(local), ...op.i64Const(Math.abs(shift)), ...(shift < 0 ? op.i64Shl : op.i64ShrUnsigned)];
  return [...place, ...op.i32Wrap, ...op.i32Const(0x7f8), ...op.i32And, ...op.i64Load(table * tableBytes)];
}

/** The exclusive or of several values, in pairs: one after the other, each would wait for the one before, which takes a third longer. */
function xorOf(values: readonly number[][]): number[] {
  if (values.length === 1) return values[0]!;
  const half = values.length >> 1;
  return [...xorOf(values.slice(0, half)), ...xorOf(values.slice(half)), ...op.i64Xor];
}

/** `update(crc: i64, at: i32, end: i32) -> i64`; local 3 is the second half of a step. */
function makeBody(): number[] {
  const [crc, at, end, half] = [0, 1, 2, 3];
  const bytes = [0, 1, 2, 3, 4, 5, 6, 7];
  const advance = (count: number) => [...op.get(at), ...op.i32Const(count), ...op.i32Add, ...op.set(at)];
  const step = [
    ...[...op.get(crc), ...op.get(at), ...op.i64Load(0), ...op.i64Xor, ...op.set(crc)],
    ...[...op.get(at), ...op.i64Load(8), ...op.set(half)],
    ...xorOf([
      ...bytes.map((byte) => lookUp(crc, byte, 15 - byte)),
      ...bytes.map((byte) => lookUp(half, byte, 7 - byte)),
    ]),
    ...[...op.set(crc), ...advance(machineStride)],
  ];
  const single = [
    ...[...op.get(crc), ...op.get(at), ...op.i64Load8, ...op.i64Xor, ...op.set(crc)],
    ...[...lookUp(crc, 0, 0), ...op.get(crc), ...op.i64Const(8), ...op.i64ShrUnsigned, ...op.i64Xor, ...op.set(crc)],
    ...advance(1),
  ];
  const repeat = (isOver: number[], what: number[]) => [
    ...[...op.block, ...op.loop, ...isOver, ...op.brIf(1), ...what, ...op.br(0), ...op.end, ...op.end],
  ];
  const isNoStepLeft = [
    ...op.get(at),
    ...op.i32Const(machineStride),
    ...op.i32Add,
    ...op.get(end),
    ...op.i32GreaterUnsigned,
  ];
  const isAtEnd = [...op.get(at), ...op.get(end), ...op.i32GreaterOrEqualUnsigned];
  const code = [...repeat(isNoStepLeft, step), ...repeat(isAtEnd, single), ...op.get(crc), ...op.end];
  return [1, 1, i64, ...code];
}

function makeModule(): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: number[]) => [id, ...unsigned(content.length), ...content];
  const name = (text: string) => [text.length, ...Buffer.from(text)];
  const body = makeBody();
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, i64, i32, i32, 1, i64]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, memoryPages]),
    ...section(7, [2, ...name("update"), 0, 0, ...name("memory"), 2, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

export type Crc64Machine = {
  /** Goes on with a sum. @param bytes at most {@link maxInputBytes}. */
  readonly update: (crc: bigint, bytes: Uint8Array) => bigint;
};

/** What is used of WebAssembly, which is there in every runtime and not in the types of Node. */
type Machinery = {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: {
      readonly memory: { readonly buffer: ArrayBuffer };
      readonly update: (crc: bigint, at: number, end: number) => bigint;
    };
  };
};

/** @param tables 256 entries for each byte of a step, that of the last byte first. */
export function makeMachine(tables: BigUint64Array): Crc64Machine {
  const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Machinery }).WebAssembly;
  const { memory, update } = new Instance(new Module(makeModule())).exports;
  new BigUint64Array(memory.buffer).set(tables);
  const input = new Uint8Array(memory.buffer, inputAt, maxInputBytes);
  return {
    update: (crc, bytes) => {
      input.set(bytes);
      return BigInt.asUintN(64, update(crc, inputAt, inputAt + bytes.length));
    },
  };
}
