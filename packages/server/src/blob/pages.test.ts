import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { startTrialSurface, type TrialAnswer, type TrialRequest } from "./testing/trial-surface.ts";

const page = 512;

async function start(test: TestContext, pages: number) {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  const headers = { "x-ms-blob-type": "PageBlob", "x-ms-blob-content-length": String(pages * page) };
  assert.equal((await send("PUT", "/box/disk", { headers })).status, 201);
  const rangeOf = (first: number, count: number): string => `bytes=${first * page}-${(first + count) * page - 1}`;
  const write = (first: number, body: Buffer, more: TrialRequest["headers"] = {}): Promise<TrialAnswer> =>
    send("PUT", "/box/disk?comp=page", {
      headers: { "x-ms-page-write": "update", "x-ms-range": rangeOf(first, body.length / page), ...more },
      body,
    });
  const clear = (first: number, count: number): Promise<TrialAnswer> =>
    send("PUT", "/box/disk?comp=page", {
      headers: { "x-ms-page-write": "clear", "x-ms-range": rangeOf(first, count) },
    });
  const ranges = async (query = ""): Promise<string[]> =>
    [
      ...(await send("GET", `/box/disk?comp=pagelist${query}`)).text.matchAll(
        /<(Page|Clear)Range><Start>(\d+)<\/Start><End>(\d+)</g,
      ),
    ].map(([, kind, from, to]) => `${kind} ${Number(from) / page}-${(Number(to) + 1) / page}`);
  return { send, write, clear, ranges };
}

const fill = (count: number, byte: number): Buffer => Buffer.alloc(count * page, byte);

test("pages are written, cleared and listed, and what was never written is zeros", async (test) => {
  const { send, write, clear, ranges } = await start(test, 16);
  assert.deepEqual(await ranges(), []);
  await write(2, fill(4, 1));
  const snapshot = (await send("PUT", "/box/disk?comp=snapshot")).headers["x-ms-snapshot"];
  await write(4, fill(1, 2));
  await clear(3, 1);
  await write(8, fill(2, 3));
  assert.deepEqual(await ranges(), ["Page 2-3", "Page 4-6", "Page 8-10"]);
  assert.deepEqual(await ranges(`&prevsnapshot=${snapshot}`), ["Page 4-5", "Page 8-10", "Clear 3-4"]);
  assert.deepEqual(await ranges(`&snapshot=${snapshot}`), ["Page 2-6"]);
  const paged = await send("GET", "/box/disk?comp=pagelist&maxresults=2");
  const marker = /<NextMarker>(\d+)</.exec(paged.text)?.[1];
  assert.deepEqual(await ranges(`&maxresults=2&marker=${marker}`), ["Page 8-10"]);
  const expected = Buffer.concat([
    fill(2, 0),
    fill(1, 1),
    fill(1, 0),
    fill(1, 2),
    fill(1, 1),
    fill(2, 0),
    fill(2, 3),
    fill(6, 0),
  ]);
  assert.ok((await send("GET", "/box/disk")).body.equals(expected));
  const part = await send("GET", "/box/disk", { headers: { range: "bytes=1000-4999" } });
  assert.ok(part.body.equals(expected.subarray(1000, 5000)));
  assert.ok((await send("GET", `/box/disk?snapshot=${snapshot}`)).body.subarray(2 * page, 6 * page).equals(fill(4, 1)));
});

test("size and sequence number change as asked, and guard writes", async (test) => {
  const { send, write, ranges } = await start(test, 4);
  await write(0, fill(4, 7));
  const set = (headers: Record<string, string>) => send("PUT", "/box/disk?comp=properties", { headers });
  const resize = (pages: number) => set({ "x-ms-blob-content-length": String(pages * page) });
  await resize(2);
  await resize(6);
  assert.ok((await send("GET", "/box/disk")).body.equals(Buffer.concat([fill(2, 7), fill(4, 0)])));
  assert.deepEqual(await ranges(), ["Page 0-2"]);
  const number = async (action: string, value?: string) => {
    const headers = { "x-ms-sequence-number-action": action, ...(value && { "x-ms-blob-sequence-number": value }) };
    return (await set(headers)).headers["x-ms-blob-sequence-number"];
  };
  assert.deepEqual(
    [await number("update", "5"), await number("max", "3"), await number("max", "9"), await number("increment")],
    ["5", "5", "9", "10"],
  );
  const guarded = async (headers: Record<string, string>) => (await write(0, fill(1, 1), headers)).status;
  assert.equal(await guarded({ "x-ms-if-sequence-number-le": "9" }), 412);
  assert.equal(await guarded({ "x-ms-if-sequence-number-lt": "10" }), 412);
  assert.equal(await guarded({ "x-ms-if-sequence-number-eq": "10" }), 201);
  const rows: [headers: Record<string, string>, code: string][] = [
    [{ "x-ms-page-write": "update", "x-ms-range": "bytes=0-510" }, "InvalidPageRange"],
    [{ "x-ms-page-write": "clear", "x-ms-range": "bytes=0-51199" }, "InvalidPageRange"],
    [{ "x-ms-page-write": "paint", "x-ms-range": "bytes=0-511" }, "InvalidHeaderValue"],
    [{ "x-ms-page-write": "update", "x-ms-range": "bytes=0-511" }, "InvalidHeaderValue"],
  ];
  for (const [headers, code] of rows) assert.equal((await send("PUT", "/box/disk?comp=page", { headers })).code, code);
  assert.equal((await resize(0.5)).code, "InvalidHeaderValue");
});

test("whatever is written and cleared, the bytes are those of a plain buffer", async (test) => {
  const pages = 40;
  const { send, write, clear, ranges } = await start(test, pages);
  const model = fill(pages, 0);
  const change = fc.tuple(fc.nat(pages - 1), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 255 }));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
      for (const [first, wanted, byte] of changes) {
        const count = Math.min(wanted, pages - first);
        if (byte % 3 === 0) await clear(first, count);
        else await write(first, fill(count, byte));
        model.fill(byte % 3 === 0 ? 0 : byte, first * page, (first + count) * page);
      }
      assert.ok((await send("GET", "/box/disk")).body.equals(model));
      for (const range of await ranges()) {
        const [from, to] = range.slice(5).split("-").map(Number);
        for (let at = from!; at < to!; at++) assert.notEqual(model[at * page], 0);
      }
    }),
    { numRuns: 25 },
  );
});

test("pages are put from a URL, and not cleared by one", async (test) => {
  const { send, write, ranges } = await start(test, 4);
  await write(0, Buffer.alloc(page, 1));
  const put = (action: string) =>
    send("PUT", "/box/disk?comp=page", {
      headers: {
        "x-ms-copy-source": "https://acct.blob.core.windows.net/box/disk",
        "x-ms-source-range": "bytes=0-511",
        "x-ms-range": "bytes=1024-1535",
        ...(action === "" ? {} : { "x-ms-page-write": action }),
      },
    });
  assert.equal((await put("clear")).code, "InvalidHeaderValue");
  assert.equal((await put("copy")).code, "InvalidHeaderValue");
  assert.equal((await put("")).code, "MissingRequiredHeader");
  assert.deepEqual(await ranges(), ["Page 0-1"]);
  assert.equal((await put("Update")).status, 201);
  assert.deepEqual(await ranges(), ["Page 0-1", "Page 2-3"]);
});
