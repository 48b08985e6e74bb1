/**
 * Every number of Entra's errors: each that the facts list is provoked here by a request to a running server, or is named with the reason why nothing
 * answers it. What comes back is compared with the facts (scripts/make-aadsts.ts): number, OAuth error, HTTP status and, where it is known, the text.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { aadsts } from "../../packages/server/src/entra/aadsts.ts";
import { unansweredAadsts } from "../../packages/server/src/entra/aadsts-unanswered.ts";
import { furtherProvocationsOfClients, provocationsOfClients } from "./aadsts/of-clients.ts";
import { furtherProvocationsOfPeople, provocationsOfPeople } from "./aadsts/of-people.ts";
import { Ground, type Provoke, type Told, textOf } from "./aadsts/provocation.ts";

type CodeFacts = {
  readonly code: number;
  readonly statuses: readonly number[];
  readonly errors: readonly string[];
  readonly text: string | null;
};

const facts: readonly CodeFacts[] = JSON.parse(
  readFileSync(new URL("../golden/aadsts-codes.json", import.meta.url), "utf8"),
);
const provocations: Readonly<Record<number, Provoke>> = { ...provocationsOfClients, ...provocationsOfPeople };
const further: Readonly<Record<number, Provoke>> = { ...furtherProvocationsOfClients, ...furtherProvocationsOfPeople };

/** Where real answers are known that differ from the facts. */
const otherTexts: Readonly<Record<number, string>> = {
  900561: "Token endpoints name every method: `POST, OPTIONS`.",
};

/** A template as an expression: `{name}`, `...` and addresses of documentation stand for anything. */
function expressionOf(template: string): RegExp {
  const parts = template
    .split(/\{[^{}]*\}| ?\.\.\.|https:\S+/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*?")}`);
}

function checkOwn(code: number, told: Told): void {
  const entry = aadsts[code as keyof typeof aadsts];
  const text = textOf(told, code);
  assert.match(text, expressionOf(entry.message));
  assert.doesNotMatch(text, /\{[a-z]\w*\}/, "a hole was left open");
}

let ground: Ground;
before(async () => {
  ground = await Ground.open();
});
after(() => ground.close());

describe("Entra's numbers", () => {
  it("are each provoked, or named with the reason why not", () => {
    const listed = facts.map(({ code }) => code);
    const provoked = Object.keys(provocations).map(Number);
    const unanswered = Object.keys(unansweredAadsts).map(Number);
    assert.deepEqual([...provoked, ...unanswered].sort(ascending), listed.toSorted(ascending));
    for (const [code, reason] of Object.entries(unansweredAadsts)) {
      assert.ok(!(code in aadsts), `${code} is answered after all`);
      assert.match(reason, /^[A-Z].{20,}\.$/);
    }
    const all = [...provoked, ...Object.keys(further).map(Number)].sort(ascending);
    assert.deepEqual(all, Object.keys(aadsts).map(Number).sort(ascending), "every number of the table is provoked");
  });

  for (const { code, statuses, errors, text } of facts) {
    const provoke = provocations[code];
    if (provoke === undefined) continue;
    it(`AADSTS${code}`, async () => {
      await ground.reset();
      const told = await provoke(ground);
      checkOwn(code, told);
      if (text !== null && !(code in otherTexts)) assert.match(textOf(told, code), expressionOf(text));
      // What the browser carries to the client is a redirect, whatever the status of a body would be.
      if (told.by === "redirect") assert.ok([302, 303].includes(told.status), `status ${told.status}`);
      // A form that is shown again with what was wrong is no error of the page's.
      else if (told.by === "body" || told.status !== 200)
        assert.ok(statuses.length === 0 || statuses.includes(told.status), `status ${told.status}`);
      if (told.error !== undefined) assert.ok(errors.includes(told.error), `error ${told.error}`);
    });
  }

  for (const [code, provoke] of Object.entries(further)) {
    it(`AADSTS${code}, which is beyond the facts`, async () => {
      await ground.reset();
      checkOwn(Number(code), await provoke(ground));
    });
  }
});

function ascending(a: number, b: number): number {
  return a - b;
}
