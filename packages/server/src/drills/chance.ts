/** Chance that can be repeated: a number that a seed and a key always give. Pure. */

/** FNV-1a of the seed and the key, mixed once more so that keys that differ in their last letter lie far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  return (value ^ (value >>> 16)) >>> 0;
}

/** @returns a number from 0 to 1, 1 not included; the same for the same seed and key. */
export function fractionOf(seed: number, key: string): number {
  return hash(`${seed}/${key}`) / 2 ** 32;
}
