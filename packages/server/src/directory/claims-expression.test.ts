import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isClaimsExpression, matchesClaims } from "./claims-expression.ts";

const github = "https://token.actions.githubusercontent.com";
const expression = (value: string, languageVersion = 1) => ({ value, languageVersion });
const matches = (value: string, claims: Readonly<Record<string, unknown>>) => matchesClaims(expression(value), claims);

test("an expression compares whole claims, with case", () => {
  const sub = "repo:contoso/notes:ref:refs/heads/main";
  assert.ok(matches(`claims['sub'] eq '${sub}'`, { sub }));
  assert.ok(matches("claims['sub'] matches 'repo:contoso/*:ref:refs/heads/main'", { sub }));
  assert.ok(matches("claims['sub'] matches 'repo:contoso/note?:ref:refs/heads/????'", { sub }));
  assert.ok(!matches("claims['sub'] eq 'repo:contoso/*'", { sub }), "eq knows no wildcards");
  assert.ok(!matches("claims['sub'] matches 'repo:Contoso/*'", { sub }));
  assert.ok(!matches("claims['sub'] matches 'contoso'", { sub }), "a part is not the whole");
  assert.ok(!matches("claims['sub'] matches 'repo:contoso/notes:ref:refs/heads/main?'", { sub }));
});

test("subject wildcard tricks: a neighbour's name, a pattern sign in the claim, a regular expression", () => {
  const main = "claims['sub'] matches 'repo:contoso/*:ref:refs/heads/main'";
  assert.ok(!matches(main, { sub: "repo:contoso-evil/notes:ref:refs/heads/main" }));
  assert.ok(!matches(main, { sub: "repo:contoso/notes:ref:refs/heads/main-evil" }));
  assert.ok(!matches(main, { sub: "evil repo:contoso/notes:ref:refs/heads/main" }));
  assert.ok(!matches("claims['sub'] eq 'repo:a'", { sub: "*" }), "signs in a claim mean nothing");
  assert.ok(!matches("claims['sub'] matches 'repo:.+'", { sub: "repo:abc" }));
  assert.ok(!matches("claims['sub'] matches 'a|b'", { sub: "a" }));
});

test("every comparison of a conjunction must hold, and a missing claim holds nothing", () => {
  const both = "claims['sub'] matches 'repo:a/*' and claims['job_workflow_ref'] eq 'a/b/.github/workflows/w.yml@main'";
  assert.ok(matches(both, { sub: "repo:a/x", job_workflow_ref: "a/b/.github/workflows/w.yml@main" }));
  assert.ok(!matches(both, { sub: "repo:a/x" }));
  assert.ok(!matches("claims['sub'] matches 'a*'", { sub: ["a"] }));
  assert.ok(!matches("claims['toString'] matches 'f*'", {}), "what every object has is no claim");
});

test("a quote is written twice", () => {
  assert.ok(matches("claims['sub'] eq 'it''s'", { sub: "it's" }));
  assert.ok(matches("claims['sub'] eq 'a'' and claims[''x''] eq ''b'", { sub: "a' and claims['x'] eq 'b" }));
});

test("what is not the language is refused, and matches nothing", () => {
  const broken = [
    "",
    "claims['sub']",
    "claims['sub'] eq 'a",
    "claims['sub'] eq a",
    "claims['sub']  eq 'a'",
    "claims['sub'] EQ 'a'",
    "claims['sub'] like 'a'",
    "claims['sub'] eq 'a' or claims['sub'] eq 'b'",
    "claims['sub'] eq 'a' and ",
    "claims['sub'] eq 'a' ",
    " claims['sub'] eq 'a'",
    "claims[sub] eq 'a'",
    'claims["sub"] eq "a"',
    Array.from({ length: 9 }, () => "claims['sub'] eq 'a'").join(" and "),
  ];
  for (const value of broken) {
    assert.ok(!isClaimsExpression(expression(value), github), value);
    assert.ok(!matches(value, { sub: "a" }), value);
  }
  assert.ok(!isClaimsExpression(expression("claims['sub'] eq 'a'", 2), github));
});

test("only known issuers' known claims can be matched, and never by wildcards alone", () => {
  const ofSub = expression("claims['sub'] matches 'repo:a/*'");
  assert.ok(isClaimsExpression(ofSub, github));
  assert.ok(!isClaimsExpression(ofSub, `${github}/`));
  assert.ok(!isClaimsExpression(ofSub, "https://issuer.example"));
  assert.ok(!isClaimsExpression(expression("claims['actor'] eq 'a'"), github));
  assert.ok(!isClaimsExpression(expression("claims['sub'] matches '*?*'"), github));
});

test("wildcards match as a regular expression with the same meaning does", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "."), maxLength: 12 });
  fc.assert(
    fc.property(letters, fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 12 }), (pattern, sub) => {
      const source = pattern.replaceAll(".", "\\.").replaceAll("*", "[^]*").replaceAll("?", "[^]");
      const isMatch = new RegExp(`^${source}$`).test(sub);
      assert.equal(matches(`claims['sub'] matches '${pattern}'`, { sub }), isMatch);
    }),
    { numRuns: 2000 },
  );
});

test("a pattern made to be slow is not", () => {
  const sub = "a".repeat(20_000);
  assert.equal(matches(`claims['sub'] matches '${"a*".repeat(100)}b'`, { sub }), false);
});
