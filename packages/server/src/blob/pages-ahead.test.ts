import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { type TestContext, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { BlobRefusal, present } from "./engine/model.ts";
import { listBlobs } from "./list-handlers.ts";
import type { ContainerCall } from "./operation-row.ts";
import { PagesAhead } from "./pages-ahead.ts";
import { RequestHeaders } from "./request-headers.ts";
import { openScratchEngine, putBlockBytes, putBytes, withoutFile } from "./testing/scratch-engine.ts";

const place = { account: "acct", container: "box" };
const at = (blob: string) => ({ ...place, blob });

/** A store whose listings are counted, and a listener that asks it for pages as a client does. */
async function openWalk(test: TestContext) {
  const clock = { nowMs: Date.parse("2026-03-04T05:06:07Z") };
  const { engine } = await openScratchEngine(test, { now: () => new Date(clock.nowMs) });
  await engine.createContainer(place, []);
  const counts = { slices: 0 };
  const list = engine.listBlobs.bind(engine);
  engine.listBlobs = (container, listing) => {
    counts.slices += 1;
    return list(container, listing);
  };
  const ask = async (pagesAhead: PagesAhead, query: string, version = "2025-07-05") => {
    const response = Object.assign(new EventEmitter(), { writableFinished: true });
    pagesAhead.noteArrival();
    const answer = await listBlobs({
      ...{ query: new Map(new URLSearchParams(query)), engine, account: { name: place.account }, version, pagesAhead },
      ...{ headers: new RequestHeaders([]), target: { level: "container", container: place.container } },
      exchange: { origin: "https://localhost:1", prefix: "/acct", response },
    } as unknown as ContainerCall);
    const pieces = Buffer.isBuffer(answer.body) ? [answer.body] : answer.body;
    let text = "";
    for await (const piece of pieces as AsyncIterable<Buffer>) text += piece.toString();
    const length = answer.headers["Content-Length"];
    assert.ok(length === undefined || length === String(Buffer.byteLength(text)));
    response.emit("close");
    return { text, marker: /<NextMarker>([^<]+)</.exec(text)?.[1] };
  };
  /** The page as it is read now by whoever comes for the first time. */
  const askAnew = async (query: string, version?: string) => (await ask(new PagesAhead(engine), query, version)).text;
  return { engine, clock, counts, ask, askAnew };
}

type Walk = Awaited<ReturnType<typeof openWalk>>;

async function takeTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn();
}

/** Fills the container, and asks for pages of one blob, one after the other. */
async function startWalk(test: TestContext, blobs = 9, query = "maxresults=1") {
  const walk = await openWalk(test);
  await Promise.all(
    Array.from({ length: blobs }, (_, number) => putBytes(walk.engine, at(`${number}`), Buffer.from("x"))),
  );
  const pages = new PagesAhead(walk.engine);
  let marker: string | undefined;
  /** @returns whether the page was there before it was asked for. */
  const next = async (turns = 10): Promise<boolean> => {
    await takeTurns(turns);
    const asked: string = marker === undefined ? query : `${query}&marker=${marker}`;
    const before = walk.counts.slices;
    const page = await walk.ask(pages, asked);
    const wasReady = walk.counts.slices === before;
    assert.equal(page.text, await walk.askAnew(asked));
    marker = page.marker;
    return wasReady;
  };
  return { ...walk, pages, next };
}

const queries = [
  "maxresults=2",
  "maxresults=3&include=metadata,tags,uncommittedblobs",
  "maxresults=1&delimiter=/",
  "maxresults=2&include=snapshots,deleted",
  "maxresults=1&prefix=a",
] as const;
const versions = ["2025-07-05", "2020-04-08"] as const;

const name = fc.constantFrom("a", "a/b", "a/c", "b", "b/1", "b/2", "c", "d<", "e", "f\u0001");
const write = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("nothing" as const), name }) },
  fc.record({
    do: fc.constantFrom("put", "delete", "block", "metadata", "tags", "lease", "sweep", "wait", "again"),
    name,
  }),
);

async function carryOut({ engine, clock }: Walk, { do: what, name }: { do: string; name: string }): Promise<void> {
  try {
    if (what === "put") await putBytes(engine, at(name), Buffer.from("x"));
    if (what === "delete") await engine.deleteBlob(at(name));
    if (what === "block") await putBlockBytes(engine, at(name), "AAAA", Buffer.from("x"));
    if (what === "metadata") await engine.setBlobMetadata(at(name), [["k", "v"]]);
    if (what === "tags") await engine.setBlobTags(at(name), [["k", "v"]], present);
    if (what === "lease")
      await engine.leaseBlob(at(name), { action: "acquire", durationSeconds: 15, proposedId: name });
    if (what === "sweep") await engine.sweep();
    if (what === "wait") clock.nowMs += 10_000;
    if (what === "again") {
      await engine.deleteContainer(place);
      await engine.createContainer(place, []);
    }
  } catch (cause) {
    if (!(cause instanceof BlobRefusal)) throw cause;
  }
}

test("a walk shows, byte for byte, what each page would show that is read when it is asked for", {
  skip: withoutFile,
}, async (test) => {
  const walk = await openWalk(test);
  let readyPages = 0;
  const step = fc.record({ write, turns: fc.constantFrom(0, 1, 5), walk: fc.nat({ max: 1 }) });
  const walks = fc.tuple(fc.constantFrom(...queries), fc.constantFrom(...queries));
  const run = async (
    chosen: readonly string[],
    steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
  ) => {
    await carryOut(walk, { do: "again", name: "" });
    for (const blob of ["a", "a/b", "b", "b/1", "b/2", "c", "e"])
      await putBytes(walk.engine, at(blob), Buffer.from("x"));
    const pages = new PagesAhead(walk.engine);
    const markers: (string | undefined)[] = [undefined, undefined];
    for (const { write, turns, walk: which } of steps) {
      const marker = markers[which];
      const query = marker === undefined ? chosen[which]! : `${chosen[which]}&marker=${marker}`;
      const before = walk.counts.slices;
      const page = await walk.ask(pages, query, versions[which]);
      if (walk.counts.slices === before) readyPages += 1;
      assert.equal(page.text, await walk.askAnew(query, versions[which]));
      markers[which] = page.marker;
      await takeTurns(turns);
      await carryOut(walk, write);
      await takeTurns(turns);
    }
  };
  await fc.assert(fc.asyncProperty(walks, fc.array(step, { minLength: 8, maxLength: 24 }), run), { numRuns: 60 });
  assert.ok(readyPages > 50, `${readyPages} pages were ready`);
});

test("the third page of a walk is there when it is asked for; the first two say that it is one", {
  skip: withoutFile,
}, async (test) => {
  const { next } = await startWalk(test);
  assert.deepEqual([await next(), await next(), await next(), await next()], [false, false, true, true]);
});

test("a page that is asked for before all of it is there goes on from there", { skip: withoutFile }, async (test) => {
  const { counts, next } = await startWalk(test, 2600, "maxresults=700");
  await next();
  await next();
  const before = counts.slices;
  await takeTurns(1);
  assert.equal(counts.slices, before + 1, "one slice of two was read ahead");
  await next(0);
  // The slice that was missing, and two of the page that it is compared with.
  assert.equal(counts.slices, before + 4);
});

test("nothing is read ahead while others ask", { skip: withoutFile }, async (test) => {
  const { pages, counts, next } = await startWalk(test);
  await next();
  await next();
  const before = counts.slices;
  pages.noteArrival();
  await takeTurns(10);
  assert.equal(counts.slices, before);
  assert.equal(await next(), false);
  assert.equal(await next(), true);
});

test("a walk that was left off does not keep the next one waiting", { skip: withoutFile }, async (test) => {
  const { pages, counts, ask, next } = await startWalk(test);
  await next();
  await next();
  await takeTurns(10);
  let marker: string | undefined;
  for (let page = 0; page < 3; page++) {
    const before = counts.slices;
    const listed = await ask(pages, marker === undefined ? "maxresults=2" : `maxresults=2&marker=${marker}`);
    assert.equal(counts.slices === before, page === 2);
    marker = listed.marker;
    await takeTurns(10);
  }
});

test("every change lets go of the page, and so does one that is under way", { skip: withoutFile }, async (test) => {
  const { engine, next } = await startWalk(test, 20);
  await next();
  await next();
  assert.equal(await next(), true);
  await takeTurns(10);
  await putBytes(engine, at("zzz"), Buffer.from("x"));
  assert.equal(await next(0), false);
  assert.equal(await next(), true);
  await takeTurns(10);
  const writing = engine.setBlobMetadata(at("zzz"), [["k", "v"]]);
  assert.equal(engine.changeMark, undefined);
  assert.equal(await next(0), false);
  await writing;
  await takeTurns(10);
  const sweeping = engine.sweep();
  assert.equal(engine.changeMark, undefined);
  await sweeping;
  assert.equal(await next(0), false);
});

test("a page that shows a lease is read when it is asked for", { skip: withoutFile }, async (test) => {
  const { engine, clock, next } = await startWalk(test);
  for (const name of ["2", "3"])
    await engine.leaseBlob(at(name), { action: "acquire", durationSeconds: 15, proposedId: name });
  await next();
  await next();
  clock.nowMs += 14_999;
  assert.equal(await next(), false);
  clock.nowMs += 2;
  assert.equal(await next(), false);
  assert.equal(await next(), true);
});

test("a page is kept for a second, and whoever does not come for three is left alone for some", {
  skip: withoutFile,
}, async (test) => {
  const { next } = await startWalk(test, 80);
  test.mock.timers.enable({ apis: ["setTimeout"] });
  await next();
  await next();
  for (let page = 0; page < 3; page++) {
    await takeTurns(10);
    test.mock.timers.tick(page === 1 ? 999 : 1000);
    assert.equal(await next(0), page === 1);
  }
  for (let page = 0; page < 2; page++) {
    await takeTurns(10);
    test.mock.timers.tick(1000);
    assert.equal(await next(0), false);
  }
  for (let page = 0; page < 64; page++) assert.equal(await next(), false);
  assert.equal(await next(), true);
});
