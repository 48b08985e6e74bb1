import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccessChange, NamedPrincipal } from "../../api/insight.ts";
import { layOut, neighbourOf } from "./layout.ts";

const principals: readonly NamedPrincipal[] = [
  { id: "ada", type: "User", displayName: "Ada", appId: null },
  { id: "bob", type: "User", displayName: "Bob", appId: null },
  { id: "team", type: "Group", displayName: "Team", appId: null },
  { id: "all", type: "Group", displayName: "All", appId: null },
];

function way(principalId: string, via: readonly string[], assignmentId: string, scope: string): AccessChange {
  const holderId = via.at(-1) ?? principalId;
  const role = { roleDefinitionId: "role", roleName: "Reader", condition: null };
  return { change: "gained", principalId, via, assignmentId, scope, holderId, ...role };
}

const ways = [
  way("ada", ["team", "all"], "one", "/subscriptions/s"),
  way("bob", ["all"], "one", "/subscriptions/s"),
  way("bob", [], "two", "/subscriptions/s/resourceGroups/g"),
];

test("each node stands right of all it is reached from", () => {
  const { nodes, edges, columns } = layOut(ways, principals);
  assert.deepEqual(
    columns.map(({ kind }) => kind),
    ["principal", "group", "group", "role", "scope"],
  );
  for (const { from, to } of edges) assert.ok(from.column < to.column, `${from.key} > ${to.key}`);
  // A group that is reached at once and through another stands where the longer way takes it.
  assert.equal(nodes.find(({ key }) => key === "group all")?.column, 2);
});

test("what several ways share is there once, and knows them", () => {
  const { nodes } = layOut(ways, principals);
  assert.deepEqual(nodes.find(({ key }) => key === "group all")?.ways, [0, 1]);
  assert.equal(nodes.filter(({ kind }) => kind === "role").length, 2);
  assert.equal(nodes.length, 8);
  assert.equal(new Set(nodes.map(({ x, y }) => `${x} ${y}`)).size, nodes.length, "none covers another");
});

test("a node is gained or lost when all that passes it was", () => {
  const [first, ...rest] = ways;
  const { nodes } = layOut([{ ...first!, change: "lost" }, ...rest], principals);
  const changes = new Map(nodes.map(({ key, change }) => [key, change]));
  assert.equal(changes.get("principal ada"), "lost");
  assert.equal(changes.get("principal bob"), "gained");
  assert.equal(changes.get("group all"), "mixed");
});

test("arrow keys lead along the lines and within a column", () => {
  const layout = layOut(ways, principals);
  const node = (key: string) => layout.nodes.find((one) => one.key === key)!;
  assert.equal(neighbourOf(layout, node("principal ada"), "ArrowRight")?.key, "group team");
  assert.equal(neighbourOf(layout, node("group team"), "ArrowLeft")?.key, "principal ada");
  assert.equal(neighbourOf(layout, node("principal ada"), "ArrowDown")?.key, "principal bob");
  assert.equal(neighbourOf(layout, node("principal ada"), "ArrowUp"), undefined);
  assert.equal(neighbourOf(layout, node("principal ada"), "a"), undefined);
});

test("nothing is drawn of nothing", () => {
  const { nodes, edges, columns } = layOut([], principals);
  assert.deepEqual([nodes, edges, columns], [[], [], []]);
});
