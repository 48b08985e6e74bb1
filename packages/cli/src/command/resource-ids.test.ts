import assert from "node:assert/strict";
import { test } from "node:test";
import { CliFault, exitCodeOf, notFound } from "../faults.ts";
import { type Context, defineCommand, type Option } from "./command.ts";
import { byResourceId } from "./resource-ids.ts";

const type = "Microsoft.Test/things";
const text = (flag: string, required: boolean): Option => ({ kind: "text", flags: [flag], summary: "", required });
const idOf = (name: string, subscription = "s1") =>
  `/subscriptions/${subscription}/resourceGroups/g1/providers/Microsoft.Test/things/${name}`;

const show = byResourceId(
  type,
  defineCommand({
    options: { name: text("--name", true), resourceGroup: text("--resource-group", true) },
    examples: [],
    run: async ({ globals }, { name, resourceGroup }) => {
      if (name === "none") throw notFound("There is none.");
      return { data: [globals.subscription, resourceGroup, name] };
    },
  }),
);

async function run(args: Record<string, unknown>, subscription?: string) {
  const warned: string[] = [];
  const context = { globals: { subscription }, notes: { warn: (line: string) => warned.push(line) } };
  const answer = await show.run(context as unknown as Context, args, { positionals: [], rest: [] });
  return { data: answer.data, warned };
}

test("without an id, name and group are needed, in az's words and with its exit code", async () => {
  for (const [args, message] of [
    [{}, "(--resource-group --name | --ids) are required"],
    [{ resourceGroup: "g" }, "(--name | --ids) are required"],
  ] as const) {
    const isAz = (fault: unknown) => fault instanceof CliFault && fault.message === message && exitCodeOf(fault) === 1;
    await assert.rejects(run(args), isAz);
  }
  assert.deepEqual((await run({ resourceGroup: "g", name: "n" }, "s")).data, ["s", "g", "n"]);
});

test("an id stands for name, group and subscription; what else was said of them is ignored, and that is said", async () => {
  const { data, warned } = await run({ ids: [idOf("one")], name: "other" }, "elsewhere");
  assert.deepEqual(data, ["s1", "g1", "one"]);
  assert.deepEqual(
    warned.map((line) => line.split("'")[1]),
    ["--name", "--subscription"],
  );
});

test("several ids answer with a list; one that fails is said, and fails the command only when all do", async () => {
  assert.deepEqual((await run({ ids: [idOf("one"), idOf("two", "s2")] })).data, [
    ["s1", "g1", "one"],
    ["s2", "g1", "two"],
  ]);
  const partly = await run({ ids: [idOf("none"), idOf("two")] });
  assert.deepEqual(partly.data, [["s1", "g1", "two"]]);
  assert.deepEqual(partly.warned, [`${idOf("none")}: "There is none."`]);
  await assert.rejects(run({ ids: [idOf("none"), idOf("none")] }), (fault) => exitCodeOf(fault) === 3);
});

test("what is no id, or another resource's, is refused before anything is asked", async () => {
  for (const id of [
    "",
    "one",
    idOf(""),
    `${idOf("one")}/more`,
    idOf("one").replace("things", "others"),
    `x${idOf("one")}`,
  ])
    await assert.rejects(run({ ids: [idOf("two"), id] }), /invalid resource ID/, id);
  assert.deepEqual((await run({ ids: [idOf("one").toUpperCase()] })).data, ["S1", "G1", "ONE"]);
});
