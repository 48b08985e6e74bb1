import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SamplePorts, sampleTime } from "../tokens/sample-directory.ts";
import { AttemptBuckets, addressOf } from "./attempt-buckets.ts";
import {
  addressBurst,
  addressRefillPerSecond,
  FailedSignIns,
  firstLockoutSeconds,
  lockoutThreshold,
} from "./failed-sign-ins.ts";

const at = (seconds: number) => new Date(sampleTime.getTime() + seconds * 1000);
const home = "192.0.2.1";

function failTimes(failed: FailedSignIns, count: number, seconds = 0, name = "ada"): void {
  for (let index = 0; index < count; index++) {
    const attempt = failed.begin(name, true, home, at(seconds));
    assert.notEqual(attempt, undefined, `attempt ${index} at ${seconds} s`);
    attempt!.fail(`guess ${seconds}-${index}`);
  }
}
const isLocked = (failed: FailedSignIns, seconds: number, name = "ada") => {
  const attempt = failed.begin(name, true, home, at(seconds));
  attempt?.succeed();
  return attempt === undefined;
};

describe("lock-out", () => {
  test("ten failures lock for a minute; one more after it for two, then four; the right password starts anew", () => {
    const failed = new FailedSignIns(new SamplePorts());
    failTimes(failed, lockoutThreshold);
    assert.equal(failed.begin("ada", true, home, at(firstLockoutSeconds - 1)), undefined);
    failTimes(failed, 1, 60);
    assert.equal(failed.begin("ada", true, home, at(60 + 119)), undefined);
    failTimes(failed, 1, 180);
    assert.equal(failed.begin("ada", true, home, at(180 + 239)), undefined);
    assert.equal(isLocked(failed, 420), false);
    failTimes(failed, lockoutThreshold - 1, 421);
    assert.equal(isLocked(failed, 422), false);
  });

  test("the same wrong password again is not counted again", () => {
    const failed = new FailedSignIns(new SamplePorts());
    for (let index = 0; index < 50; index++) failed.begin("ada", true, home, at(index * 2))!.fail("old password");
    assert.equal(isLocked(failed, 100), false);
  });

  test("attempts at once get no more guesses than one after another", () => {
    const failed = new FailedSignIns(new SamplePorts());
    const attempts = Array.from({ length: 50 }, () => failed.begin("ada", true, home, at(0)));
    assert.equal(attempts.filter((attempt) => attempt !== undefined).length, lockoutThreshold);
    for (const [index, attempt] of attempts.entries()) attempt?.fail(`guess ${index}`);
    assert.equal(isLocked(failed, 1), true);
  });

  test("names that are nobody's lock alike, and a flood of them forgets no person's failures", () => {
    const failed = new FailedSignIns(new SamplePorts());
    failTimes(failed, lockoutThreshold);
    for (let index = 0; index < 20_000; index++) {
      failed.begin(`nobody ${index}`, false, `198.51.100.${index}`, at(1))!.fail("x");
    }
    assert.equal(isLocked(failed, 2), true);
    for (let index = 0; index < lockoutThreshold; index++)
      failed.begin("nobody", false, home, at(3))!.fail(`x${index}`);
    assert.equal(failed.begin("nobody", false, home, at(4)), undefined);
  });

  test("a day without a failure forgets", () => {
    const failed = new FailedSignIns(new SamplePorts());
    failTimes(failed, lockoutThreshold - 1);
    failTimes(failed, lockoutThreshold - 1, 86_400);
    assert.equal(isLocked(failed, 86_401), false);
  });
});

describe("attack: password spraying", () => {
  test("one address fails with many accounts: slowed down; others are not; the right password costs nothing", () => {
    const failed = new FailedSignIns(new SamplePorts());
    const spray = (index: number, seconds: number) => failed.begin(`user ${index}`, true, home, at(seconds));
    for (let index = 0; index < 1000; index++) spray(index, 0)?.succeed();
    let served = 0;
    for (let index = 0; index < 1000; index++) {
      const attempt = spray(index, 0);
      if (attempt !== undefined) served++;
      attempt?.fail("Spring2026!");
    }
    assert.equal(served, addressBurst);
    assert.notEqual(failed.begin("user 1", true, "192.0.2.99", at(0)), undefined);
    let later = 0;
    for (let second = 1; second <= 600; second++) {
      const attempt = spray(2000 + second, second);
      if (attempt !== undefined) later++;
      attempt?.fail("Spring2026!");
    }
    assert.equal(later, 600 * addressRefillPerSecond);
  });

  test("an address is an IPv4 address, or the network of an IPv6 one", () => {
    assert.equal(addressOf("::ffff:192.0.2.1"), "192.0.2.1");
    assert.equal(addressOf("2001:db8:1:2:3:4:5:6"), addressOf("2001:db8:1:2:ffff:4:5:6"));
    assert.notEqual(addressOf("2001:db8:1:2::1"), addressOf("2001:db8:1:3::1"));
    assert.equal(addressOf(undefined), "");
  });

  test("time that runs backwards gives nothing", () => {
    const buckets = new AttemptBuckets(1, 1);
    assert.equal(buckets.take("a", at(100)), true);
    assert.equal(buckets.take("a", at(0)), false);
  });
});
