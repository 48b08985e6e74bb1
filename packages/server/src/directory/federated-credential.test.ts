import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createFederatedCredential,
  deleteFederatedCredential,
  type FederatedProperties,
  federatedCredentialsOf,
  findFederatedCredential,
  matchFederatedCredential,
  updateFederatedCredential,
} from "./federated-credential.ts";
import { faultOf, SampleDirectory } from "./sample-directory.ts";

const properties: FederatedProperties = {
  issuer: "https://token.actions.example/",
  subject: "repo:postern/postern:ref:refs/heads/main",
  claimsMatchingExpression: null,
  audiences: ["api://AzureADTokenExchange"],
  description: null,
};

function setUp() {
  const directory = new SampleDirectory();
  const { model } = directory;
  const parent = { parentKind: "application", parentId: directory.start.operatorApplication.id } as const;
  const create = (name: string, more: Partial<FederatedProperties> = {}) =>
    createFederatedCredential(model, parent, name, { ...properties, ...more }, directory.id());
  const add = (name: string, more: Partial<FederatedProperties> = {}) => directory.apply(create(name, more));
  return { directory, model, parentId: parent.parentId, create, add };
}

test("credentials are found by name without case and by id, and listed by name", () => {
  const { model, parentId, add } = setUp();
  const second = add("second", { subject: "b" });
  const first = add("First-1");
  assert.deepEqual(
    federatedCredentialsOf(model, parentId).map(({ name }) => name),
    ["First-1", "second"],
  );
  assert.equal(findFederatedCredential(model, parentId, "fIRST-1"), first);
  assert.equal(findFederatedCredential(model, parentId, second.id.toUpperCase()), second);
  assert.equal(findFederatedCredential(model, "another", "first-1"), undefined);
});

test("a name, and an issuer with a subject, are there once in a parent", () => {
  const { directory, model, parentId, create, add } = setUp();
  add("one");
  assert.equal(faultOf(() => create("ONE", { subject: "b" })).property, "name");
  assert.deepEqual(
    [faultOf(() => create("two")).kind, faultOf(() => create("two")).property],
    ["value-taken", "subject"],
  );
  add("two", { subject: properties.subject!.toUpperCase() }); // subjects are told apart by case
  assert.equal(
    faultOf(() => updateFederatedCredential(model, parentId, "two", { subject: properties.subject })).property,
    "subject",
  );
  directory.apply(updateFederatedCredential(model, parentId, "two", { description: "kept" }));
  assert.equal(findFederatedCredential(model, parentId, "two")?.description, "kept");
});

test("twenty are the most, and a deleted one makes room", () => {
  const { directory, model, parentId, create, add } = setUp();
  for (let n = 0; n < 20; n += 1) add(`name-${n}`, { subject: `s${n}` });
  const fault = faultOf(() => create("one-more", { subject: "s20" }));
  assert.deepEqual([fault.kind, fault.limit], ["limit-reached", 20]);
  directory.apply(deleteFederatedCredential(model, parentId, "name-3"));
  add("one-more", { subject: "s20" });
  assert.equal(faultOf(() => deleteFederatedCredential(model, parentId, "name-3")).kind, "object-not-found");
});

test("bad values are refused, each by its name", () => {
  const { create } = setUp();
  const long = "x".repeat(601);
  const bad: [Partial<FederatedProperties>, string][] = [
    [{ issuer: "" }, "issuer"],
    [{ issuer: "http://token.example" }, "issuer"],
    [{ issuer: "https://user:pass@token.example" }, "issuer"],
    [{ issuer: "https://token.example?x" }, "issuer"],
    [{ issuer: " https://token.example" }, "issuer"],
    [{ issuer: `https://${long}` }, "issuer"],
    [{ subject: "" }, "subject"],
    [{ subject: null }, "subject"],
    [{ subject: long }, "subject"],
    [{ claimsMatchingExpression: { value: "claims['sub'] eq 'a'", languageVersion: 1 } }, "subject"],
    [{ audiences: [] }, "audiences"],
    [{ audiences: ["a", "b"] }, "audiences"],
    [{ audiences: [long] }, "audiences"],
    [{ description: long }, "description"],
  ];
  for (const [more, property] of bad) assert.equal(faultOf(() => create("name", more)).property, property);
  for (const name of ["ab", "-abc", "a b", "a/b", "x".repeat(121)])
    assert.equal(faultOf(() => create(name)).property, "name", name);
  assert.equal(create("x".repeat(120)).result.name.length, 120);
});

test("a token matches byte by byte, and what fits nothing is named", () => {
  const { model, parentId, add } = setUp();
  const credential = add("one");
  const token = { issuer: properties.issuer, subject: properties.subject!, audiences: [...properties.audiences] };
  const match = (more: Partial<typeof token>) =>
    matchFederatedCredential(federatedCredentialsOf(model, parentId), { ...token, ...more });
  assert.deepEqual(match({}), { kind: "matched", credential });
  assert.deepEqual(match({ audiences: ["other", ...properties.audiences] }), { kind: "matched", credential });
  assert.equal(match({ issuer: "https://token.actions.example" }).kind, "issuer");
  assert.equal(match({ subject: properties.subject!.toUpperCase() }).kind, "subject");
  assert.equal(match({ audiences: ["other"] }).kind, "audience");
  assert.equal(matchFederatedCredential([], token).kind, "none");
});

test("an expression stands in the subject's place, and matches nothing unless it is judged", () => {
  const { model, parentId, add } = setUp();
  const issuer = "https://token.actions.githubusercontent.com";
  add("flexible", {
    issuer,
    subject: null,
    claimsMatchingExpression: { value: "claims['sub'] matches 'a*'", languageVersion: 1 },
  });
  const token = { issuer, subject: "ab", audiences: [...properties.audiences] };
  const credentials = federatedCredentialsOf(model, parentId);
  assert.equal(matchFederatedCredential(credentials, token).kind, "expression");
  assert.equal(matchFederatedCredential(credentials, token, () => true).kind, "matched");
});
