import assert from "node:assert/strict";
import { test } from "node:test";
import { startTrialSurface } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const startMs = Date.parse("2026-01-02T03:04:05.678Z");

test("an end comes with a write of a whole blob, counted from when it was asked or made", async (test) => {
  let timeMs = startMs;
  const trial = await startTrialSurface(test, { now: () => new Date(timeMs) });
  const account = "nested";
  const send = (method: string, target: string, headers = {}, body?: string) =>
    trial.send(method, target, { account, headers, ...(body === undefined ? {} : { body }) });
  await send("PUT", "/box?restype=container");
  const ends = async () => (await send("HEAD", "/box/b")).headers["x-ms-expiry-time"];
  const put = (option: string, time?: string) =>
    send(
      "PUT",
      "/box/b",
      { ...blockBlob, "x-ms-expiry-option": option, ...(time === undefined ? {} : { "x-ms-expiry-time": time }) },
      "x",
    );
  assert.equal((await put("RelativeToNow", "60000")).status, 201);
  assert.equal(await ends(), new Date(startMs + 60_000).toUTCString());
  timeMs += 30_000;
  await put("RelativeToCreation", "90000");
  assert.equal(await ends(), new Date(startMs + 90_000).toUTCString());
  await put("Absolute", "Fri, 02 Jan 2026 04:00:00 GMT");
  assert.equal(await ends(), "Fri, 02 Jan 2026 04:00:00 GMT");
  await put("NeverExpire");
  assert.equal(await ends(), undefined);
  await send("PUT", "/box/b?comp=block&blockid=MDE%3D", {}, "x");
  const list = "<BlockList><Latest>MDE=</Latest></BlockList>";
  const header = { "x-ms-expiry-option": "RelativeToNow", "x-ms-expiry-time": "1000" };
  assert.equal((await send("PUT", "/box/b?comp=blocklist", header, list)).status, 201);
  timeMs += 1001;
  assert.equal((await send("GET", "/box/b")).status, 404);
});

test("an end that cannot be is refused, and one on an account without directories", async (test) => {
  const { send } = await startTrialSurface(test);
  const refused: [account: string, headers: Record<string, string>, code: string][] = [
    ["acct", { "x-ms-expiry-option": "NeverExpire" }, "HierarchicalNamespaceNotEnabled"],
    ["nested", { "x-ms-expiry-option": "Someday" }, "InvalidHeaderValue"],
    ["nested", { "x-ms-expiry-option": "Absolute" }, "MissingRequiredHeader"],
    ["nested", { "x-ms-expiry-option": "RelativeToNow", "x-ms-expiry-time": "soon" }, "InvalidHeaderValue"],
    ["nested", { "x-ms-expiry-time": "1000" }, "InvalidHeaderValue"],
  ];
  for (const [account, headers, code] of refused) {
    await send("PUT", "/box?restype=container", { account });
    const got = await send("PUT", "/box/b", { account, headers: { ...blockBlob, ...headers }, body: "x" });
    assert.equal(got.code, code, JSON.stringify(headers));
    assert.equal((await send("HEAD", "/box/b", { account })).status, 404);
  }
});
