/** What a client can get wrong in paths, queries and headers (in bodies: bad-bodies.test.ts): Azure's error for it, nothing written, no stack trace, the next request is answered. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertRefused, TrialGraph } from "./trial-graph.ts";

let graph: TrialGraph;
let appId: string;
let objectId: string;
before(async () => {
  graph = await TrialGraph.start();
  ({ id: objectId, appId } = await graph.addApp("target"));
});
after(async () => {
  await graph.stop();
  assert.deepEqual(graph.defects, []);
});

const queries: readonly [string, string, number, string, RegExp?][] = [
  ["broken filter", "$filter=displayName eq", 400, "BadRequest", /^Invalid filter clause: Syntax error at position 14/],
  ["unclosed string", "$filter=displayName eq 'x", 400, "BadRequest"],
  ["empty filter", "$filter=", 400, "BadRequest"],
  ["filter 1,000 deep", `$filter=${"(".repeat(1000)}displayName eq 'x'${")".repeat(1000)}`, 400, "BadRequest"],
  ["filter of 5,000 characters", `$filter=displayName eq '${"x".repeat(5000)}'`, 400, "BadRequest"],
  [
    "contains",
    "$filter=contains(displayName,'x')",
    400,
    "Request_UnsupportedQuery",
    /'displayName' of resource 'Application'/,
  ],
  ["unknown property", "$filter=colour eq 'red'", 400, "BadRequest", /Could not find a property named 'colour'/],
  ["no header", "$filter=displayName ne 'x'", 400, "Request_UnsupportedQuery"],
  ["types", "$filter=displayName eq 5", 400, "BadRequest", /incompatible types/],
  [
    "16 alternatives",
    `$filter=${Array(16).fill("displayName eq 'x'").join(" or ")}`,
    400,
    "Request_UnsupportedQuery",
    /Max allowed: 15/,
  ],
  [
    "51 clauses",
    `$filter=${Array(51).fill("displayName eq 'x'").join(" and ")}`,
    400,
    "BadRequest",
    /more than 50 clauses/,
  ],
  [
    "51 clauses within lambdas",
    `$filter=${Array(17).fill("tags/any(t:t eq 'a' or t eq 'b' or t eq 'c')").join(" and ")}`,
    400,
    "BadRequest",
    /more than 50 clauses/,
  ],
  ["appId that is no GUID", "$filter=appId eq 'x'", 400, "Request_BadRequest"],
  ["filter without its dollar", "filter=colour eq 'red'", 400, "BadRequest"],
  ["unknown in $select", "$select=colour", 400, "BadRequest", /^Parsing OData Select and Expand failed/],
  ["empty $select", "$select=", 400, "BadRequest"],
  ["$top of nothing", "$top=0", 400, "Request_UnsupportedQuery"],
  ["$top of a thousand", "$top=1000", 400, "Request_UnsupportedQuery"],
  ["$top that is no number", "$top=many", 400, "BadRequest"],
  ["$skip", "$skip=5", 400, "BadRequest"],
  ["$expand of nothing known", "$expand=colours", 400, "BadRequest", /^Parsing OData Select and Expand failed/],
  ["$expand of a property", "$expand=displayName", 400, "BadRequest", /not a relationship/],
  ["$expand within $expand", "$expand=owners($expand=memberOf)", 400, "BadRequest", /only \$select/],
  ["$expand of many levels", "$expand=owners($levels=max)", 400, "BadRequest", /only \$select/],
  ["$expand 50 deep", `$expand=${"owners($expand=".repeat(50)}owners${")".repeat(50)}`, 400, "BadRequest"],
  ["$expand twice the same", "$expand=owners,Owners", 400, "BadRequest", /twice/],
  ["$expand of 5", "$expand=a,b,c,d,e", 400, "BadRequest", /more than 4/],
  ["empty $expand", "$expand=", 400, "BadRequest"],
  ["$expand that does not end", "$expand=owners(", 400, "BadRequest"],
  ["$select of another object's", "$select=passwordHash", 400, "BadRequest"],
  ["$select within $expand that is no name", "$expand=owners($select=id)$top=1)", 400, "BadRequest"],
  ["$search without its header", '$search="displayName:x"', 400, "Request_UnsupportedQuery", /^Request with \$search/],
  ["unknown option", "$colour=red", 400, "BadRequest"],
  ["$filter twice", "$filter=displayName eq 'a'&$filter=displayName eq 'b'", 400, "BadRequest", /more than once/],
  ["$orderby of what has no order", "$orderby=appId", 400, "Request_UnsupportedQuery"],
  ["$orderby of nothing known", "$orderby=colour", 400, "BadRequest"],
  ["$count that is neither", "$count=maybe", 400, "BadRequest"],
  ["XML", "$format=atom", 400, "BadRequest"],
  ["made-up token", "$skiptoken=abc", 400, "Request_BadRequest", /skip token/],
];

for (const [name, query, status, code, message] of queries)
  test(`query: ${name}`, () => assertRefused(graph, () => graph.ask(`/applications?${query}`), status, code, message));

test("header: what a client says of itself cannot write headers of the answer", async () => {
  for (const name of ["client-request-id", "consistencylevel", "prefer", "if-match"]) {
    const lines = await graph.askRaw(`GET /v1.0/users HTTP/1.1\r\nHost: x\r\n${name}: a\r\n x-evil: 1\r\n\r\n`);
    const odd = await graph.askRaw(`GET /v1.0/users HTTP/1.1\r\nHost: x\r\n${name}: a%0d%0ax-evil: 1\r\n\r\n`);
    for (const text of [lines, odd]) {
      assert.match(text, /^HTTP\/1\.1 4\d\d /);
      assert.doesNotMatch(text, /x-evil/i);
    }
  }
});

test("query: bad percent-encoding", () =>
  assertRefused(graph, () => graph.ask("/applications?$filter=%zz"), 400, "BadRequest"));

test("query: a whole query of 10,000 characters that says nothing is passed over", async () => {
  const answer = await graph.ask(`/me?note=${"x".repeat(10_000)}`);
  assert.equal(answer.status, 200);
});

test("query: one object has no pages", () =>
  assertRefused(graph, () => graph.ask(`/applications/${objectId}?$top=1`), 400, "BadRequest", /only on collections/));

const paths: readonly [string, string, string, number, string][] = [
  ["unknown segment", "GET", "/colours", 400, "BadRequest"],
  ["unknown below an object", "GET", "/applications/{app}/colours", 400, "BadRequest"],
  ["known but absent", "GET", "/applications/{app}/tokenLifetimePolicies", 501, "NotImplemented"],
  ["another verb", "PUT", "/applications/{app}", 405, "Request_BadRequest"],
  ["no version", "GET", "//applications", 400, "BadRequest"],
  ["bad percent-encoding", "GET", "/applications/%zz", 400, "BadRequest"],
  ["a NUL", "GET", "/applications/%00", 400, "BadRequest"],
  ["a key of 1,000", "GET", `/users/${"x".repeat(1000)}`, 400, "BadRequest"],
  ["a key with quotes in it", "GET", "/users('a'b')", 400, "BadRequest"],
  ["no such object", "DELETE", "/groups/11111111-2222-4333-8444-555555555555", 404, "Request_ResourceNotFound"],
];

for (const [name, method, path, status, code] of paths)
  test(`path: ${name}`, () =>
    assertRefused(graph, () => graph.ask(path.replace("{app}", objectId), { method }), status, code));

test("after all that the directory is as it was", async () => {
  const answer = await graph.ask(`/applications?$filter=appId eq '${appId}'`);
  assert.equal(answer.body.value.length, 1);
  assert.deepEqual(answer.body.value[0].passwordCredentials, []);
});
