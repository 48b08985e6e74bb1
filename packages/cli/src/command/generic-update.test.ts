import assert from "node:assert/strict";
import { test } from "node:test";
import { applyGenericUpdate, type GenericUpdate } from "./generic-update.ts";

const nothing: GenericUpdate = { set: undefined, add: undefined, remove: undefined, forceString: false };

function update(target: Record<string, unknown>, change: Partial<GenericUpdate>) {
  applyGenericUpdate(target, { ...nothing, ...change });
  return target;
}

test("--set reads JSON where it can, follows dots, indexes and filters, and fills in what is null", () => {
  const target = { web: null, roles: [{ value: "a", on: true }, { value: "b" }], n: [1, 2] };
  assert.deepEqual(
    update(target, { set: ["web.homePageUrl=https://x.example?a=b", "roles[value=b].on=false", "n[1]=7", "t=text"] }),
    {
      web: { homePageUrl: "https://x.example?a=b" },
      roles: [
        { value: "a", on: true },
        { value: "b", on: false },
      ],
      n: [1, 7],
      t: "text",
    },
  );
  assert.deepEqual(update({}, { set: ["a=12"], forceString: true }), { a: "12" });
});

test("--add takes values and key=value pairs, --remove a property or an element", () => {
  const target = { uris: ["x"], gone: 1 };
  update(target, { add: ["uris", "y", "k=v", "l=w", "3"], remove: ["gone"] });
  assert.deepEqual(target, { uris: ["x", "y", { k: "v", l: "w" }, 3] });
  assert.deepEqual(update({ list: [1, 2, 3] }, { remove: ["list", "1"] }), { list: [1, 3] });
});

test("what is not there is refused in az's words, and __proto__ is a name like any other", () => {
  assert.throws(() => update({ b: 1 }, { set: ["web.x=1"] }), /Couldn't find 'web' in ''\. Available options: \['b'\]/);
  assert.throws(() => update({ b: 1 }, { remove: ["a"] }), /Couldn't find 'a' in ''\. Available options: \['b'\]/);
  assert.throws(() => update({ l: [] }, { remove: ["l", "0"] }), /index 0 doesn't exist on l/);
  update({}, { set: ['__proto__={"isPolluted":true}'] });
  assert.equal(({} as { isPolluted?: boolean }).isPolluted, undefined);
});
