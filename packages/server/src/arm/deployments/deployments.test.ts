import assert from "node:assert/strict";
import { test } from "node:test";
import { Evaluation } from "./evaluation.ts";
import { parseExpression } from "./expression.ts";
import type { Value } from "./functions.ts";
import { makePlain } from "./loose-json.ts";
import { runTemplate, type Template } from "./run.ts";

const place = {
  subscriptionId: "11111111-1111-4111-8111-111111111111",
  subscriptionName: "Test",
  tenantId: "22222222-2222-4222-8222-222222222222",
  group: { name: "rg", location: "westeurope" },
};
const base = `/subscriptions/${place.subscriptionId}/resourceGroups/rg`;

function evaluate(source: unknown, parameters: Record<string, Value> = {}, variables: Record<string, unknown> = {}) {
  const reference = async () => ({ it: "is" });
  const known = new Map(Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), value]));
  return new Evaluation({ place, deploymentName: "d", parameters: known, variables, reference }).value(source);
}

test("expressions: calls, members, indexes, quotes; a text in brackets doubled is a text", async () => {
  const cases: readonly (readonly [unknown, unknown])[] = [
    ["plain", "plain"],
    ["[[plain]", "[plain]"],
    ["[concat('it''s ', parameters('n'))]", "it's x"],
    ["[variables('v').list[1]]", 2],
    ["[resourceGroup().location]", "westeurope"],
    ["[resourceId('Microsoft.Storage/storageAccounts', 'a')]", `${base}/providers/Microsoft.Storage/storageAccounts/a`],
    [
      "[resourceId('other', 'Microsoft.Storage/storageAccounts', 'a')]",
      `${base.replace(/rg$/, "other")}/providers/Microsoft.Storage/storageAccounts/a`,
    ],
    ["[if(equals(1, 1), 'yes', variables('missing'))]", "yes"],
    ["[length(createArray(1, 2, 3))]", 3],
    ["[format('{0}-{1}', 'a', 7)]", "a-7"],
    ["[union(createObject('a', 1), createObject('b', 2))]", { a: 1, b: 2 }],
    [{ deep: ["[toUpper('x')]"] }, { deep: ["X"] }],
  ];
  for (const [source, expected] of cases) {
    assert.deepEqual(await evaluate(source, { n: "x" }, { v: { list: [1, "[add(1, 1)]"] } }), expected, String(source));
  }
  assert.equal(await evaluate("[guid('a', 'b')]"), await evaluate("[guid('a', 'b')]"));
  assert.match(
    String(await evaluate("[guid('a')]")),
    /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

test("what cannot be read or is not known is refused, and nothing runs for ever", async () => {
  for (const source of [
    "[concat(]",
    "[nonsense()]",
    "[parameters('none')]",
    "[variables('none')]",
    "[1 + 1]",
    `[${"(".repeat(100)}]`,
  ]) {
    await assert.rejects(evaluate(source), /template-invalid/, source);
  }
  await assert.rejects(
    evaluate("[variables('a')]", {}, { a: "[variables('b')]", b: "[variables('a')]" }),
    /template-invalid/,
  );
  assert.throws(() => parseExpression(`[${"f(".repeat(2000)}${")".repeat(2000)}]`), /template-invalid/);
});

test("az's own JSON is made plain: comments, a bare name, line ends in texts, a comma too many", () => {
  const text = '{"a": 1, /* x: 1 */ template:{"b": "one // no\ntwo", // y\n "c": [1, 2,],}}';
  assert.deepEqual(JSON.parse(makePlain(text)), { a: 1, template: { b: "one // no\ntwo", c: [1, 2] } });
});

test("resources are made after what they need; the first that fails ends the deployment, and says which", async () => {
  const made: string[] = [];
  const run = (template: Template, failing = "") =>
    runTemplate({
      template,
      parameters: {},
      place,
      deploymentName: "d",
      placeOf: () => place,
      send: async (method, path) => {
        if (method === "PUT") made.push(path.split("/").at(-1)!);
        if (failing !== "" && path.endsWith(failing))
          return { status: 403, body: { error: { code: "AuthorizationFailed", message: "no" } } };
        return { status: 200, body: { properties: { principalId: "p" } } };
      },
    });
  const resource = (name: string, more: object = {}) => ({
    type: "Microsoft.ManagedIdentity/userAssignedIdentities",
    apiVersion: "2023-01-31",
    name,
    ...more,
  });
  const template: Template = {
    resources: [
      resource("third", { dependsOn: ["[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'second')]"] }),
      resource("second", { tags: { p: "[reference('first').principalId]" } }),
      resource("first"),
      resource("never", { condition: false }),
    ],
    outputs: { who: { type: "string", value: "[reference('first').principalId]" } },
  };
  const done = await run(template);
  assert.deepEqual(made, ["first", "second", "third"]);
  assert.deepEqual([done.failure, done.outputs], [undefined, { who: { type: "string", value: "p" } }]);
  made.length = 0;
  const failed = await run(template, "second");
  assert.deepEqual(made, ["first", "second"]);
  assert.equal(failed.failure?.code, "AuthorizationFailed");
  const circle = { resources: [resource("a", { dependsOn: ["b"] }), resource("b", { dependsOn: ["a"] })] };
  await assert.rejects(run(circle), /template-invalid/);
});

test("a copy loop makes each of its turns; a trial of a template makes nothing", async () => {
  const template: Template = {
    resources: [
      {
        type: "Microsoft.Storage/storageAccounts",
        apiVersion: "2023-05-01",
        name: "[concat('a', copyIndex(1))]",
        copy: { name: "loop", count: "[int('3')]" },
      },
    ],
    outputs: { one: { type: "string", value: "[reference('a1').primaryEndpoints.blob]" } },
  };
  const result = await runTemplate({
    template,
    parameters: {},
    place,
    deploymentName: "d",
    placeOf: () => place,
    send: "nothing",
  });
  assert.deepEqual(
    result.resourceIds.map((id) => id.split("/").at(-1)),
    ["a1", "a2", "a3"],
  );
});
