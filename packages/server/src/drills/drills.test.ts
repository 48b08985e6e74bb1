import assert from "node:assert/strict";
import { test } from "node:test";
import { roles, startTrialCloud, trial } from "../arm/trial-cloud.ts";
import { fractionOf } from "./chance.ts";
import { type Drill, Drills, maxDrills } from "./drills.ts";

const start = new Date("2026-01-02T03:04:05.678Z");
const drill: Drill = {
  name: "one",
  surface: "arm",
  principalId: null,
  fault: "throttled",
  probability: 1,
  seed: 7,
  retryAfterSeconds: 3,
  delayMs: 0,
  maxFaults: null,
  expiresOn: "2026-01-02T03:05:05.678Z",
};
const nobody = () => null;

function makeDrills() {
  const clock = { now: start };
  return { clock, drills: new Drills({ now: () => clock.now }) };
}

test("chance is spread evenly, and the same for the same seed and key", () => {
  const fractions = Array.from({ length: 10_000 }, (_, number) => fractionOf(7, String(number)));
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const count = fractions.filter((fraction) => Math.floor(fraction * 10) === tenth).length;
    assert.ok(count > 800 && count < 1_200, `${count} in tenth ${tenth}`);
  }
  assert.deepEqual(
    fractions,
    fractions.map((_, number) => fractionOf(7, String(number))),
  );
  assert.notEqual(fractionOf(7, "1"), fractionOf(8, "1"));
});

test("a drill of a part of the requests strikes the same ones every time it is run", () => {
  const strikes = () => {
    const { drills } = makeDrills();
    drills.start({ ...drill, probability: 0.3 });
    return Array.from({ length: 1_000 }, () => drills.meet(["arm"], nobody) !== undefined);
  };
  const first = strikes();
  assert.deepEqual(strikes(), first);
  const count = first.filter(Boolean).length;
  assert.ok(count > 200 && count < 400, String(count));
});

test("a drill meets its surface and its principal only, so often and so long as was said", () => {
  const { clock, drills } = makeDrills();
  assert.equal(drills.meet(["arm"], nobody), undefined);
  drills.start({ ...drill, principalId: "me", maxFaults: 2 });
  assert.equal(
    drills.meet(["blob"], () => "me"),
    undefined,
  );
  assert.equal(
    drills.meet(["arm"], () => "you"),
    undefined,
  );
  assert.equal(drills.meet(["arm"], () => "me")?.name, "one");
  assert.equal(drills.meet(["arm"], () => "me")?.name, "one");
  assert.equal(
    drills.meet(["arm"], () => "me"),
    undefined,
  );
  drills.start(drill);
  assert.equal(drills.meet(["arm"], nobody)?.name, "one");
  clock.now = new Date(start.getTime() + 60_000);
  assert.equal(drills.meet(["arm"], nobody), undefined);
  assert.deepEqual(drills.list(), []);
  clock.now = start;
  for (let number = 0; number < maxDrills; number += 1) assert.ok(drills.start({ ...drill, name: String(number) }));
  assert.equal(drills.start({ ...drill, name: "more" }), false);
});

test("an assignment takes effect after its delay, an older one counts at once, and nothing of the facts is changed", async (test) => {
  const { cloud, send, assign, close } = await startTrialCloud();
  test.after(close);
  const clock = { now: start };
  Object.assign(cloud.ports, { now: () => clock.now });
  const drills = new Drills(cloud.ports);
  Object.assign(cloud, { drills });
  const group = `/subscriptions/${trial.subscriptionId}/resourceGroups/rg1`;
  const read = async () => (await send("GET", `${group}?api-version=2021-04-01`, { as: trial.app })).status;
  await send("PUT", `${group}?api-version=2021-04-01`, { body: { location: "westeurope" } });
  clock.now = new Date(start.getTime() + 3_600_000);
  drills.setPropagation({
    seed: 1,
    assignments: { minSeconds: 30, maxSeconds: 30 },
    principals: { minSeconds: 0, maxSeconds: 0 },
  });
  await assign(trial.app, roles.reader, group);
  const before = cloud.model.access.assignmentCount;
  assert.equal(await read(), 403);
  assert.equal(cloud.model.access.assignmentCount, before);
  clock.now = new Date(clock.now.getTime() + 30_000);
  assert.equal(await read(), 200);
  await assign(trial.app, roles.contributor, group);
  assert.equal(await read(), 200);
  drills.setPropagation(null);
  assert.equal(await read(), 200);
});

test("a new principal is not found by assignments that do not name its type, for a while", async (test) => {
  const { cloud, send, close } = await startTrialCloud();
  test.after(close);
  const drills = new Drills(cloud.ports);
  Object.assign(cloud, { drills });
  const row = cloud.model.servicePrincipals.get(trial.app)!;
  Object.assign(row, { createdDateTime: trial.now });
  drills.setPropagation({
    seed: 1,
    assignments: { minSeconds: 0, maxSeconds: 0 },
    principals: { minSeconds: 5, maxSeconds: 10 },
  });
  const assign = (number: number, extra: object) =>
    send(
      "PUT",
      `/subscriptions/${trial.subscriptionId}/providers/Microsoft.Authorization/roleAssignments/bbbbbbbb-0000-4000-8000-00000000000${number}?api-version=2022-04-01`,
      {
        body: {
          properties: {
            roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${roles.reader}`,
            principalId: trial.app,
            ...extra,
          },
        },
      },
    );
  const refused = await assign(1, {});
  assert.deepEqual([refused.status, refused.json.error.code], [400, "PrincipalNotFound"]);
  assert.equal((await assign(2, { principalType: "ServicePrincipal" })).status, 201);
});
