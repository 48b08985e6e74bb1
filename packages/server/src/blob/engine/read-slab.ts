/**
 * Memory that large bodies are read into, used again and again: fresh memory for each piece costs more than reading it, for the system zeroes its pages
 * and V8 collects its whole heap whenever enough of them are gone.
 */
import { recordHeaderBytes, recordPayloadBytes } from "./extent-format.ts";

/** Records of one slab. Our choice: 512 KiB, by measurement; it is a reader's whole memory. */
export const slabRecords = 8;
/** Slabs kept for the next reader. Our choice: 8 MiB. */
const maxSpareSlabs = 16;

/** Room for neighbouring records, their payloads side by side. */
export type Slab = { readonly headers: Buffer; readonly payloads: Buffer };

const spareSlabs: Slab[] = [];
/** Slabs that somebody reads from, by the memory of their payloads. Who never gives one back leaves it to be collected. */
const lentSlabs = new WeakMap<ArrayBufferLike, Slab>();

export function takeSlab(): Slab {
  const slab = spareSlabs.pop() ?? {
    headers: Buffer.allocUnsafeSlow(slabRecords * recordHeaderBytes),
    payloads: Buffer.allocUnsafeSlow(slabRecords * recordPayloadBytes),
  };
  lentSlabs.set(slab.payloads.buffer, slab);
  return slab;
}

/**
 * Gives a piece of a body back that nobody looks at any more, not even a socket: its memory is read into next. To give back what is not of a slab,
 * or was given back before, does nothing.
 */
export function giveBackPiece({ buffer }: Buffer): void {
  const slab = lentSlabs.get(buffer);
  if (slab === undefined) return;
  lentSlabs.delete(buffer);
  if (spareSlabs.length < maxSpareSlabs) spareSlabs.push(slab);
}
