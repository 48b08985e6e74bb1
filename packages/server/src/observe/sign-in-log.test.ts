import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { SignInRecord } from "./records.ts";
import { SignInLog } from "./sign-in-log.ts";

const text = fc.constantFrom("", "a", "b", "c");
const id = fc.oneof(fc.uuid(), fc.constantFrom("", "r-1"));
const record = fc.record<SignInRecord>(
  {
    ...{ time: text, requestId: id, correlationId: id, appId: text, principalId: text, userPrincipalName: text },
    ...{ resource: text, grant: text, credentialKeyId: text, errorCode: fc.nat() },
  },
  { noNullPrototype: true },
);
const records = fc.array(record, { maxLength: 12 });

test("the latest records are read as they were added, oldest first, however often they were written over", () => {
  fc.assert(
    fc.property(records, fc.integer({ min: 1, max: 5 }), (added, maxRecords) => {
      const log = new SignInLog(maxRecords);
      for (const record of added) log.add(record, record.appId, record.resource);
      assert.deepEqual(log.list(), added.slice(-maxRecords));
    }),
  );
});

test("what was read stays as it is when its place is written over", () => {
  const log = new SignInLog(1);
  const ids = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"];
  const [first, second] = ids.map(
    (one): SignInRecord => ({
      ...{ time: one, requestId: one, correlationId: one, appId: "", principalId: one, userPrincipalName: "" },
      ...{ resource: "", grant: "", credentialKeyId: "", errorCode: 0 },
    }),
  );
  log.add(first!, "app", "one");
  const read = log.list();
  log.add(second!, "app", "two");
  assert.deepEqual(read, [{ ...first, appId: "app", resource: "one" }]);
  assert.deepEqual(log.list(), [{ ...second, appId: "app", resource: "two" }]);
});
