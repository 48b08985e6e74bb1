import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessFacts } from "@postern/access";
import { builtinRoles } from "@postern/access/roles";
import fc from "fast-check";
import { AssignmentRows } from "./assignment-rows.ts";
import type { RoleAssignment } from "./entities.ts";
import { readMoment } from "./moment.ts";

const guid = (number: number) => `${number.toString(16).padStart(8, "0")}-aaaa-4000-8000-00000000000f`;
const subscription = "/subscriptions/11111111-1111-4111-8111-111111111111";
const moment = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.0000000Z", "2026-02-30T00:00:00.000Z", "yesterday"),
);
const row = fc.record(
  {
    name: fc.nat(12).map(guid),
    scope: fc.constantFrom("/", subscription, subscription.toUpperCase(), `${subscription}/resourceGroups/Rg1`),
    roleDefinitionId: fc.constantFrom(builtinRoles[0]!.id, builtinRoles[7]!.id, guid(99)),
    principalId: fc.constantFrom(guid(21), guid(22), guid(23).toUpperCase()),
    principalType: fc.constantFrom("User", "Group", "ServicePrincipal", "ForeignGroup", "Device", "Robot"),
    description: fc.constantFrom(null, null, null, "", "why"),
    condition: fc.constantFrom(null, null, "@Resource[a:b] StringEquals 'x'"),
    conditionVersion: fc.constantFrom(null, "2.0"),
    delegatedManagedIdentityResourceId: fc.constantFrom(null, null, null, "/x"),
    createdOn: moment,
    updatedOn: moment,
    createdBy: fc.option(fc.constantFrom(guid(21), guid(24))),
    updatedBy: fc.option(fc.constantFrom(guid(21), guid(24))),
  },
  { noNullPrototype: true },
) as unknown as fc.Arbitrary<RoleAssignment>;

test("rows come back member by member as they were put, whatever they are", () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: row },
    fc.nat(12).map((number) => guid(number)),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const access = new AccessFacts(builtinRoles);
      const rows = new AssignmentRows(access);
      const model = new Map<string, RoleAssignment>();
      for (const each of steps) {
        if (typeof each === "string") {
          assert.deepEqual(rows.delete(each), model.get(each));
          model.delete(each);
        } else {
          assert.deepEqual(rows.put(each), model.get(each.name));
          model.set(each.name, each);
        }
        assert.equal(rows.size, model.size);
      }
      for (let number = 0; number <= 12; number += 1) {
        assert.deepEqual(rows.get(guid(number)), model.get(guid(number)));
        assert.equal(rows.has(guid(number)), model.has(guid(number)));
      }
      const inOrder = (all: Iterable<RoleAssignment>) => [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
      assert.deepEqual(inOrder(rows.values()), inOrder(model.values()));
    }),
    { numRuns: 300 },
  );
});

test("a row that cannot be is refused, and what was there stays", () => {
  const rows = new AssignmentRows(new AccessFacts(builtinRoles));
  const [good] = fc.sample(
    row.map((each) => ({ ...each, scope: "/", principalId: guid(21) as RoleAssignment["principalId"] })),
    { numRuns: 1, seed: 7 },
  );
  rows.put(good!);
  assert.throws(() => rows.put({ ...good!, scope: "nowhere" }), { name: "FactsError" });
  assert.deepEqual(rows.get(good!.name), good);
});

test("facts that others take away and put back in the opposite order leave every row its own", () => {
  const access = new AccessFacts(builtinRoles);
  const rows = new AssignmentRows(access);
  const all = [1, 2, 3, 4].map((number) => {
    const createdOn = new Date(number * 1e9).toISOString();
    const [each] = fc.sample(row, { numRuns: 1, seed: 3 });
    return { ...each!, name: guid(number), description: null, createdOn, updatedOn: createdOn } as RoleAssignment;
  });
  for (const each of all) rows.put(each);
  const taken = [3, 1, 2].map((number) => access.assignment(guid(number))!);
  for (const { id } of taken) access.deleteAssignment(id);
  for (const each of taken.reverse()) access.putAssignment(each);
  for (const each of all) assert.deepEqual(rows.get(each.name), each);
});

test("a moment is read exactly when it is written as dates write themselves", () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      const text = date.toISOString();
      assert.deepEqual(readMoment(text), text.length === 24 ? date.getTime() : Number.NaN);
    }),
  );
  fc.assert(
    fc.property(
      fc.stringMatching(/^20[0-9]{2}-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\.[0-9]{3}Z$/),
      (text) => {
        const ms = readMoment(text);
        const isOwn = !Number.isNaN(Date.parse(text)) && new Date(Date.parse(text)).toISOString() === text;
        assert.equal(Number.isNaN(ms) ? "none" : new Date(ms).toISOString(), isOwn ? text : "none");
      },
    ),
    { numRuns: 1000 },
  );
  for (const text of [
    "",
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.0000Z",
    "2026-01-01 00:00:00.000Z",
    "x".repeat(24),
  ])
    assert.equal(readMoment(text), Number.NaN, text);
});
