/** Guessing passwords: every way to present one counts towards the same lock-out, and the lock-out holds at each of them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { askTokens, signInAtPages } from "../support/page-sign-in.ts";
import { type Answer, planeHosts } from "../support/plane-client.ts";

let cloud: TestCloud;
before(async () => {
  cloud = await startTestCloud();
});
after(() => cloud.dispose());

type Person = { readonly name: string; readonly password: string; readonly token: string };

/** A person, with a token from a sign-in before all guessing. */
async function addPerson(nickname: string): Promise<Person> {
  const operator = JSON.parse(readFileSync(join(cloud.status.stateDir, "operator.json"), "utf8"));
  const name = `${nickname}@${String(operator.username).split("@")[1]}`;
  const password = "Tidal-Harbour-27";
  await cloud.client.must("graph", "POST", "/v1.0/users", {
    accountEnabled: true,
    displayName: nickname,
    mailNickname: nickname,
    userPrincipalName: name,
    passwordProfile: { password },
  });
  const { text } = await presentAsClient(name, password);
  return { name, password, token: JSON.parse(text).access_token };
}

function presentAsClient(username: string, password: string): Promise<Answer> {
  const scope = "https://graph.microsoft.com/.default";
  return askTokens(cloud.client, { grant_type: "password", username, password, scope });
}

function presentToChange(token: string, currentPassword: string): Promise<Answer> {
  return cloud.client.send(planeHosts.graph, "POST", "/v1.0/me/changePassword", {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ currentPassword, newPassword: "Quiet-Lantern-31" }),
  });
}

/** @returns the last page, or "" when the sign-in went on. */
async function presentAtPage(username: string, password: string): Promise<string> {
  return (await signInAtPages(cloud.client, username, password)).text;
}

const isLocked = /account is locked|AADSTS50053/;
const ways = {
  "the sign-in page": (person: Person, password: string) => presentAtPage(person.name, password),
  "the password grant": async (person: Person, password: string) => (await presentAsClient(person.name, password)).text,
  "Graph's changePassword": async (person: Person, password: string) =>
    (await presentToChange(person.token, password)).text,
} as const;

describe("attack: guessing one person's password", () => {
  for (const [name, present] of Object.entries(ways)) {
    test(`ten wrong ones by ${name} lock the account at every door, for the right one too`, async () => {
      const person = await addPerson(name.replaceAll(/[^a-z]/gi, ""));
      for (let index = 0; index < 10; index++) assert.doesNotMatch(await present(person, `wrong ${index}`), isLocked);
      assert.match(await presentAtPage(person.name, person.password), isLocked);
      assert.match((await presentAsClient(person.name, person.password)).text, isLocked);
      const change = await presentToChange(person.token, person.password);
      assert.equal(change.status, 400, change.text);
    });
  }

  test("a few at each door are counted together", async () => {
    const person = await addPerson("mixed");
    for (let index = 0; index < 9; index++) await Object.values(ways)[index % 3]!(person, `wrong ${index}`);
    await presentAsClient(person.name, "wrong at last");
    for (const present of [ways["the sign-in page"], ways["the password grant"]])
      assert.match(await present(person, person.password), isLocked);
  });

  test("the right password, at any door, begins the count anew", async () => {
    const person = await addPerson("forgetful");
    for (let index = 0; index < 9; index++) await presentAsClient(person.name, `wrong ${index}`);
    assert.equal(await presentAtPage(person.name, person.password), "");
    for (let index = 0; index < 9; index++) await presentToChange(person.token, `wrong again ${index}`);
    assert.equal((await presentToChange(person.token, person.password)).status, 204);
  });
});

describe("attack: spraying one password over many accounts", () => {
  test("an address that fails with many names is slowed down, at the page as for clients", async () => {
    const person = await addPerson("sprayed");
    const names = Array.from({ length: 130 }, (_, index) => `somebody${index}@${person.name.split("@")[1]}`);
    const answers = await Promise.all(names.map((name) => presentAsClient(name, "Spring2026!")));
    assert.ok(
      answers.some(({ text }) => isLocked.test(text)),
      "within a burst of a hundred",
    );
    assert.ok(answers.some(({ text }) => text.includes("AADSTS50034")));
    // Leave comes back as time passes, so a single attempt might just find some: of as many at once as this, not all do.
    const others = Array.from({ length: 40 }, (_, index) => `another${index}@${person.name.split("@")[1]}`);
    const pages = await Promise.all(others.map((name) => presentAtPage(name, "Spring2026!")));
    assert.ok(pages.some((text) => isLocked.test(text)));
  });
});
