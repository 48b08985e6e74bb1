import assert from "node:assert/strict";
import { test } from "node:test";
import { BoundedCache } from "./bounded-cache.ts";

test("what is used stays, what is not is dropped", () => {
  const cache = new BoundedCache<number, string>(10);
  cache.set(-1, "kept");
  for (let key = 0; key < 100; key += 1) {
    cache.set(key, `value ${key}`);
    assert.equal(cache.get(-1), "kept");
    assert.equal(cache.get(key), `value ${key}`);
  }
  const remembered = Array.from({ length: 100 }, (_, key) => cache.get(key)).filter((value) => value !== undefined);
  assert.ok(remembered.length >= 9 && remembered.length <= 20, `${remembered.length}`);
});

test("what is deleted is gone from both generations", () => {
  const cache = new BoundedCache<string, number>(1);
  cache.set("a", 1);
  cache.set("b", 2);
  cache.delete("a");
  cache.delete("b");
  assert.equal(cache.get("a"), undefined);
  assert.equal(cache.get("b"), undefined);
  cache.set("c", 3);
  cache.clear();
  assert.equal(cache.get("c"), undefined);
});
