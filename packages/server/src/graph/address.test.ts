import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readAddress, type Segment } from "./address.ts";
import { GraphRefusal } from "./graph-fault.ts";
import { Router } from "./route.ts";
import { graphOperations } from "./surface.ts";

const name = (text: string): Segment => ({ kind: "name", text });
const key = (text: string, property?: string): Segment => ({ kind: "key", key: { text, property } });

test("a key stands in its own segment, in quotes, or by a property", () => {
  assert.deepEqual(readAddress("/v1.0/users/a%40b").segments, [name("users"), name("a@b")]);
  assert.deepEqual(readAddress("/v1.0/users('a%23b')").segments, [name("users"), key("a#b")]);
  assert.deepEqual(readAddress("/v1.0/users('O%27%27Neil')").segments, [name("users"), key("O'Neil")]);
  assert.deepEqual(readAddress("/beta/applications(appId=%27x%27)/owners/$ref"), {
    version: "beta",
    segments: [name("applications"), key("x", "appId"), name("owners"), name("$ref")],
  });
});

test("slashes in a row are one", () => {
  assert.deepEqual(readAddress("//v1.0//users///x"), readAddress("/v1.0/users/x"));
});

const refused: readonly [string, string][] = [
  ["/", "version-unknown"],
  ["/v3.0/users", "version-unknown"],
  ["/v1.0/users/%zz", "path-malformed"],
  ["/v1.0/users/%00", "path-malformed"],
  ["/v1.0/users/%ff", "path-malformed"],
  [`/v1.0/users/${"x".repeat(513)}`, "path-malformed"],
  [`/v1.0${"/a".repeat(20)}`, "path-malformed"],
];

for (const [path, kind] of refused)
  test(`refuses ${path.slice(0, 40)}`, () => {
    assert.throws(
      () => readAddress(path),
      (error) => error instanceof GraphRefusal && error.fault.kind === kind,
    );
  });

test("any path is read or refused", () => {
  fc.assert(
    fc.property(fc.webPath(), fc.string(), (path, tail) => {
      try {
        readAddress(`/v1.0${path}${tail}`);
      } catch (error) {
        assert.ok(error instanceof GraphRefusal, String(error));
      }
    }),
  );
});

const router = new Router(graphOperations);
const find = (method: string, path: string) => router.find(method, readAddress(`/v1.0${path}`).segments);

function nameOf(method: string, path: string): string {
  const match = find(method, path);
  return "fault" in match ? match.fault.kind : match.operation.operation;
}

test("names go before keys, and case counts in neither", () => {
  assert.equal(nameOf("POST", "/directoryobjects/getbyids"), "directoryObject: getByIds");
  assert.equal(nameOf("GET", "/directoryObjects/getByIds"), "method-not-allowed");
  assert.equal(nameOf("GET", "/SERVICEPRINCIPALS/x"), "Get servicePrincipal");
  assert.equal(nameOf("GET", "/me"), "Get the signed-in user");
});

test("what Graph has and we have not is absent; what nobody has is unknown", () => {
  for (const path of [
    "/applications/x/tokenLifetimePolicies",
    "/domains/delta",
    "/users/x/messages/y",
    "/servicePrincipals/x/claimsMappingPolicies",
    "/roleManagement/directory/roleAssignmentSchedules",
    "/applications/x/$count",
    "/applications/x/microsoft.graph.user",
    "/me/microsoft.graph.user",
    "/directory",
  ])
    assert.equal(nameOf("GET", path), "absent", path);
  for (const path of ["/nothing", "/applications/x/nothing", "/me/nothing", "/users/x/y/z"])
    assert.equal(nameOf("GET", path), "segment-unknown", path);
});

test("a collection may be counted, cast and listed by reference", () => {
  const viewOf = (path: string) => {
    const match = router.find("GET", readAddress(`/v1.0${path}`).segments);
    return "operation" in match ? [match.operation.match, match.view] : match.fault.kind;
  };
  assert.deepEqual(viewOf("/users/$count"), ["/users", { cast: undefined, isCount: true, isReference: false }]);
  assert.deepEqual(viewOf("/groups/x/members/$ref"), [
    "/groups/{group}/members",
    { cast: undefined, isCount: false, isReference: true },
  ]);
  assert.deepEqual(viewOf("/me/memberOf/microsoft.graph.Group/$count"), [
    "/me/memberOf",
    { cast: "group", isCount: true, isReference: false },
  ]);
  assert.equal(viewOf("/users/x/memberOf/$count/$count"), "absent");
});

test("functions and actions may carry the name of their schema, and empty parentheses", () => {
  assert.equal(nameOf("POST", "/directoryObjects/microsoft.graph.getByIds"), "directoryObject: getByIds");
  assert.equal(nameOf("POST", "/me/microsoft.graph.getMemberGroups()"), "me: getMemberGroups");
});

test("no two rows answer one request", () => {
  const seen = new Map<string, string>();
  for (const { method, match, operation } of graphOperations) {
    const spelled = `${method} ${match.replaceAll(/\{[^}]+\}/g, "{}").toLowerCase()}`;
    assert.equal(seen.get(spelled), undefined, `${operation} and ${seen.get(spelled)}`);
    seen.set(spelled, operation);
  }
});

test("every row is found by its own sample", () => {
  for (const row of graphOperations) {
    const match = router.find(row.method, readAddress(row.sample.target).segments);
    assert.equal("operation" in match && match.operation, row, row.operation);
  }
});
