import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openScratchEngine, putBlockBytes, putBytes } from "../testing/scratch-engine.ts";
import type { BlobStore } from "./blob-store.ts";
import { afterPrefix, type ListedItem } from "./listing-walk.ts";
import type { ContainerKey } from "./metadata-reader.ts";

const place = { account: "acct", container: "c" };

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
  options: { prefix: string; delimiter: string; limit: number; hasUncommitted: boolean; before?: string | undefined },
): Promise<Shown[]> {
  const all: Shown[] = [];
  for (let from: string | undefined = ""; from !== undefined; ) {
    const slice = await engine.listBlobs(container, { ...options, from });
    assert.ok(slice.items.length <= options.limit);
    assert.ok(slice.items.length > 0 || slice.next === undefined);
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
      fc.constantFrom("", "/", "//", "b", "\u{1f600}"),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      fc.constantFrom(undefined, undefined, "ab", "x/y", "\uffee", "\u{1f600}b"),
      async (blobs, staged, prefix, delimiter, limit, hasUncommitted, before) => {
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
          ...shape,
          limit,
          hasUncommitted,
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
