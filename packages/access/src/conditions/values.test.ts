import assert from "node:assert/strict";
import { test } from "node:test";
import { foldCase } from "../case-folding.ts";
import { attributeKey } from "./attribute-name.ts";
import { LikePattern } from "./like-pattern.ts";
import { MAX_VALUE_LENGTH, readDateTime, readGuid, readValue } from "./values.ts";

test("a GUID reads in either case, with dashes and without, and in no other form", () => {
  const guid = "08d4c71a-cc63-4ce4-a9c8-5dd251b4d619";
  for (const text of [guid, guid.toUpperCase(), guid.replaceAll("-", "")]) assert.equal(readGuid(text), guid);
  for (const text of ["", `{${guid}}`, guid.slice(1), `${guid}0`, guid.replace("-", ""), guid.replace("c", "g")]) {
    assert.equal(readGuid(text), undefined, text);
  }
});

test("times are ordered to the last of their seven digits", () => {
  const times = [
    "2022-02-28T23:59:59Z",
    "2022-03-01T00:00:00.0Z",
    "2022-06-01T23:38:32.8883645Z",
    "2022-06-01T23:38:32.8883646Z",
    "2022-06-01T23:38:32.9Z",
    "2024-02-29T00:00:00.000Z",
  ];
  const read = times.map((time) => readDateTime(time)!);
  assert.ok(read.every(Boolean));
  assert.deepEqual(read.toSorted(), read);
  assert.equal(readDateTime("2022-03-01T00:00:00Z"), readDateTime("2022-03-01T00:00:00.0000000Z"));
});

test("what is no time is not read", () => {
  for (const text of [
    "2022-06-01",
    "2022-06-01T23:38:32",
    "2022-06-01T23:38:32+00:00",
    "2022-06-01T24:00:00Z",
    "2022-13-01T00:00:00Z",
    "2022-00-01T00:00:00Z",
    "2022-04-31T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2022-06-00T00:00:00Z",
    "2022-06-01T23:38:32.Z",
    "2022-06-01T23:38:32.12345678Z",
    " 2022-06-01T23:38:32Z",
    "2022-06-01t23:38:32z",
  ]) {
    assert.equal(readDateTime(text), undefined, text);
  }
});

test("nothing is converted between types", () => {
  assert.equal(readValue("1", "numeric", false), undefined);
  assert.equal(readValue(1.5, "numeric", false), undefined);
  assert.equal(readValue(2 ** 53, "numeric", false), undefined);
  assert.equal(readValue(1, "string", false), undefined);
  assert.equal(readValue(1, "bool", false), undefined);
  assert.equal(readValue("true", "bool", false), undefined);
  assert.equal(readValue(["a"], "string", false), undefined);
  assert.equal(readValue("a".repeat(MAX_VALUE_LENGTH + 1), "string", false), undefined);
  assert.equal(readValue("Ab", "string", true), "ab");
  assert.equal(readValue("\u212a", "string", true) === readValue("k", "string", true), false, "Kelvin sign");
});

test("Like: documented examples, wildcards at every place, escapes", () => {
  const cases: [pattern: string, text: string, isMatch: boolean][] = [
    ["a*c?", "abcd", true],
    ["A*C?", "abcd", false],
    ["a*c", "abcd", false],
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["**", "a/b", true],
    ["?", "", false],
    ["?*", "", false],
    ["*?", "ab", true],
    ["logs/*", "logs/", true],
    ["logs/*", "Logs/x", false],
    ["*.json", ".json", true],
    ["*.json", "a.json.bak", false],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["*ab*ab", "ab", false],
    ["*a?c*", "xxabcxx", true],
    ["*a?c*a?c", "aXcaYc", true],
    ["*a?c*a?c", "aXc", false],
    ["\\*", "*", true],
    ["\\*", "x", false],
    ["a\\?b", "a?b", true],
    ["a\\?b", "axb", false],
    ["\\a", "\\a", true],
    ["a\\", "a\\", true],
    ["\\\\*", "\\*", true],
    [".*", "ab", false],
    ["[a]", "a", false],
  ];
  for (const [pattern, text, isMatch] of cases) {
    assert.equal(new LikePattern(pattern).matches(text), isMatch, `${pattern} on ${text}`);
  }
});

test("Like does not try every way to place many stars", () => {
  const text = "a".repeat(1024);
  assert.equal(new LikePattern(`${"*a".repeat(500)}*b`).matches(text), false);
  assert.equal(new LikePattern(`${"*a".repeat(1024)}*`).matches(text), true);
  assert.equal(new LikePattern(`${"*?".repeat(1025)}`).matches(text), false);
  assert.equal(new LikePattern(`*${"?".repeat(512)}b*`).matches(text), false);
});

test("attribute names do not count case, keys of tags do", () => {
  const path = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags";
  assert.equal(
    attributeKey(`${path}:Project<$key_case_sensitive$>`),
    attributeKey(`${foldCase(path)}:Project<$KEY_case_sensitive$>`),
  );
  assert.notEqual(
    attributeKey(`${path}:Project<$key_case_sensitive$>`),
    attributeKey(`${path}:project<$key_case_sensitive$>`),
  );
  assert.notEqual(attributeKey(`${path}:a:B<$key_case_sensitive$>`), attributeKey(`${path}:a:b<$key_case_sensitive$>`));
  assert.equal(attributeKey(`${path}&$keys$&`), attributeKey(`${path}&$KEYS$&`.toUpperCase()));
  assert.equal(attributeKey("UtcNow"), attributeKey("utcnow"));
});
