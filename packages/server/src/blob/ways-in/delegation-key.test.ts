import assert from "node:assert/strict";
import { test } from "node:test";
import { now, startTrialSurface } from "../testing/trial-surface.ts";

const day = 24 * 60 * 60 * 1000;
const target = "/?restype=service&comp=userdelegationkey";

/** A time some days from now, as clients write it. */
const inDays = (days: number) => `${new Date(now.getTime() + days * day).toISOString().slice(0, 19)}Z`;

test("a key is good for seven days at most, and for none that are further off", async (test) => {
  const { send } = await startTrialSurface(test);
  const ask = async (start: string, expiry: string) => {
    const body = `<KeyInfo>${start === "" ? "" : `<Start>${start}</Start>`}<Expiry>${expiry}</Expiry></KeyInfo>`;
    const { status, code } = await send("POST", target, { body });
    return code ?? status;
  };
  assert.equal(await ask(inDays(0), inDays(7)), 200);
  assert.equal(await ask("", inDays(6.9)), 200);
  assert.equal(await ask(inDays(-6), inDays(1)), 200);
  // The client's clock is a few minutes ahead.
  assert.equal(await ask(inDays(0.005), inDays(7.005)), 200);
  for (const [start, expiry] of [
    [inDays(0), inDays(7.1)],
    [inDays(-1), inDays(6.1)],
    [inDays(3), inDays(8)],
    [inDays(3650), inDays(3651)],
    [inDays(1), inDays(1)],
    [inDays(-2), inDays(-1)],
    [inDays(0), "tomorrow"],
    [inDays(0), ""],
  ] as const) {
    assert.equal(await ask(start, expiry), "InvalidXmlNodeValue", `${start} to ${expiry}`);
  }
});
