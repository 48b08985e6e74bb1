/** What a client can get wrong: Azure's error for it, nothing written, no stack trace, the next request is answered. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type TrialAnswer, TrialGraph } from "./trial-graph.ts";

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

async function assertRefused(ask: () => Promise<TrialAnswer>, status: number, code: string, message?: RegExp) {
  const { revision } = graph.cloud.model;
  const answer = await ask();
  assert.deepEqual([answer.status, answer.body?.error?.code], [status, code], answer.text);
  if (message !== undefined) assert.match(answer.body.error.message, message);
  assert.doesNotMatch(answer.text, /node:|\.ts\b|at async|Error:/);
  assert.equal(graph.cloud.model.revision, revision, "something was written");
}

const bodies: readonly [string, string, string, unknown, number, string, RegExp?][] = [
  [
    "cut-off JSON",
    "POST",
    "/applications",
    '{"displayName":',
    400,
    "BadRequest",
    /^Unable to read JSON request payload/,
  ],
  ["no JSON at all", "POST", "/applications", "displayName=x", 400, "BadRequest", /^Unable to read JSON/],
  ["an empty body", "POST", "/applications", "", 400, "BadRequest", /^Unable to read JSON/],
  ["JSON 10,000 deep", "POST", "/applications", "[".repeat(10_000) + "]".repeat(10_000), 400, "BadRequest"],
  ["an array", "POST", "/applications", [], 400, "Request_BadRequest"],
  ["null", "POST", "/applications", null, 400, "Request_BadRequest"],
  [
    "a body of 2 MiB",
    "POST",
    "/applications",
    JSON.stringify({ displayName: "x".repeat(2 ** 21) }),
    413,
    "RequestEntityTooLarge",
  ],
  [
    "an unknown property",
    "POST",
    "/applications",
    { displayName: "x", colour: "red" },
    400,
    "Request_BadRequest",
    /^Invalid property 'colour'\.$/,
  ],
  [
    "an unknown property within",
    "POST",
    "/applications",
    { displayName: "x", web: { colour: 1 } },
    400,
    "Request_BadRequest",
    /'web\/colour'/,
  ],
  [
    "__proto__",
    "POST",
    "/applications",
    '{"displayName":"x","__proto__":{"a":1}}',
    400,
    "Request_BadRequest",
    /__proto__/,
  ],
  [
    "a computed property",
    "POST",
    "/applications",
    { displayName: "x", appId: "1" },
    400,
    "Request_BadRequest",
    /read-only/,
  ],
  [
    "a number for a name",
    "POST",
    "/applications",
    { displayName: 5 },
    400,
    "Request_BadRequest",
    /'displayName' of resource 'Application'/,
  ],
  ["no name", "POST", "/applications", {}, 400, "Request_BadRequest", /A value is required/],
  ["a name of 10,000", "POST", "/applications", { displayName: "x".repeat(10_000) }, 400, "Request_BadRequest"],
  ["a text for a list", "POST", "/applications", { displayName: "x", tags: "a" }, 400, "Request_BadRequest"],
  ["numbers in a list of texts", "POST", "/applications", { displayName: "x", tags: [1] }, 400, "Request_BadRequest"],
  ["a text for an object", "POST", "/applications", { displayName: "x", web: "a" }, 400, "Request_BadRequest"],
  [
    "a certificate that is none",
    "POST",
    "/applications",
    { displayName: "x", keyCredentials: [{ key: "AA==" }] },
    400,
    "Request_BadRequest",
  ],
  [
    "a key for SAML",
    "POST",
    "/applications",
    { displayName: "x", keyCredentials: [{ key: "AA==", type: "AsymmetricX509Cert", usage: "Sign" }] },
    501,
    "NotImplemented",
  ],
  [
    "a secret in the body",
    "POST",
    "/applications",
    { displayName: "x", passwordCredentials: [{}] },
    501,
    "NotImplemented",
  ],
  [
    "implicit grants",
    "POST",
    "/applications",
    { displayName: "x", web: { implicitGrantSettings: { enableAccessTokenIssuance: true } } },
    501,
    "NotImplemented",
  ],
  [
    "a new secret by PATCH",
    "PATCH",
    "/applications/{app}",
    { passwordCredentials: [{ keyId: "11111111-2222-4333-8444-555555555555" }] },
    400,
    "Request_BadRequest",
    /service actions/,
  ],
  ["an appId that is no GUID", "POST", "/servicePrincipals", { appId: "x" }, 400, "Request_BadRequest"],
  [
    "a date that is none",
    "POST",
    "/applications/{app}/addPassword",
    { passwordCredential: { endDateTime: "tomorrow" } },
    400,
    "Request_BadRequest",
  ],
  [
    "a date without offset",
    "POST",
    "/applications/{app}/addPassword",
    { passwordCredential: { endDateTime: "2030-01-01T00:00:00" } },
    400,
    "Request_BadRequest",
  ],
  [
    "a month 13",
    "POST",
    "/applications/{app}/addPassword",
    { passwordCredential: { endDateTime: "2030-13-01T00:00:00Z" } },
    400,
    "Request_BadRequest",
  ],
  [
    "an end before its start",
    "POST",
    "/applications/{app}/addPassword",
    { passwordCredential: { startDateTime: "2030-01-01T00:00:00Z", endDateTime: "2029-01-01T00:00:00Z" } },
    400,
    "Request_BadRequest",
  ],
  [
    "a secret of one's own choice",
    "POST",
    "/applications/{app}/addPassword",
    { passwordCredential: { secretText: "hunter2" } },
    501,
    "NotImplemented",
  ],
  [
    "a key that is not there",
    "POST",
    "/applications/{app}/removePassword",
    { keyId: "11111111-2222-4333-8444-555555555555" },
    400,
    "Request_BadRequest",
    /^No password credential found with keyId/,
  ],
  ["no key", "POST", "/applications/{app}/removePassword", {}, 400, "Request_BadRequest"],
  [
    "ids that are none",
    "POST",
    "/directoryObjects/getByIds",
    { ids: ["x"] },
    400,
    "Request_BadRequest",
    /^Invalid object identifier 'x'/,
  ],
  [
    "1,001 ids",
    "POST",
    "/directoryObjects/getByIds",
    { ids: Array(1001).fill("11111111-2222-4333-8444-555555555555") },
    400,
    "Request_BadRequest",
  ],
  [
    "21 groups to check",
    "POST",
    "/me/checkMemberGroups",
    { groupIds: Array(21).fill("11111111-2222-4333-8444-555555555555") },
    400,
    "Request_BadRequest",
  ],
  [
    "a reference that is none",
    "POST",
    "/applications/{app}/owners/$ref",
    { "@odata.id": "https://x/y" },
    400,
    "Request_BadRequest",
  ],
  [
    "a mail group",
    "POST",
    "/groups",
    { displayName: "x", mailNickname: "x", mailEnabled: true, securityEnabled: true },
    400,
    "Request_BadRequest",
    /mail-enabled/,
  ],
  [
    "an office group",
    "POST",
    "/groups",
    { displayName: "x", mailNickname: "x", mailEnabled: false, securityEnabled: true, groupTypes: ["Unified"] },
    501,
    "NotImplemented",
  ],
  [
    "a person of another tenant",
    "POST",
    "/users",
    {
      accountEnabled: true,
      displayName: "x",
      mailNickname: "x",
      userPrincipalName: "x@contoso.com",
      passwordProfile: { password: "Correct-Horse-9" },
    },
    400,
    "Request_BadRequest",
    /verified domain names/,
  ],
  [
    "a password to be changed after a second factor",
    "POST",
    "/users",
    {
      accountEnabled: true,
      displayName: "x",
      mailNickname: "x",
      userPrincipalName: "x@postern.test",
      passwordProfile: { password: "Correct-Horse-9", forceChangePasswordNextSignInWithMfa: true },
    },
    501,
    "NotImplemented",
  ],
  [
    "a password that is a number",
    "POST",
    "/users",
    { passwordProfile: { password: 12345678 } },
    400,
    "Request_BadRequest",
  ],
];

for (const [name, method, path, body, status, code, message] of bodies)
  test(`body: ${name}`, () =>
    assertRefused(() => graph.ask(path.replace("{app}", objectId), { method, body }), status, code, message));

test("an error never repeats a password", async () => {
  const password = "Correct-Horse-9";
  const body = { displayName: "x", passwordProfile: { password, colour: password } };
  const answer = await graph.ask("/users", { body });
  assert.equal(answer.status, 400);
  assert.equal(answer.text.includes(password), false);
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
  ["$top of nothing", "$top=0", 400, "BadRequest"],
  ["$top of a thousand", "$top=1000", 400, "BadRequest"],
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
  test(`query: ${name}`, () => assertRefused(() => graph.ask(`/applications?${query}`), status, code, message));

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
  assertRefused(() => graph.ask("/applications?$filter=%zz"), 400, "BadRequest"));

test("query: a whole query of 10,000 characters that says nothing is passed over", async () => {
  const answer = await graph.ask(`/me?note=${"x".repeat(10_000)}`);
  assert.equal(answer.status, 200);
});

test("query: one object has no pages", () =>
  assertRefused(() => graph.ask(`/applications/${objectId}?$top=1`), 400, "BadRequest", /only on collections/));

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
    assertRefused(() => graph.ask(path.replace("{app}", objectId), { method }), status, code));

test("after all that the directory is as it was", async () => {
  const answer = await graph.ask(`/applications?$filter=appId eq '${appId}'`);
  assert.equal(answer.body.value.length, 1);
  assert.deepEqual(answer.body.value[0].passwordCredentials, []);
});
