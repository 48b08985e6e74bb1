import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { continuousLifetimeSeconds } from "./continuous-access.ts";
import { openKeyKeeper } from "./key-keeper.ts";
import { KeyRing, longestTokenLifetimeSeconds, overlapSeconds, type SigningKey } from "./key-ring.ts";
import { managedIdentityLifetimeSeconds } from "./managed-identity-token.ts";
import { SamplePorts, sampleTime, withStateFolder } from "./sample-directory.ts";
import { tokenLifetimeSeconds } from "./service.ts";
import { clockSkewSeconds } from "./verifier.ts";

const startMs = sampleTime.getTime();
const real = await withStateFolder(async (stateDir) => {
  return (await openKeyKeeper({ stateDir, ports: new SamplePorts() })).ring.current;
});

/** A key that begins to sign so many seconds after the start. */
function keyFrom(kid: string, afterSeconds: number): SigningKey {
  return { ...real, kid, signsFrom: new Date(startMs + afterSeconds * 1000).toISOString() };
}

function ringAt(keys: readonly SigningKey[]) {
  const ports = new SamplePorts();
  const ring = new KeyRing(keys, ports);
  const at = (afterSeconds: number) => {
    ports.time = new Date(startMs + afterSeconds * 1000);
    return ring;
  };
  return { ring, at };
}

test("a key is published, signs, verifies on, and is gone, each at its time", () => {
  const { at } = ringAt([keyFrom("old", 0), keyFrom("new", 86_400)]);
  const end = 86_400 + overlapSeconds;
  const states = (ring: KeyRing) => ring.standings().map(({ key, state }) => `${key.kid} ${state}`);
  assert.deepEqual(states(at(0)), ["old current", "new next"]);
  assert.equal(at(86_399).current.kid, "old");
  assert.deepEqual(states(at(86_400)), ["old retired", "new current"]);
  assert.deepEqual(
    at(86_400).keys.map(({ kid }) => kid),
    ["new", "old"],
    "the current one is published first",
  );
  assert.equal(at(end - 1).find("old")?.kid, "old");
  assert.equal(at(end).find("old"), undefined);
  assert.deepEqual(states(at(end)), ["new current"]);
  assert.equal(at(end).find("new")?.kid, "new");
});

test("a key outlives every token it signed, whoever's clock is wrong", () => {
  const lifetimes = [tokenLifetimeSeconds, continuousLifetimeSeconds, managedIdentityLifetimeSeconds];
  assert.equal(Math.max(...lifetimes), longestTokenLifetimeSeconds);
  assert.ok(overlapSeconds >= longestTokenLifetimeSeconds + 2 * clockSkewSeconds);
});

test("a clock that was set back before every key signs with the first", () => {
  const { at } = ringAt([keyFrom("b", 100), keyFrom("a", 50)]);
  assert.equal(at(0).current.kid, "a");
});

test("at any moment one key signs, it is published, and what signed within the overlap verifies", () => {
  const offsets = fc.uniqueArray(fc.integer({ min: 0, max: 10 * 86_400 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(offsets, fc.nat(20 * 86_400), fc.nat(longestTokenLifetimeSeconds), (starts, now, age) => {
      const { at } = ringAt(starts.map((start) => keyFrom(`key ${start}`, start)));
      const signedBy = at(Math.max(0, now - age)).current.kid;
      const ring = at(now);
      const current = ring.standings().filter(({ state }) => state === "current");
      assert.equal(current.length, 1);
      assert.equal(current[0]!.key, ring.current);
      assert.equal(ring.keys[0], ring.current);
      assert.equal(ring.find(signedBy)?.kid, signedBy, "a token that may not have expired has its key");
      assert.deepEqual(new Set(ring.keys.map(({ kid }) => kid)), new Set(ring.standings().map(({ key }) => key.kid)));
    }),
  );
});
