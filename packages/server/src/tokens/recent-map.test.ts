import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RecentMap } from "./recent-map.ts";

/** The same, as simply as can be: the entry used last stands last. */
class Oracle {
  entries: [string, number][] = [];

  take(key: string): [string, number] | undefined {
    const found = this.entries.find(([name]) => name === key);
    this.entries = this.entries.filter(([name]) => name !== key);
    return found;
  }

  get(key: string): number | undefined {
    const found = this.take(key);
    if (found !== undefined) this.entries.push(found);
    return found?.[1];
  }

  set(key: string, value: number, maxEntries: number): void {
    this.take(key);
    this.entries.push([key, value]);
    if (this.entries.length > maxEntries) this.entries.shift();
  }
}

test("a recent map answers as a list in order of use does, whatever is done to it", () => {
  const key = fc.constantFrom("a", "b", "c", "d", "e");
  const step = fc.record({ act: fc.constantFrom("get", "get", "set", "delete"), key, value: fc.nat() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (maxEntries, steps) => {
      const [map, oracle] = [new RecentMap<number>(maxEntries), new Oracle()];
      for (const { act, key: name, value } of steps) {
        if (act === "get") assert.equal(map.get(name), oracle.get(name));
        else if (act === "delete") assert.equal(map.delete(name), void oracle.take(name));
        else {
          map.set(name, value);
          oracle.set(name, value, maxEntries);
        }
        assert.equal(map.size, oracle.entries.length);
      }
      for (const [name, value] of [...oracle.entries]) assert.equal(map.get(name), value);
    }),
  );
});
