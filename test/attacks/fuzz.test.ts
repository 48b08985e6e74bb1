/** The short fuzz run: the same requests each time. fuzz.long.test.ts is the long one. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { Fuzzer } from "./fuzzer.ts";

const count = 2500;
const seed = 4471;

let cloud: TestCloud;
before(async () => {
  cloud = await startTestCloud();
});
after(() => cloud.dispose());

test(`${count} broken requests are each answered, none by a fault, an inside or a secret`, async () => {
  const fuzzer = new Fuzzer(cloud.client, cloud.surfaces, seed);
  await fuzzer.prepare();
  await fuzzer.run(count);
  assert.deepEqual(fuzzer.findings, []);
  // The requests may ask for new signing keys, a backup or a check of the store, and get them: that is said, and is no fault.
  assert.deepEqual(
    cloud.log.filter((line) => !/^(signing keys rotated|backup made|blob store checked) /.test(line)),
    [],
  );
  const answers = Object.values(fuzzer.counts).reduce((sum, each) => sum + each, 0);
  assert.equal(answers, count);
});
