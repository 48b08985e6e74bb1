import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countOverlapping, isExplained, realTime } from "./checker.ts";
import { replicaOrder, type SlotInput, type SlotOperation, type SlotOutput, slotModel } from "./promises.ts";

const staleMs = 100;

function operation(replica: string, from: number, to: number, input: SlotInput, output?: SlotOutput): SlotOperation {
  return { replica, invokedAtMs: from, returnedAtMs: output === undefined ? Infinity : to, input, output };
}
const create = (id: string): SlotInput => ({ kind: "create", id });
const remove = (id: string): SlotInput => ({ kind: "delete", id });
const read: SlotInput = { kind: "read" };
const linearizable = (history: readonly SlotOperation[]) => isExplained(history, slotModel, realTime);
const asPromised = (history: readonly SlotOperation[]) => isExplained(history, slotModel, replicaOrder(staleMs));

test("histories that one order explains", () => {
  assert.ok(linearizable([]));
  // Of two at once either may be first.
  assert.ok(linearizable([operation("a", 0, 10, create("x"), "refused"), operation("b", 0, 10, create("y"), "done")]));
  // A removal between two creations, all overlapping.
  assert.ok(
    linearizable([
      operation("a", 0, 30, create("x"), "done"),
      operation("b", 0, 30, create("y"), "done"),
      operation("a", 0, 30, remove("y"), "done"),
      operation("b", 40, 50, read, { found: "x" }),
    ]),
  );
  // One without an answer: it came about later, or not at all.
  assert.ok(linearizable([operation("a", 0, 0, create("x")), operation("b", 50, 60, create("y"), "refused")]));
  assert.ok(linearizable([operation("a", 0, 0, create("x")), operation("b", 50, 60, create("y"), "done")]));
});

test("histories that no order explains are rejected", () => {
  const twice = [operation("a", 0, 10, create("x"), "done"), operation("b", 5, 20, create("y"), "done")];
  assert.ok(!linearizable(twice), "two under one name");
  assert.ok(!asPromised(twice), "writes are not excused by staleness");
  const removedTwice = [
    operation("a", 0, 10, create("x"), "done"),
    operation("a", 20, 30, remove("x"), "done"),
    operation("b", 25, 40, remove("x"), "done"),
  ];
  assert.ok(!asPromised(removedTwice));
  assert.ok(!asPromised([operation("a", 0, 10, create("x"), "done"), operation("b", 20, 30, create("y"), "done")]));
  assert.ok(!asPromised([operation("b", 20, 30, create("y"), "refused")]), "refused by nobody");
  const refusedLate = [operation("a", 0, 10, create("x"), "done"), operation("b", 500, 510, remove("x"), "refused")];
  assert.ok(!asPromised(refusedLate), "not refused by what is older than the bound");
  const lost = [operation("a", 0, 10, create("x"), "done"), operation("b", 500, 510, read, { found: null })];
  assert.ok(!asPromised(lost), "an acknowledged write that is gone");
});

test("what replicas promise for reads, and no more than that", () => {
  const made = operation("a", 0, 10, create("x"), "done");
  assert.ok(asPromised([made, operation("b", 50, 60, read, { found: null })]), "another replica may be behind");
  assert.ok(!linearizable([made, operation("b", 50, 60, read, { found: null })]));
  assert.ok(asPromised([made, operation("b", 50, 60, remove("x"), "refused")]), "nor may it know what to remove");
  assert.ok(!asPromised([made, operation("a", 50, 60, read, { found: null })]), "the one that wrote knows at once");
  assert.ok(!asPromised([made, operation("a", 50, 60, remove("x"), "refused")]));
  assert.ok(!asPromised([made, operation("b", 150, 160, read, { found: null })]), "not behind by more than the bound");
  const away = isExplained(
    [made, operation("b", 250, 260, read, { found: null })],
    slotModel,
    replicaOrder(staleMs, [{ fromMs: 60, toMs: 200 }]),
  );
  assert.ok(away, "nor is it bound while the database is away");
  const later = isExplained(
    [made, operation("b", 350, 360, read, { found: null })],
    slotModel,
    replicaOrder(staleMs, [{ fromMs: 60, toMs: 200 }]),
  );
  assert.ok(!later, "but it is when it is back");
  const back = [operation("b", 20, 30, read, { found: "x" }), operation("b", 40, 50, read, { found: null })];
  assert.ok(!asPromised([made, ...back]), "a replica does not go back");
  assert.ok(asPromised([made, back[0]!, operation("c", 40, 50, read, { found: null })]));
});

/** Every order, tried without any skill. */
function isExplainedNaively(history: readonly SlotOperation[]): boolean {
  const tryFrom = (left: readonly SlotOperation[], state: string | null): boolean => {
    if (left.every(({ output }) => output === undefined)) return true;
    return left.some((one) => {
      const rest = left.filter((other) => other !== one);
      if (rest.some((other) => other.output !== undefined && realTime(other, one))) return false;
      const [expected, next] = slotModel.step(state, one.input);
      return (one.output === undefined || slotModel.agrees(one.output, expected)) && tryFrom(rest, next);
    });
  };
  return tryFrom(history, null);
}

const someInput = fc.oneof(
  fc.constantFrom("x", "y").map(create),
  fc.constantFrom("x", "y").map(remove),
  fc.constant(read),
);
const someOutput = (input: SlotInput) =>
  input.kind === "read"
    ? fc.constantFrom<SlotOutput>({ found: null }, { found: "x" }, { found: "y" })
    : fc.constantFrom<SlotOutput | undefined>("done", "refused", undefined);
const someOperation = fc
  .tuple(someInput, fc.nat(20), fc.nat(10), fc.constantFrom("a", "b"))
  .chain(([input, from, length, replica]) =>
    someOutput(input).map((output) => operation(replica, from, from + length, input, output)),
  );

test("the search agrees with trying every order", () => {
  let explained = 0;
  fc.assert(
    fc.property(fc.array(someOperation, { maxLength: 6 }), (history) => {
      const expected = isExplainedNaively(history);
      explained += Number(expected);
      assert.equal(linearizable(history), expected);
    }),
    { numRuns: 2000, seed: 9 },
  );
  assert.ok(explained > 100 && explained < 1900);
});

test("what was done one after another and told with overlaps is explained; with one answer turned round, mostly not", () => {
  let rejected = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(someInput, fc.nat(15)), { minLength: 8, maxLength: 40 }), fc.nat(), (acts, which) => {
      let state: string | null = null;
      const history = acts.map(([input, spread], index): SlotOperation => {
        const [output, next] = slotModel.step(state, input);
        state = next;
        return operation("a", index * 10 - spread, index * 10 + spread, input, output);
      });
      assert.ok(linearizable(history));
      const at = which % history.length;
      const { output, ...rest } = history[at]!;
      const turned =
        output === "done" ? "refused" : output === "refused" ? "done" : ({ found: "never there" } as const);
      if (!linearizable(history.with(at, { ...rest, output: turned }))) rejected += 1;
    }),
    { numRuns: 200, seed: 9 },
  );
  assert.ok(rejected > 120, `${rejected} of 200`);
});

test("overlaps are counted", () => {
  assert.equal(
    countOverlapping([operation("a", 0, 10, read, { found: null }), operation("a", 5, 15, read, { found: null })]),
    2,
  );
  assert.equal(
    countOverlapping([operation("a", 0, 10, read, { found: null }), operation("a", 11, 15, read, { found: null })]),
    0,
  );
});
