/** What a client can get wrong in a body: Azure's error for it, nothing written, no stack trace, the next request is answered. */
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
    "a new secret by PATCH, without a key",
    "PATCH",
    "/applications/{app}",
    { passwordCredentials: [{ displayName: "x" }] },
    400,
    "Request_BadRequest",
    /service actions/,
  ],
  [
    "one redirect URI twice",
    "PATCH",
    "/applications/{app}",
    { web: { redirectUris: ["https://x.test/cb", "https://x.test/CB"] } },
    400,
    "Request_BadRequest",
    /^Redirect URIs must have distinct values\.$/,
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
    assertRefused(graph, () => graph.ask(path.replace("{app}", objectId), { method, body }), status, code, message));

test("an error never repeats a password", async () => {
  const password = "Correct-Horse-9";
  const body = { displayName: "x", passwordProfile: { password, colour: password } };
  const answer = await graph.ask("/users", { body });
  assert.equal(answer.status, 400);
  assert.equal(answer.text.includes(password), false);
});
test("after all that the directory is as it was", async () => {
  const answer = await graph.ask(`/applications?$filter=appId eq '${appId}'`);
  assert.equal(answer.body.value.length, 1);
  assert.deepEqual(answer.body.value[0].passwordCredentials, []);
});
