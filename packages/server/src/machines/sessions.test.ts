import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { test } from "node:test";
import type { ManagedIdentity } from "../state/entities.ts";
import type { PrincipalId } from "../state/identifiers.ts";
import { leaseSeconds, maxSessions } from "./limits.ts";
import { IdentitySessions } from "./sessions.ts";

const row = { principalId: "11111111-1111-1111-1111-111111111111" } as ManagedIdentity;
const launcher = "22222222-2222-2222-2222-222222222222" as PrincipalId;

function setUp() {
  const clock = { nowMs: Date.parse("2026-03-01T12:00:00Z") };
  const ended: string[] = [];
  const sessions = new IdentitySessions(
    { now: () => new Date(clock.nowMs), guid: () => randomUUID(), randomBytes: (sizeBytes) => randomBytes(sizeBytes) },
    (id) => ended.push(id),
  );
  const start = () => sessions.start("AppService", { key: "sub/rg/worker", row }, launcher);
  return { clock, ended, sessions, start };
}

test("a session is found by its address and no other, and its header is its own", () => {
  const { sessions, start } = setUp();
  const [one, two] = [start()!, start()!];
  assert.equal(sessions.findByAddress(one.secrets.address), one.session);
  assert.equal(sessions.findByAddress(one.session.id), undefined);
  assert.equal(sessions.findByAddress(""), undefined);
  assert.equal(one.secrets.address, one.secrets.address.toLowerCase());
  assert.notEqual(one.secrets.address, two.secrets.address);
  assert.equal(Buffer.from(one.secrets.address, "hex").length, 32);
  assert.equal(sessions.isHeader(one.session, one.secrets.header), true);
  for (const header of [two.secrets.header, one.secrets.address, "", `${one.secrets.header} `])
    assert.equal(sessions.isHeader(one.session, header), false);
});

test("a session ends with its lease, unless it is renewed", () => {
  const { clock, ended, sessions, start } = setUp();
  const [kept, left] = [start()!, start()!];
  clock.nowMs += (leaseSeconds - 1) * 1000;
  assert.ok(sessions.findByAddress(left.secrets.address));
  const renewed = sessions.renew(kept.session);
  assert.equal(renewed.expiresAt.getTime(), clock.nowMs + leaseSeconds * 1000);
  clock.nowMs += 1000;
  assert.equal(sessions.findByAddress(left.secrets.address), undefined);
  assert.equal(sessions.get(left.session.id), undefined);
  assert.deepEqual(ended, [left.session.id]);
  assert.deepEqual(sessions.findByAddress(kept.secrets.address), renewed);
});

test("an ended session is gone by every name", () => {
  const { ended, sessions, start } = setUp();
  const { session, secrets } = start()!;
  sessions.end(session.id);
  sessions.end(session.id);
  assert.deepEqual(ended, [session.id]);
  assert.equal(sessions.findByAddress(secrets.address), undefined);
  assert.equal(sessions.isHeader(session, secrets.header), false);
});

test("there are so many at most, and one whose lease is over makes room", () => {
  const { clock, sessions, start } = setUp();
  for (let n = 0; n < maxSessions; n += 1) assert.ok(start());
  assert.equal(start(), undefined);
  clock.nowMs += leaseSeconds * 1000;
  assert.ok(start());
  sessions.endAll();
});
