import assert from "node:assert/strict";
import { test } from "node:test";
import type { UserObjectId } from "../state/identifiers.ts";
import { checkPassword } from "./password-rules.ts";
import { faultOf, SampleDirectory, sampleTime } from "./sample-directory.ts";
import { createUser, deleteUser, findUser, type UserProperties, updateUser } from "./user.ts";

const ada: Partial<UserProperties> = {
  accountEnabled: true,
  displayName: "Ada",
  mailNickname: "ada",
  userPrincipalName: "Ada@postern.test",
  passwordHash: "scrypt$1$1$1$$",
};

const add = (directory: SampleDirectory, properties: Partial<UserProperties>) =>
  directory.apply(createUser(directory.model, properties, { id: directory.id<UserObjectId>(), now: sampleTime }));

test("a user is found by id and by name, whatever its case", () => {
  const directory = new SampleDirectory();
  const row = add(directory, ada);
  assert.equal(row.userPrincipalName, "Ada@postern.test");
  assert.equal(findUser(directory.model, "ADA@POSTERN.TEST"), row);
  assert.equal(findUser(directory.model, row.id.toUpperCase()), row);
  assert.equal(findUser(directory.model, "ada"), undefined);
});

const without = (name: keyof UserProperties) => {
  const { [name]: _left, ...rest } = ada;
  return rest;
};

const refusals: readonly [string, Partial<UserProperties>, string, string][] = [
  ["no displayName", without("displayName"), "displayName", "required"],
  ["no accountEnabled", without("accountEnabled"), "accountEnabled", "required"],
  ["no password", without("passwordHash"), "passwordProfile", "required"],
  ["no nickname", without("mailNickname"), "mailNickname", "required"],
  ["a nickname with an at sign", { ...ada, mailNickname: "a@b" }, "mailNickname", "malformed"],
  ["no user principal name", without("userPrincipalName"), "userPrincipalName", "required"],
  ["a name without a domain", { ...ada, userPrincipalName: "ada" }, "userPrincipalName", "malformed"],
  ["a name of only a domain", { ...ada, userPrincipalName: "@postern.test" }, "userPrincipalName", "malformed"],
  ["a space in the name", { ...ada, userPrincipalName: "a da@postern.test" }, "userPrincipalName", "malformed"],
  ["a name that ends in a dot", { ...ada, userPrincipalName: "ada.@postern.test" }, "userPrincipalName", "malformed"],
  [
    "a letter that only looks Latin",
    { ...ada, userPrincipalName: "аda@postern.test" },
    "userPrincipalName",
    "malformed",
  ],
  ["another tenant's domain", { ...ada, userPrincipalName: "ada@contoso.com" }, "userPrincipalName", "not-allowed"],
  ["a long name", { ...ada, userPrincipalName: `${"a".repeat(65)}@postern.test` }, "userPrincipalName", "malformed"],
  ["two business phones", { ...ada, businessPhones: ["1", "2"] }, "businessPhones", "too-many"],
  ["a long title", { ...ada, jobTitle: "x".repeat(129) }, "jobTitle", "too-long"],
];

for (const [name, properties, property, why] of refusals) {
  test(`refuses ${name}`, () => {
    const directory = new SampleDirectory();
    const fault = faultOf(() => add(directory, properties));
    assert.deepEqual([fault.kind, fault.property, fault.why], ["value-invalid", property, why]);
  });
}

test("a user principal name is one person's", () => {
  const directory = new SampleDirectory();
  const row = add(directory, ada);
  assert.equal(faultOf(() => add(directory, { ...ada, userPrincipalName: "aDA@postern.TEST" })).kind, "value-taken");
  directory.apply(updateUser(directory.model, row.id, { userPrincipalName: "ada@postern.test" }, sampleTime));
  assert.equal(directory.model.users.get(row.id)?.userPrincipalName, "ada@postern.test");
});

test("passwords have 8 to 256 characters of three kinds", () => {
  for (const good of ["Abcdefg1", "abcdef-1", "ABCDEF-1", `aA1${"x".repeat(253)}`]) checkPassword(good);
  for (const bad of ["", "Abcdef1", "abcdefgh", "abcdefg1", "ABCDEFGH", `aA1${"x".repeat(254)}`])
    assert.equal(faultOf(() => checkPassword(bad)).why, "too-weak", bad);
});

test("a new password and a disabled account end the sessions; a new title does not", () => {
  const directory = new SampleDirectory();
  const { id } = add(directory, ada);
  const later = new Date("2026-03-02T00:00:00.000Z");
  const since = () => directory.model.users.get(id)?.signInSessionsValidFromDateTime;
  directory.apply(updateUser(directory.model, id, { jobTitle: "Countess" }, later));
  assert.equal(since(), sampleTime.toISOString());
  directory.apply(updateUser(directory.model, id, { passwordHash: "new" }, later));
  assert.equal(since(), later.toISOString());
  const latest = new Date("2026-03-03T00:00:00.000Z");
  directory.apply(updateUser(directory.model, id, { accountEnabled: false }, latest));
  assert.equal(since(), latest.toISOString());
});

test("a deleted user is gone and cannot be deleted again", () => {
  const directory = new SampleDirectory();
  const { id } = add(directory, ada);
  directory.apply(deleteUser(directory.model, id, sampleTime));
  assert.equal(findUser(directory.model, "ada@postern.test"), undefined);
  assert.equal(faultOf(() => deleteUser(directory.model, id, sampleTime)).kind, "object-not-found");
});
