import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { noSettings, openScratchEngine, plain, putBlockBytes, putBytes } from "../testing/scratch-engine.ts";
import type { BlobStore } from "./blob-store.ts";
import { afterPrefix, type BlobListing, type ListedItem } from "./listing-walk.ts";
import type { ContainerKey } from "./metadata-reader.ts";
import { present } from "./model.ts";

const place = { account: "acct", container: "c" };

const allPast = { snapshots: true, versions: true, deleted: true, gone: true };

const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

type Shown = { readonly kind: ListedItem["kind"]; readonly name: string };

/** The listing as the documentation words it, the slow way. */
function listNaively(
  blobs: readonly string[],
  staged: readonly string[],
  { prefix, delimiter, before }: { prefix: string; delimiter: string; before: string | undefined },
): Shown[] {
  const shown = new Map<string, Shown>();
  const uncommitted = staged.filter((name) => !blobs.includes(name));
  for (const name of [...blobs, ...uncommitted].filter(
    (name) => name.startsWith(prefix) && (before === undefined || byCodePoint(name, before) < 0),
  )) {
    const cut = delimiter === "" ? -1 : name.indexOf(delimiter, prefix.length);
    const kind = uncommitted.includes(name) ? "uncommitted" : "blob";
    const item: Shown = cut < 0 ? { kind, name } : { kind: "prefix", name: name.slice(0, cut + delimiter.length) };
    shown.set(`${item.kind} ${item.name}`, item);
  }
  return [...shown.values()].sort((a, b) => byCodePoint(a.name, b.name) || byCodePoint(a.kind, b.kind));
}

async function listInSlices(
  engine: BlobStore,
  container: ContainerKey,
  options: Omit<BlobListing, "from">,
): Promise<Shown[]> {
  const all: Shown[] = [];
  for (let from: string | undefined = ""; from !== undefined; ) {
    const slice = await engine.listBlobs(container, { ...options, from });
    assert.ok(slice.items.length <= options.limit);
    assert.ok(slice.items.length > 0 || slice.next === undefined);
    assert.notEqual(slice.next, from, "a slice that comes again for ever");
    for (const item of slice.items)
      all.push({ kind: item.kind, name: item.kind === "blob" ? item.record.name : item.name });
    from = slice.next;
  }
  return all.sort((a, b) => byCodePoint(a.name, b.name) || byCodePoint(a.kind, b.kind));
}

// Few characters, so that prefixes meet; some where UTF-16 and code point order part.
const part = fc.string({
  unit: fc.constantFrom("a", "b", "/", "//", "-", "é", "\uffee", "\u{1f600}", "\u{10ffff}", "\ud7ff"),
  maxLength: 5,
});
const names = fc.uniqueArray(
  fc.tuple(fc.constantFrom("a", "ab", "x/y", "\u{1f600}"), part).map((pair) => pair.join("")),
  {
    maxLength: 40,
  },
);

test("a listing in slices of any size is the listing as documented, with and without delimiter and uncommitted blobs", async (test) => {
  const { engine } = await openScratchEngine(test);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      names,
      names,
      fc.constantFrom("", "a", "ab", "x/", "\u{1f600}", "zz"),
      // The last of them have a successor that is not the next number, or none.
      fc.constantFrom("", "/", "//", "b", "\u{1f600}", "\ud7ff", "\u{10ffff}"),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      fc.constantFrom(undefined, undefined, "ab", "x/y", "\uffee", "\u{1f600}b"),
      // Nothing was overwritten or deleted: to show the past, too, changes nothing.
      fc.constantFrom({}, { past: allPast, nowMs: 0 }),
      async (blobs, staged, prefix, delimiter, limit, hasUncommitted, before, more) => {
        const here = { ...place, container: `c${run++}` };
        await engine.createContainer(here, []);
        await Promise.all([
          ...staged
            .filter((name) => !blobs.includes(name))
            .map((blob) => putBlockBytes(engine, { ...here, blob }, "MDE=", Buffer.from("x"))),
          ...blobs.map((blob) => putBytes(engine, { ...here, blob }, Buffer.from("x"))),
        ]);
        const shape = { prefix, delimiter, before };
        const listed = await listInSlices(engine, (await engine.findContainer(here))!, {
          ...{ ...shape, ...more },
          ...{ limit, hasUncommitted },
        });
        assert.deepEqual(listed, listNaively(blobs, hasUncommitted ? staged : [], shape));
      },
    ),
    { numRuns: 60 },
  );
});

test("slices come in code point order and overlap nowhere", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  const blobs = ["a", "a/1", "a/2", "a0", "b", "\uffee", "\u{1f600}", "é"];
  for (const blob of blobs) await putBytes(engine, { ...place, blob }, Buffer.from("x"));
  const seen: string[] = [];
  for (let from: string | undefined = ""; from !== undefined; ) {
    const slice = await engine.listBlobs((await engine.findContainer(place))!, {
      prefix: "",
      delimiter: "/",
      from,
      limit: 2,
      hasUncommitted: false,
    });
    for (const item of slice.items) seen.push(item.kind === "blob" ? item.record.name : item.name);
    from = slice.next;
  }
  assert.deepEqual(seen, ["a", "a/", "a0", "b", "é", "\uffee", "\u{1f600}"]);
});

test("afterPrefix is above everything with the prefix and nothing that sorts after", () => {
  assert.equal(afterPrefix(""), undefined);
  assert.equal(afterPrefix("a"), "b");
  assert.equal(afterPrefix("\ud7ff"), "\ue000");
  assert.equal(afterPrefix("a\u{10ffff}"), "b");
  assert.equal(afterPrefix("\u{10ffff}\u{10ffff}"), undefined);
});

test("containers are listed by account, prefix and slice", async (test) => {
  const { engine } = await openScratchEngine(test);
  for (const container of ["a1", "a2", "a3", "b1"]) await engine.createContainer({ account: "acct", container }, []);
  await engine.createContainer({ account: "acct2", container: "a9" }, []);
  const first = await engine.listContainers("acct", "a", "", 2);
  assert.deepEqual([first.items.map(({ name }) => name), first.next], [["a1", "a2"], "a3"]);
  const second = await engine.listContainers("acct", "a", first.next!, 2);
  assert.deepEqual([second.items.map(({ name }) => name), second.next], [["a3"], undefined]);
});

test("every state of a name is listed once with a delimiter, too, in slices of any size", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  const retention = { isVersioned: true, deletedBlobDays: null };
  for (const blob of ["a", "a", "b/1", "c", "c", "c"]) {
    await putBytes(engine, { ...place, blob }, Buffer.from("x"), { retention });
  }
  const container = (await engine.findContainer(place))!;
  for (let limit = 1; limit < 8; limit++) {
    const shape = { prefix: "", delimiter: "/", limit, hasUncommitted: true, past: allPast, nowMs: 0 };
    const listed = (await listInSlices(engine, container, shape)).map(({ name }) => name);
    assert.deepEqual(listed, ["a", "a", "b/", "c", "c", "c"]);
  }
});

test("a listing has of each blob what a look at it has", async (test) => {
  const { engine } = await openScratchEngine(test);
  await engine.createContainer(place, []);
  const at = (blob: string) => ({ ...place, blob });
  const metadata = [["__proto__", '"\u001f,\\'] as const];
  await putBytes(engine, at("plain"), Buffer.from("x"));
  const settings = { ...noSettings, contentType: 'a"b\\' };
  await putBytes(engine, at("dressed"), Buffer.from("x"), { settings, metadata, accessTier: "Cool" });
  await engine.setBlobTags(at("dressed"), [["k", "v"]], present);
  await engine.putBlob(at("log"), await engine.store([], 0, { md5: true, crc64: false }), plain, "AppendBlob");
  await engine.leaseBlob(at("log"), { action: "acquire", durationSeconds: -1, proposedId: "id" });
  const container = (await engine.findContainer(place))!;
  const asked = { prefix: "", delimiter: "", from: "", limit: 9 };
  const withPast = { hasUncommitted: true, past: allPast, nowMs: 0 };
  for (const more of [{ hasUncommitted: false }, { hasUncommitted: true }, withPast]) {
    const { items } = await engine.listBlobs(container, { ...asked, ...more });
    assert.equal(items.length, 3);
    for (const item of items) {
      assert.ok(item.kind === "blob");
      assert.deepEqual(item.record, await engine.findBlob(container, item.record.name));
    }
  }
});
