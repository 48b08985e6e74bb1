import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import type { Answer, OutputFormat } from "../command/command.ts";
import { CliFault } from "../faults.ts";
import { renderAnswer } from "./output.ts";
import { compileQuery } from "./query.ts";
import { formatYaml } from "./yaml.ts";

function render(answer: Answer, format?: OutputFormat, query?: string): Promise<string> {
  const compiled = query === undefined ? undefined : compileQuery(query);
  return renderAnswer(answer, { format, query: compiled, hasColor: false });
}

const groups = [
  { name: "rg1", location: "westeurope", id: "/subscriptions/x", tags: null, properties: { state: "Succeeded" } },
  { name: "a-longer-name", location: "eastus", id: "/subscriptions/y", managedBy: "me", tags: { a: "b" } },
];

test("json is indented by two, with sorted keys, and empty collections on one line", async () => {
  assert.equal(
    await render({ data: { b: [], a: { d: 1, c: null }, é: "é" } }),
    '{\n  "a": {\n    "c": null,\n    "d": 1\n  },\n  "b": [],\n  "é": "é"\n}\n',
  );
});

test("a table has a column for each scalar, sorted, without id, with tabulate's widths", async () => {
  assert.equal(
    await render({ data: groups }, "table"),
    [
      "Location    Name           ManagedBy",
      "----------  -------------  -----------",
      "westeurope  rg1",
      "eastus      a-longer-name  me",
      "",
    ].join("\n"),
  );
});

test("a query's own order of columns counts, in tables and in tsv", async () => {
  const query = "[].{Name:name, At:location}";
  assert.equal(
    await render({ data: groups }, "table", query),
    "Name           At\n-------------  ----------\nrg1            westeurope\na-longer-name  eastus\n",
  );
  assert.equal(await render({ data: groups }, "tsv", query), "rg1\twesteurope\na-longer-name\teastus\n");
});

test("a command's own rows choose the columns, and the header of a narrow column is padded by two", async () => {
  const toRows = (data: typeof groups) => data.map((row) => ({ Name: row.name, id: row.id }));
  assert.equal(
    await render({ data: [groups[0]], toRows: toRows as never }, "table"),
    "Name    Id\n------  ----------------\nrg1     /subscriptions/x\n",
  );
});

test("tables of texts, of lists and of nothing", async () => {
  assert.equal(await render({ data: ["a", "b"] }, "table"), "Result\n--------\na\nb\n");
  assert.equal(
    await render({ data: [["a", 1], ["b"]] }, "table"),
    "Column1    Column2\n---------  ---------\na          1\nb\n",
  );
  assert.equal(await render({ data: [] }, "table"), "\n");
  assert.equal(
    await render({ data: { A: "x", Long: "multi\nline" } }, "table"),
    "A    Long\n---  ------\nx    multi\n     line\n",
  );
});

test("tsv prints Python's words and an object's values by the order of their names", async () => {
  const data = [{ b: 1, a: null, c: true, d: [1, 2], e: {} }, true, null, [true, 1]];
  assert.equal(await render({ data }, "tsv"), "None\t1\tTrue\t2\t\ntrue\nNone\nTrue\t1\n");
});

test("null prints nothing, in every format", async () => {
  for (const format of ["json", "table", "tsv", "yaml", "none"] as const) {
    assert.equal(await render({ data: groups }, format, "[0].nope"), "");
  }
});

test("a command's text is for people only: any --output or --query gives the data", async () => {
  const answer = { data: { a: 1 }, text: "hello\n" };
  assert.equal(await render(answer), "hello\n");
  assert.equal(await render(answer, "tsv"), "1\n");
  assert.equal(await render(answer, undefined, "a"), "1\n");
});

test("yaml: sorted, lists not indented, what 1.1 would misread is quoted", () => {
  const data = [{ b: ["x", { c: 1 }], a: "yes", d: "2024-01-01T00:00:00Z", e: null, f: "1", g: [], h: {} }];
  assert.equal(
    formatYaml(data),
    "- a: 'yes'\n  b:\n  - x\n  - c: 1\n  d: '2024-01-01T00:00:00Z'\n  e: null\n  f: '1'\n  g: []\n  h: {}\n",
  );
});

test("yaml reads back as what was written", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (made) => {
      // What comes over the wire is parsed JSON, which has no -0.
      const value = JSON.parse(JSON.stringify(made));
      assert.deepEqual(parse(formatYaml(value), { version: "1.1" }), value);
    }),
    { numRuns: 200 },
  );
});

test("json reads back as what was written, whatever the keys", () => {
  return fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      if (value === null) return;
      assert.deepEqual(JSON.parse(await render({ data: value })), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("the walkthrough's query: one row a role, sorted by name in code point order", async () => {
  const roles = ["b", "Z", "A", "é", "z"].map((roleName) => ({ roleName, description: `${roleName} role`, id: "x" }));
  const query = "sort_by([].{roleName:roleName, description:description}, &roleName)";
  const lines = (await render({ data: roles }, "table", query)).split("\n");
  assert.match(lines[0]!, /^RoleName +Description$/);
  assert.deepEqual(
    lines.slice(2, -1).map((line) => line.split(/ +/)[0]),
    ["A", "Z", "b", "z", "é"],
  );
});

test("a literal that is not JSON is a text, as old queries have it", async () => {
  assert.equal(await render({ data: groups }, "tsv", "[?name==`rg1`].location"), "westeurope\n");
  assert.equal(await render({ data: [{ n: 1 }, { n: 2 }] }, "tsv", "[?n==`2`].n"), "2\n");
});

test("a query that cannot be read is a usage fault, one that cannot be run is a failure", async () => {
  const isFault = (kind: string) => (error: unknown) => error instanceof CliFault && error.kind === kind;
  assert.throws(() => compileQuery("[].{"), isFault("usage"));
  await assert.rejects(render({ data: [{ a: null }] }, "json", "sort_by([], &a)"), isFault("failure"));
});
