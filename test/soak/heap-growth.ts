/**
 * What a heap holds more of in a later snapshot than in an earlier one, by constructor: for a soak whose memory grew.
 *
 *   node --conditions=postern-source test/soak/heap-growth.ts EARLIER.heapsnapshot LATER.heapsnapshot
 *
 * Sizes are of the objects alone, so that a growth stands beside what grew and not beside all that leads to it; texts are listed by what holds them.
 */
import { addUpHeap, sumMiB, type Total } from "./heap-snapshot.ts";

/** Lines that are shown. */
const shown = 30;

const [earlier, later] = process.argv.slice(2, 4).map(addUpHeap);
if (earlier === undefined || later === undefined) throw new Error("two snapshots are to be named");
const none: Total = { count: 0, bytes: 0 };
const growths = [...new Set([...earlier.keys(), ...later.keys()])].map((key) => {
  const [before, after] = [earlier.get(key) ?? none, later.get(key) ?? none];
  return { key, more: after.count - before.count, bytes: after.bytes - before.bytes, after };
});
console.log(`${sumMiB(earlier).toFixed(1)} MiB, then ${sumMiB(later).toFixed(1)} MiB`);
for (const { key, more, bytes, after } of growths.sort((a, b) => b.bytes - a.bytes).slice(0, shown)) {
  console.log(`${(bytes / 1024).toFixed(0).padStart(8)} KiB ${String(more).padStart(8)} more of ${after.count} ${key}`);
}
