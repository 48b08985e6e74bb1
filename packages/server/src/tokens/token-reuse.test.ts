import assert from "node:assert/strict";
import { test } from "node:test";
import type { IssuedToken } from "./service.ts";
import { maxReusableTokens, type TokenPlace, TokenReuse } from "./token-reuse.ts";

const start = new Date("2026-03-01T12:00:00.000Z");
const after = (ms: number) => new Date(start.getTime() + ms);

/** Issues tokens named by their number. */
function makeIssuer() {
  let count = 0;
  const issue = async (): Promise<IssuedToken> => {
    count += 1;
    return { token: `token ${count}`, validity: { notBefore: 0, expiresAt: 0 } };
  };
  return { issue, count: () => count };
}

test("within the window the same token, after it another", async () => {
  const reuse = new TokenReuse(300);
  const { issue } = makeIssuer();
  const take = async (now: Date, key = "a", isFresh = false) => (await reuse.take(key, now, isFresh, issue)).token;
  assert.equal(await take(start), "token 1");
  assert.equal(await take(after(299_999)), "token 1");
  assert.equal(await take(after(299_999), "b"), "token 2");
  assert.equal(await take(after(300_000)), "token 3");
  assert.equal(await take(after(300_001), "a", true), "token 4", "a fresh one was asked for");
  assert.equal(await take(after(300_002)), "token 4", "and stands for the old one from then on");
  assert.equal(await take(after(-1)), "token 5", "a clock set back does not prolong it");
});

test("a window of 0, and no key, mean a new token each time", async () => {
  const { issue, count } = makeIssuer();
  const off = new TokenReuse(0);
  await off.take("a", start, false, issue);
  await off.take("a", start, false, issue);
  const on = new TokenReuse(300);
  await on.take(undefined, start, false, issue);
  await on.take(undefined, start, false, issue);
  assert.equal(count(), 4);
});

test("a shortcut leads to the same token, within the same window, and to no older one than was asked for since", async () => {
  const reuse = new TokenReuse(300);
  const { issue } = makeIssuer();
  const place: TokenPlace = { found: undefined };
  assert.equal(reuse.recall(place, start), undefined);
  await reuse.take("a", start, false, issue, place);
  assert.equal((await reuse.recall(place, after(299_999)))?.token, "token 1");
  assert.equal(reuse.recall(place, after(300_000)), undefined);
  assert.equal(reuse.recall(place, after(-1)), undefined);
  await reuse.take("a", after(1), true, issue, place);
  assert.equal((await reuse.recall(place, after(2)))?.token, "token 2");
  const fail = () => Promise.reject(new Error("no key"));
  const other: TokenPlace = { found: undefined };
  await assert.rejects(async () => reuse.take("b", start, false, fail, other), /no key/);
  assert.equal(reuse.recall(other, start), undefined);
});

test("of many who ask at once one has it made; a failure is nobody's token", async () => {
  const reuse = new TokenReuse(300);
  const { issue, count } = makeIssuer();
  const tokens = await Promise.all(Array.from({ length: 50 }, () => reuse.take("a", start, false, issue)));
  assert.equal(count(), 1);
  assert.equal(new Set(tokens.map(({ token }) => token)).size, 1);
  const fail = () => Promise.reject(new Error("no key"));
  await assert.rejects(async () => reuse.take("b", start, false, fail), /no key/);
  assert.equal((await reuse.take("b", start, false, issue)).token, "token 2");
});

test("the memory is bounded: who was not asked for longest is forgotten", async () => {
  const reuse = new TokenReuse(300);
  const { issue, count } = makeIssuer();
  for (let index = 0; index <= maxReusableTokens; index++) await reuse.take(`key ${index}`, start, false, issue);
  const made = count();
  await reuse.take(`key ${maxReusableTokens}`, start, false, issue);
  assert.equal(count(), made);
  await reuse.take("key 0", start, false, issue);
  assert.equal(count(), made + 1);
});
