import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ActionSet, MAX_ACTION_LENGTH, matchesAction } from "./actions.ts";

test("a star stands for anything, slashes included, anywhere", () => {
  assert.ok(matchesAction("*", "Microsoft.Storage/storageAccounts/read"));
  assert.ok(matchesAction("*/read", "Microsoft.Storage/storageAccounts/blobServices/read"));
  assert.ok(matchesAction("Microsoft.Authorization/*/Delete", "microsoft.authorization/roleAssignments/delete"));
  assert.ok(matchesAction("Microsoft.Storage/*/blobs/*", "Microsoft.Storage/a/containers/blobs/tags/read"));
  assert.ok(!matchesAction("*/read", "Microsoft.Storage/storageAccounts/readers"));
  assert.ok(!matchesAction("Microsoft.Storage/*", "Microsoft.Storage"));
  assert.ok(!matchesAction("a*a", "a"), "the two ends need a character each");
});

test("all but the star is literal", () => {
  assert.ok(!matchesAction("Microsoft.Storage/read", "MicrosoftXStorage/read"));
  assert.ok(!matchesAction("a?c", "abc"));
  assert.ok(matchesAction("a.(b)+[c]", "A.(B)+[C]"));
});

test("blanks around an entry do not count, those around an operation do", () => {
  assert.ok(matchesAction("Microsoft.Network/virtualNetworks/read ", "Microsoft.Network/virtualNetworks/read"));
  assert.ok(!matchesAction("Microsoft.Network/virtualNetworks/read", "Microsoft.Network/virtualNetworks/read "));
});

test("an empty list and an empty entry match nothing", () => {
  assert.equal(new ActionSet([]).matches("a/read"), false);
  assert.equal(new ActionSet([""]).matches("a/read"), false);
});

/** Another shape: each character of the pattern in turn, by recursion; slow and plain. */
function naive(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern.startsWith("/*/") && naive(pattern.slice(2), text)) return true;
  if (pattern[0] === "*") return naive(pattern.slice(1), text) || (text !== "" && naive(pattern, text.slice(1)));
  return text !== "" && text[0]!.toLowerCase() === pattern[0]!.toLowerCase() && naive(pattern.slice(1), text.slice(1));
}

test("slash-star-slash stands for any segments, or none: Managed Identity Operator assigns identities", () => {
  const identities = "Microsoft.ManagedIdentity/userAssignedIdentities";
  assert.ok(matchesAction(`${identities}/*/assign/action`, `${identities}/assign/action`));
  assert.ok(matchesAction(`${identities}/*/read`, `${identities}/read`));
  assert.ok(matchesAction(`${identities}/*/read`, `${identities}/federatedIdentityCredentials/read`));
  assert.ok(!matchesAction(`${identities}/*/read`, `${identities}read`));
  assert.ok(!matchesAction(`${identities}/*/assign/action`, `${identities}/write`));
});

test("matching agrees with a naive matcher", () => {
  const pattern = fc.string({ unit: fc.constantFrom("a", "A", "b", "/", "*"), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom("a", "b", "B", "/"), maxLength: 10 });
  fc.assert(
    fc.property(pattern, text, (entry, operation) => {
      assert.equal(matchesAction(entry, operation), naive(entry, operation), `${entry} on ${operation}`);
    }),
    { numRuns: 20_000 },
  );
});

test("a set matches when one of its entries does", () => {
  const entry = fc.string({ unit: fc.constantFrom("a", "b", "/", "*"), minLength: 1, maxLength: 5 });
  const text = fc.string({ unit: fc.constantFrom("a", "b", "/"), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 4 }), text, (entries, operation) => {
      assert.equal(
        new ActionSet(entries).matches(operation),
        entries.some((each) => naive(each, operation)),
      );
    }),
    { numRuns: 3000 },
  );
});

test("the worst entry of the greatest length is answered", () => {
  const entry = `${"a*".repeat(MAX_ACTION_LENGTH / 2 - 1)}b`;
  assert.equal(matchesAction(entry, "a".repeat(MAX_ACTION_LENGTH)), false);
});
