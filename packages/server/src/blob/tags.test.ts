import assert from "node:assert/strict";
import { test } from "node:test";
import { people, startTrialSurface, type TrialSurface } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };

function put(trial: TrialSurface, name: string, tags?: string): Promise<{ status: number }> {
  const headers = tags === undefined ? blockBlob : { ...blockBlob, "x-ms-tags": tags };
  return trial.send("PUT", name, { headers, body: "x" });
}

function xmlOf(tags: Readonly<Record<string, string>>): string {
  const set = Object.entries(tags).map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`);
  return `<?xml version="1.0" encoding="utf-8"?><Tags><TagSet>${set.join("")}</TagSet></Tags>`;
}

async function start(test: Parameters<typeof startTrialSurface>[0]): Promise<TrialSurface> {
  const trial = await startTrialSurface(test);
  for (const name of ["box", "crate"]) await trial.send("PUT", `/${name}?restype=container`);
  return trial;
}

test("tags come with a write, are read, replaced and counted, and change no ETag", async (test) => {
  const trial = await start(test);
  await put(trial, "/box/b", "z=last&Project%20A=x%2By");
  const before = await trial.send("HEAD", "/box/b");
  assert.equal(before.headers["x-ms-tag-count"], "2");
  assert.match(
    (await trial.send("GET", "/box/b?comp=tags")).text,
    /<Tags><TagSet><Tag><Key>Project A<\/Key><Value>x\+y<\/Value><\/Tag><Tag><Key>z<\/Key><Value>last<\/Value><\/Tag><\/TagSet><\/Tags>$/,
  );
  const set = await trial.send("PUT", "/box/b?comp=tags", { body: xmlOf({ k: "v" }) });
  assert.equal(set.status, 204);
  const after = await trial.send("HEAD", "/box/b");
  assert.deepEqual([after.headers["x-ms-tag-count"], after.headers.etag], ["1", before.headers.etag]);
  await put(trial, "/box/b");
  assert.equal((await trial.send("HEAD", "/box/b")).headers["x-ms-tag-count"], undefined);
  assert.match((await trial.send("GET", "/box/b?comp=tags")).text, /<Tags><TagSet><\/TagSet><\/Tags>/);
});

test("bad tags are refused and change nothing", async (test) => {
  const trial = await start(test);
  await put(trial, "/box/b", "a=b");
  const rows: [body: string, code: string][] = [
    [xmlOf({ "a!": "b" }), "InvalidTag"],
    [xmlOf({ "": "b" }), "EmptyTagName"],
    [xmlOf({ a: "v".repeat(257) }), "TagsTooLarge"],
    [xmlOf(Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`k${index}`, ""]))), "TagsTooLarge"],
    [
      "<Tags><TagSet><Tag><Key>a</Key><Value /></Tag><Tag><Key>a</Key><Value /></Tag></TagSet></Tags>",
      "DuplicateTagNames",
    ],
    ["<Tags><TagSet><Tag><Key>a</Key></Tag></TagSet></Tags>", "InvalidXmlDocument"],
    ["<!DOCTYPE a><Tags><TagSet /></Tags>", "InvalidXmlDocument"],
    ["<Tags><TagSet>", "InvalidXmlDocument"],
  ];
  for (const [body, code] of rows) {
    assert.equal((await trial.send("PUT", "/box/b?comp=tags", { body })).code, code, body.slice(0, 80));
  }
  const header = { ...blockBlob, "x-ms-tags": "a=1&a=2" };
  assert.equal((await trial.send("PUT", "/box/c", { headers: header, body: "x" })).code, "DuplicateTagNames");
  assert.match((await trial.send("GET", "/box/b?comp=tags")).text, /<Key>a<\/Key><Value>b</);
  assert.equal((await trial.send("PUT", "/box/none?comp=tags", { body: xmlOf({}) })).code, "BlobNotFound");
});

test("a condition on tags decides reads and writes", async (test) => {
  const trial = await start(test);
  await put(trial, "/box/b", "State=open");
  const ask = async (method: string, target: string, condition: string): Promise<number> =>
    (await trial.send(method, target, { headers: { "x-ms-if-tags": condition, "x-ms-meta-a": "1" } })).status;
  assert.equal(await ask("GET", "/box/b", `"State" = 'open'`), 200);
  assert.equal(await ask("GET", "/box/b", `"State" = 'shut'`), 412);
  assert.equal(await ask("PUT", "/box/b?comp=metadata", `State <> 'open'`), 412);
  assert.equal(await ask("PUT", "/box/b?comp=metadata", `State <> 'shut'`), 200);
  assert.equal(await ask("GET", "/box/b", "State ="), 400);
  assert.equal(await ask("DELETE", "/box/b", `State = 'shut' OR State = 'open'`), 202);
});

async function find(trial: TrialSurface, target: string): Promise<string[]> {
  const names: string[] = [];
  for (let marker = ""; ; ) {
    const { text, status } = await trial.send("GET", `${target}&marker=${encodeURIComponent(marker)}`);
    assert.equal(status, 200, text);
    for (const [, name, container] of text.matchAll(/<Name>([^<]*)<\/Name><ContainerName>([^<]*)</g)) {
      names.push(`${container}/${name}`);
    }
    marker = /<NextMarker>([^<]*)</.exec(text)?.[1] ?? "";
    if (marker === "") return names;
  }
}

test("blobs are found by tags, over containers, in pages", async (test) => {
  const trial = await start(test);
  for (let index = 0; index < 12; index++) {
    const name = String(index).padStart(2, "0");
    await put(trial, `/${index % 3 === 0 ? "crate" : "box"}/${name}`, `n=${name}&parity=${index % 2}`);
  }
  const where = (text: string): string => `where=${encodeURIComponent(text)}`;
  const even = `"parity" = '0' AND "n" > '02' AND "n" <= '10'`;
  assert.deepEqual(await find(trial, `/?comp=blobs&${where(even)}`), ["box/04", "box/08", "box/10", "crate/06"]);
  assert.deepEqual(await find(trial, `/?comp=blobs&maxresults=1&${where(even)}`), [
    "box/04",
    "box/08",
    "box/10",
    "crate/06",
  ]);
  assert.deepEqual(await find(trial, `/box?restype=container&comp=blobs&${where(even)}`), [
    "box/04",
    "box/08",
    "box/10",
  ]);
  assert.deepEqual(await find(trial, `/?comp=blobs&${where(`@container = 'crate' AND ${even}`)}`), ["crate/06"]);
  await trial.send("PUT", "/box/04?comp=tags", { body: xmlOf({ other: "1" }) });
  await trial.send("DELETE", "/box/08");
  await put(trial, "/box/10");
  assert.deepEqual(await find(trial, `/?comp=blobs&${where(even)}`), ["crate/06"]);
  assert.deepEqual(await find(trial, `/?comp=blobs&${where("other='1'")}`), ["box/04"]);
  await trial.send("DELETE", "/crate?restype=container");
  assert.deepEqual(await find(trial, `/?comp=blobs&${where(even)}`), []);
  assert.equal((await trial.send("GET", `/?comp=blobs&${where("a ! 'b'")}`)).code, "InvalidQueryParameterValue");
  assert.equal((await trial.send("GET", "/?comp=blobs")).code, "MissingRequiredQueryParameter");
  assert.equal((await trial.send("GET", `/?comp=blobs&marker=x&${where("a='b'")}`)).code, "InvalidQueryParameterValue");
});

test("a listing shows tags to those who may read them", async (test) => {
  const trial = await start(test);
  await put(trial, "/box/b", "a=1");
  const list = "/box?restype=container&comp=list";
  assert.match((await trial.send("GET", `${list}&include=tags`)).text, /<Tag><Key>a<\/Key><Value>1<\/Value><\/Tag>/);
  assert.match((await trial.send("GET", list, { as: people.reader })).text, /<TagCount>1<\/TagCount>/);
  assert.equal((await trial.send("GET", `${list}&include=tags`, { as: people.reader })).status, 403);
});

test("Storage Blob Data Contributor writes blobs, but no tags", async (test) => {
  const trial = await start(test);
  const as = people.contributor;
  assert.equal((await trial.send("PUT", "/box/b", { as, headers: blockBlob, body: "x" })).status, 201);
  const tagged = { ...blockBlob, "x-ms-tags": "a=1" };
  assert.equal(
    (await trial.send("PUT", "/box/b", { as, headers: tagged, body: "x" })).code,
    "AuthorizationPermissionMismatch",
  );
  const body = xmlOf({ a: "1" });
  assert.equal((await trial.send("PUT", "/box/b?comp=tags", { as, body })).code, "AuthorizationPermissionMismatch");
  assert.equal((await trial.send("HEAD", "/box/b")).headers["x-ms-tag-count"], undefined);
});
