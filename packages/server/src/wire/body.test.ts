import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { bodyTimeoutMs, readBody } from "./body.ts";

const incoming = () => Object.assign(new PassThrough(), { headers: {} }) as unknown as IncomingMessage & PassThrough;

test("a body that does not come to its end in time is given up, and one that did is not", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const slow = incoming();
  const reading = readBody(slow, 100);
  slow.write("grant_type=");
  t.mock.timers.tick(bodyTimeoutMs - 1);
  assert.equal(slow.destroyed, false);
  t.mock.timers.tick(1);
  await assert.rejects(reading, { message: "body-aborted" });
  const whole = incoming();
  const read = readBody(whole, 100);
  whole.end("done");
  assert.equal((await read).toString(), "done");
  t.mock.timers.tick(bodyTimeoutMs);
  assert.equal(whole.errored, null);
});
