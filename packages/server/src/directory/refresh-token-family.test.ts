import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Change } from "../state/change.ts";
import { firstPartyAppIds } from "../state/first-party.ts";
import type { AppId, Guid, UserObjectId } from "../state/identifiers.ts";
import { ReadModel } from "../state/read-model.ts";
import {
  type FamilyRenewal,
  maxFamiliesPerUser,
  renewFamily,
  reuseGraceSeconds,
  startFamily,
} from "./refresh-token-family.ts";

const userId = "bbbbbbbb-0000-4000-8000-000000000001" as UserObjectId;
const clientId = "aaaaaaaa-0000-4000-8000-000000000001" as AppId;
const familyId = "99999999-0000-4000-8000-000000000001" as Guid;
const start = Date.parse("2026-03-01T12:00:00.000Z");
const at = (seconds: number) => new Date(start + seconds * 1000);
const expires = at(90 * 86_400);

function apply<Result>(model: ReadModel, outcome: { changes: readonly Change[]; result: Result }): Result {
  for (const change of outcome.changes) model.apply(change);
  return outcome.result;
}

function begin(): ReadModel {
  const model = new ReadModel([]);
  assert.equal(apply(model, startFamily(model, { familyId, userId, clientId, now: at(0), expires })), true);
  return model;
}

function renew(model: ReadModel, generation: number, seconds: number, more: Partial<FamilyRenewal> = {}) {
  const base = { familyId, clientId, issuedTo: clientId, generation, isRotating: true, now: at(seconds), expires };
  return apply(model, renewFamily(model, { ...base, ...more }));
}

test("each renewal makes the next generation; the one before serves for the grace only", () => {
  const model = begin();
  assert.deepEqual(renew(model, 0, 10), { kind: "renewed", generation: 1 });
  assert.deepEqual(renew(model, 0, 10 + reuseGraceSeconds), { kind: "renewed", generation: 1 }, "a retry");
  assert.deepEqual(renew(model, 1, 100), { kind: "renewed", generation: 2 });
  assert.deepEqual(renew(model, 1, 100 + reuseGraceSeconds + 1), { kind: "reused" });
  assert.deepEqual(renew(model, 2, 200), { kind: "revoked" }, "the newest goes with it: who has it is not known");
});

test("a token two generations old is a copy at any time", () => {
  const model = begin();
  renew(model, 0, 1);
  renew(model, 1, 2);
  assert.deepEqual(renew(model, 0, 3), { kind: "reused" });
});

test("a code redeemed twice revokes what the first time gave", () => {
  const model = begin();
  assert.equal(apply(model, startFamily(model, { familyId, userId, clientId, now: at(1), expires })), false);
  assert.deepEqual(renew(model, 0, 2), { kind: "revoked" });
});

test("clients that share their tokens have lines of their own", () => {
  const model = begin();
  const other = firstPartyAppIds.azurePowerShell;
  assert.deepEqual(renew(model, 0, 1, { clientId: other }), { kind: "renewed", generation: 0 });
  assert.deepEqual(renew(model, 0, 500), { kind: "renewed", generation: 1 }, "the lender's token was not replaced");
  const ofOther = { clientId: other, issuedTo: other };
  assert.deepEqual(renew(model, 0, 501, ofOther), { kind: "renewed", generation: 1 });
  assert.deepEqual(renew(model, 0, 999, ofOther), { kind: "reused" });
  assert.deepEqual(renew(model, 1, 1000), { kind: "revoked" }, "one sign-in, one fate");
});

test("tokens of a client with a secret do not rotate, and the row is not written at every use", () => {
  const model = begin();
  const plain = { isRotating: false };
  assert.deepEqual(renewFamily(model, renewalOf(3600)).changes, []);
  assert.equal(renewFamily(model, renewalOf(2 * 86_400)).changes.length, 1);
  assert.deepEqual(renew(model, 0, 9_999, plain), { kind: "renewed", generation: 0 });
  function renewalOf(seconds: number): FamilyRenewal {
    const end = at(90 * 86_400 + seconds);
    return { familyId, clientId, issuedTo: clientId, generation: 0, isRotating: false, now: at(seconds), expires: end };
  }
});

test("an unknown family, an unknown line and a generation from the future are refused and change nothing", () => {
  const model = begin();
  const other = { familyId: "99999999-0000-4000-8000-00000000ffff" as Guid };
  assert.deepEqual(renew(model, 0, 1, other), { kind: "unknown" });
  assert.deepEqual(renew(model, 0, 1, { issuedTo: firstPartyAppIds.azureCli }), { kind: "unknown" });
  assert.deepEqual(renew(model, 1, 1), { kind: "unknown" });
  assert.deepEqual(renew(model, 0, 1), { kind: "renewed", generation: 1 });
});

test("a person's families are bounded; ended ones go first, and none whose code could still be used", () => {
  const model = new ReadModel([]);
  const id = (index: number) => `99999999-0000-4000-8000-${String(index).padStart(12, "0")}` as Guid;
  const add = (index: number, seconds: number, end: Date) =>
    apply(model, startFamily(model, { familyId: id(index), userId, clientId, now: at(seconds), expires: end }));
  for (let index = 0; index < maxFamiliesPerUser + 5; index++) add(index, 0, index === 3 ? at(1000) : expires);
  assert.equal(model.refreshTokenFamilies.size, maxFamiliesPerUser + 5, "too young to go");
  add(9999, 2000, expires);
  assert.equal(model.refreshTokenFamilies.size, maxFamiliesPerUser);
  assert.equal(model.refreshTokenFamilies.has(id(3)), false);
  assert.equal(model.refreshTokenFamilies.has(id(0)), false);
  assert.equal(model.refreshTokenFamilies.has(id(9999)), true);
});

test("whatever the order of renewals, at most the two newest generations ever serve, and after a reuse none", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ generation: fc.nat(6), wait: fc.nat(120) }), { maxLength: 30 }), (steps) => {
      const model = begin();
      let newest = 0;
      let newestAt = 0;
      let now = 0;
      let isRevoked = false;
      for (const { generation, wait } of steps) {
        now += wait;
        const { kind } = renew(model, generation, now);
        const isCurrent = generation === newest;
        const isRetry: boolean = generation === newest - 1 && now - newestAt <= reuseGraceSeconds;
        const expected: string = isRevoked
          ? "revoked"
          : generation > newest
            ? "unknown"
            : isCurrent || isRetry
              ? "renewed"
              : "reused";
        assert.equal(kind, expected);
        if (expected === "reused") isRevoked = true;
        if (expected === "renewed" && isCurrent) {
          newest++;
          newestAt = now;
        }
      }
    }),
  );
});
