/** Batches: each part by itself, in order, and no way out of the batch's own host, version or identity. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
before(async () => {
  graph = await TrialGraph.start();
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

type Part = {
  readonly id: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: never;
};

async function batch(requests: unknown, as = "operator", path = "/$batch") {
  const answer = await graph.ask(path, { as, body: { requests } });
  const parts: Part[] = answer.body.responses ?? [];
  return { ...answer, parts: new Map(parts.map((part) => [part.id, part])) };
}
const json = { "Content-Type": "application/json" };

test("parts are answered as if each had come by itself", async () => {
  const { status, body, parts } = await batch([
    { id: "Me", method: "GET", url: "/me?$select=id" },
    {
      id: "2",
      method: "get",
      url: "users?$filter=startswith(userPrincipalName,'oper')&$count=true&$select=id",
      headers: { consistencylevel: "eventual" },
    },
    { id: "3", method: "POST", url: "/applications", headers: json, body: { displayName: "batched" } },
    { id: "4", method: "GET", url: "/nothing" },
    { id: "5", method: "GET", url: "/users/$count", headers: { ConsistencyLevel: "eventual" } },
    { id: "6", method: "POST", url: "/applications", headers: json, body: { colour: 1 } },
    { id: "7", method: "POST", url: "/applications" },
  ]);
  assert.equal(status, 200);
  assert.equal(body["@odata.context"], undefined);
  assert.deepEqual(
    [...parts.values()].map((part) => [part.id, part.status]),
    [
      ["Me", 200],
      ["2", 200],
      ["3", 201],
      ["4", 400],
      ["5", 200],
      ["6", 400],
      ["7", 400],
    ],
  );
  assert.deepEqual(parts.get("Me")!.body, {
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users(id)/$entity",
    id: graph.directory.operatorUser.id,
  });
  assert.equal(parts.get("2")!.body!["@odata.count"], 1);
  assert.match(parts.get("3")!.headers.Location ?? "", /^https:\/\/graph\.microsoft\.com\/v2\//);
  assert.match(parts.get("3")!.headers["Content-Type"] ?? "", /^application\/json/);
  assert.equal(Buffer.from(String(parts.get("5")!.body), "base64").toString(), "1");
  assert.deepEqual(parts.get("5")!.headers["Content-Type"], "text/plain");
});

test("a part's version is the batch's", async () => {
  const { parts } = await batch([{ id: "1", method: "GET", url: "/me" }], "operator", "/beta/$batch");
  assert.match(parts.get("1")!.body!["@odata.context"], /\/beta\/\$metadata/);
});

test("each part is decided by itself; a failed one stops none but those that depend on it", async () => {
  await graph.addApp("powerless");
  const { status, parts } = await batch(
    [
      { id: "1", method: "GET", url: "/users" },
      { id: "2", method: "GET", url: "/me" },
      { id: "3", method: "POST", url: "/applications", headers: json, body: { displayName: "x" } },
    ],
    "powerless",
  );
  assert.equal(status, 200);
  assert.deepEqual(
    [...parts.values()].map((part) => part.status),
    [403, 400, 403],
  );
  assert.equal((await batch([{ id: "1", method: "GET", url: "/me" }], "")).status, 401);

  const before = graph.cloud.model.revision;
  const chain = await batch([
    { id: "a", method: "GET", url: "/nothing" },
    { id: "b", dependsOn: ["A"], method: "POST", url: "/applications", headers: json, body: { displayName: "x" } },
    { id: "c", dependsOn: ["b"], method: "POST", url: "/applications", headers: json, body: { displayName: "x" } },
  ]);
  assert.deepEqual(
    [...chain.parts.values()].map((part) => part.status),
    [400, 424, 424],
  );
  assert.equal(graph.cloud.model.revision, before);
  const fan = await batch([
    { id: "a", method: "GET", url: "/me" },
    { id: "b", dependsOn: ["a"], method: "GET", url: "/me" },
    { id: "c", dependsOn: ["a"], method: "GET", url: "/me" },
  ]);
  assert.deepEqual(
    [...fan.parts.values()].map((part) => part.status),
    [200, 200, 200],
  );
});

const make = { method: "POST", url: "/applications", headers: json, body: { displayName: "must not be made" } };
const part = { id: "1", ...make };
const get = (id: string, more: object = {}) => ({ id, method: "GET", url: "/me", ...more });

const refused: readonly [string, unknown, RegExp?][] = [
  ["no requests", undefined],
  ["none", []],
  ["an object", {}],
  ["21", Array.from({ length: 21 }, (_, index) => ({ ...part, id: String(index) })), /maximum of 20/],
  ["a part that is no object", [part, "x"]],
  ["no id", [part, make], /no valid id/],
  ["a number for an id", [{ ...part, id: 1 }]],
  ["an id of 1,000", [{ ...part, id: "x".repeat(1000) }]],
  ["one id twice, with case or without", [part, { ...get("a") }, { ...get("A") }], /not unique/],
  ["no method", [{ id: "1", url: "/me" }], /no valid method/],
  ["a method of one's own", [{ ...get("1"), method: "BREW" }]],
  ["another host", [part, get("2", { url: "https://evil.test/v1.0/me" })], /no valid relative URL/],
  ["another host without scheme", [part, get("2", { url: "//evil.test/me" })], /relative/],
  ["Graph itself by its whole address", [part, get("2", { url: "https://graph.microsoft.com/v1.0/me" })], /relative/],
  ["a file", [part, get("2", { url: "file:///etc/passwd" })], /relative/],
  ["a backslash", [part, get("2", { url: "/\\evil.test" })], /relative/],
  ["a fragment", [part, get("2", { url: "/me#x" })], /relative/],
  ["a line break in the address", [part, get("2", { url: "/me\r\nHost: evil" })], /relative/],
  ["an address that is a number", [part, get("2", { url: 5 })], /relative/],
  ["an address of 20,000", [part, get("2", { url: `/${"x".repeat(20_000)}` })], /relative/],
  [
    "a token of its own",
    [part, get("2", { headers: { Authorization: "Bearer operator" } })],
    /authorized by the batch's own/,
  ],
  ["a cookie", [part, get("2", { headers: { cookie: "a=b" } })], /Cookie|cookie/],
  ["a line break in a header", [part, get("2", { headers: { prefer: "a\r\nx: y" } })], /invalid headers/],
  ["a line break in a header's name", [part, get("2", { headers: { "a\r\nb": "x" } })], /invalid headers/],
  ["a header that is a number", [part, get("2", { headers: { prefer: 1 } })], /invalid headers/],
  ["a header twice", [part, get("2", { headers: { prefer: "a", Prefer: "b" } })], /invalid headers/],
  [
    "a body without its type",
    [part, { id: "2", method: "POST", url: "/groups", body: {} }],
    /Write request id : 2 does not contain/,
  ],
  ["a dependency on what is not there", [part, get("2", { dependsOn: ["9"] })], /Invalid dependency/],
  ["a dependency on itself", [part, get("2", { dependsOn: ["2"] })], /Invalid dependency/],
  ["a dependency on a later one", [part, get("2", { dependsOn: ["3"] }), get("3")], /Invalid dependency/],
  ["a ring", [get("1", { dependsOn: ["2"] }), get("2", { dependsOn: ["1"] })], /Invalid dependency/],
  ["half in sequence", [part, get("2"), get("3", { dependsOn: ["2"] })], /fully sequential or fully parallel/],
];
for (const [name, requests, message] of refused)
  test(`nothing is carried out of a batch with ${name}`, async () => {
    const before = graph.cloud.model.revision;
    const { status, body } = await batch(requests);
    assert.deepEqual([status, body.error.code], [400, "BadRequest"]);
    if (message !== undefined) assert.match(body.error.message, message);
    assert.equal(graph.cloud.model.revision, before);
  });

test("a batch within a batch is refused, and only it", async () => {
  const nested = { requests: [part] };
  const before = graph.cloud.model.revision;
  for (const url of ["/$batch", "$batch", "/%24batch", "/x//$batch"]) {
    const { status, parts } = await batch([{ id: "1", method: "POST", url, headers: json, body: nested }, get("2")]);
    assert.equal(status, 200);
    const statuses = [...parts.values()].map((one) => one.status);
    assert.deepEqual(statuses, [400, 200], url);
  }
  assert.equal(graph.cloud.model.revision, before);
});

test("no part leaves its version or its host by dots and percent signs", async () => {
  const urls = [
    "/../beta/me",
    "/%2e%2e/beta/me",
    "/v1.0/me",
    "/..%2f..%2fcommon/oauth2/token",
    "/%5c%5cevil.test/x",
    "/?x",
    "/",
  ];
  const { status, parts } = await batch(urls.map((url, index) => get(String(index), { url })));
  assert.equal(status, 200);
  for (const one of parts.values()) assert.ok(one.status === 400 || one.status === 501, `${one.id}: ${one.status}`);
});

test("a part asks for no page as large as a request may", async () => {
  for (let index = 0; index < 101; index++)
    await graph.ask("/applications", { body: { displayName: `many-${index}` } });
  const { parts } = await batch([get("1", { url: "/applications?$top=999&$select=id" })]);
  const { value, ...rest } = parts.get("1")!.body as unknown as { value: unknown[]; "@odata.nextLink": string };
  assert.equal(value.length, 100);
  const next = await graph.ask(rest["@odata.nextLink"].slice("https://graph.microsoft.com".length));
  assert.ok(next.body.value.length >= 2, next.text);
  assert.equal(next.body["@odata.nextLink"], undefined);
});
