import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { keepsNothing } from "../resources/blob-service.ts";
import { put as putRow } from "../state/change.ts";
import type { ReadModel } from "../state/read-model.ts";
import { startTrialSurface, type TrialAnswer, type TrialRequest } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };

type Box = {
  send(method: string, target: string, request?: TrialRequest): Promise<TrialAnswer>;
  put(body: string, headers?: Record<string, string>): Promise<TrialAnswer>;
  text(query?: string): Promise<string>;
  model: ReadModel;
  list(include: string, more?: string): Promise<string>;
  pass(days: number): void;
  sweep(): Promise<void>;
};

async function start(test: TestContext, account: string): Promise<Box> {
  let timeMs = Date.parse("2026-01-02T03:04:05.678Z");
  const trial = await startTrialSurface(test, { now: () => new Date(timeMs) });
  const send: Box["send"] = (method, target, request = {}) => trial.send(method, target, { account, ...request });
  await send("PUT", "/box?restype=container");
  return {
    send,
    model: trial.model,
    put: (body, headers = {}) => send("PUT", "/box/b", { headers: { ...blockBlob, ...headers }, body }),
    text: async (query = "") => {
      const got = await send("GET", `/box/b${query}`);
      return got.status === 200 ? got.text : (got.code ?? String(got.status));
    },
    list: async (include, more = "") =>
      (await send("GET", `/box?restype=container&comp=list&include=${include}${more}`)).text,
    pass: (days) => {
      timeMs += days * 24 * 60 * 60 * 1000;
    },
    sweep: () => trial.engine.sweep(),
  };
}

function timesOf(xml: string, tag: string): string[] {
  return [...xml.matchAll(new RegExp(`<${tag}>([^<]*)<`, "g"))].map(([, time]) => time!);
}

test("a snapshot stays what the blob was, until it is deleted", async (test) => {
  const { send, put, text, list } = await start(test, "acct");
  await put("one", { "x-ms-meta-a": "1", "x-ms-tags": "t=1" });
  const made = await send("PUT", "/box/b?comp=snapshot");
  const first = made.headers["x-ms-snapshot"] as string;
  assert.match(first, /^2026-01-02T03:04:05\.\d{7}Z$/);
  const second = (await send("PUT", "/box/b?comp=snapshot", { headers: { "x-ms-meta-own": "2" } })).headers[
    "x-ms-snapshot"
  ] as string;
  await put("two");
  assert.equal(await text(), "two");
  assert.equal(await text(`?snapshot=${first}`), "one");
  const head = await send("HEAD", `/box/b?snapshot=${second}`);
  assert.deepEqual(
    [head.headers["x-ms-meta-a"], head.headers["x-ms-meta-own"], head.headers["x-ms-lease-state"]],
    [undefined, "2", undefined],
  );
  assert.equal((await send("HEAD", `/box/b?snapshot=${first}`)).headers.etag, made.headers.etag);
  assert.deepEqual(timesOf(await list("snapshots"), "Snapshot"), [first, second]);
  assert.deepEqual(timesOf(await list("metadata"), "Snapshot"), []);
  for (const write of ["", "?comp=metadata", "?comp=properties"]) {
    const target = `/box/b${write}${write === "" ? "?" : "&"}snapshot=${first}`;
    assert.equal((await send("PUT", target, { headers: blockBlob })).code, "InvalidQueryParameterValue", target);
  }
  assert.equal((await send("DELETE", "/box/b")).code, "SnapshotsPresent");
  assert.equal((await send("DELETE", `/box/b?snapshot=${second}`)).status, 202);
  assert.equal(await text(`?snapshot=${second}`), "BlobNotFound");
  assert.equal((await send("DELETE", "/box/b", { headers: { "x-ms-delete-snapshots": "only" } })).status, 202);
  assert.deepEqual([await text(), await text(`?snapshot=${first}`)], ["two", "BlobNotFound"]);
  await send("PUT", "/box/b?comp=snapshot");
  assert.equal((await send("DELETE", "/box/b", { headers: { "x-ms-delete-snapshots": "include" } })).status, 202);
  assert.deepEqual(timesOf(await list("snapshots"), "Name"), []);
});

test("a listing with snapshots goes on within a name", async (test) => {
  const { send, put, list } = await start(test, "acct");
  await put("x");
  await send("PUT", "/box/a", { headers: blockBlob, body: "x" });
  for (let index = 0; index < 4; index++) await send("PUT", "/box/b?comp=snapshot");
  const all = await list("snapshots");
  assert.deepEqual(timesOf(all, "Name"), ["a", "b", "b", "b", "b", "b"]);
  const paged: string[] = [];
  for (let marker = ""; ; ) {
    const page = await list("snapshots,uncommittedblobs", `&maxresults=2&marker=${marker}`);
    paged.push(
      ...[...page.matchAll(/<Blob>.*?<\/Blob>/g)].map(
        ([blob]) => `${timesOf(blob, "Name")} ${timesOf(blob, "Snapshot")}`,
      ),
    );
    marker = timesOf(page, "NextMarker")[0] ?? "";
    if (marker === "") break;
  }
  assert.deepEqual(paged, ["a ", ...timesOf(all, "Snapshot").map((time) => `b ${time}`), "b "]);
});

test("what is overwritten or deleted is a version where versions are kept", async (test) => {
  const { send, put, text, list } = await start(test, "versioned");
  const versions: string[] = [];
  for (const body of ["one", "two"]) versions.push((await put(body)).headers["x-ms-version-id"] as string);
  versions.push(
    (await send("PUT", "/box/b?comp=metadata", { headers: { "x-ms-meta-a": "1" } })).headers[
      "x-ms-version-id"
    ] as string,
  );
  assert.equal(new Set(versions).size, 3);
  assert.deepEqual(await Promise.all(versions.map((id) => text(`?versionid=${id}`))), ["one", "two", "two"]);
  const head = await send("HEAD", "/box/b");
  assert.deepEqual([head.headers["x-ms-version-id"], head.headers["x-ms-is-current-version"]], [versions[2], "true"]);
  assert.equal((await send("HEAD", `/box/b?versionid=${versions[0]}`)).headers["x-ms-is-current-version"], undefined);
  assert.deepEqual(timesOf(await list("versions"), "VersionId"), versions);
  assert.match(await list("versions"), new RegExp(`<VersionId>${versions[2]}</VersionId><IsCurrentVersion>true<`));
  assert.doesNotMatch(await list("deletedwithversions"), /HasVersionsOnly/);
  assert.equal((await send("DELETE", "/box/b")).status, 202);
  const gone = await list("deletedwithversions,metadata");
  assert.match(gone, /<Name>b<\/Name><HasVersionsOnly>true<\/HasVersionsOnly>/);
  assert.equal(timesOf(gone, "Name").length, 1);
  assert.deepEqual([await text(), await text(`?versionid=${versions[2]}`)], ["BlobNotFound", "two"]);
  assert.equal((await send("DELETE", `/box/b?versionid=${versions[1]}`)).status, 202);
  assert.equal(await text(`?versionid=${versions[1]}`), "BlobNotFound");
  assert.deepEqual(timesOf(await list("versions"), "VersionId"), [versions[0], versions[2]]);
  assert.deepEqual(timesOf(await list("metadata"), "Name"), []);
});

test("deleted blobs are kept for their days, and had back", async (test) => {
  const { send, put, text, list, pass, sweep } = await start(test, "kept");
  await put("one");
  await put("two");
  const snapshot = (await send("PUT", "/box/b?comp=snapshot")).headers["x-ms-snapshot"] as string;
  const deleted = await send("DELETE", "/box/b", { headers: { "x-ms-delete-snapshots": "include" } });
  assert.equal(deleted.headers["x-ms-delete-type-permanent"], "false");
  assert.deepEqual([await text(), await text(`?snapshot=${snapshot}`)], ["BlobNotFound", "BlobNotFound"]);
  const listed = await list("deleted,snapshots");
  assert.equal(listed.match(/<Deleted>true<\/Deleted>/g)?.length, 3);
  assert.match(listed, /<RemainingRetentionDays>7</);
  assert.equal((await send("PUT", "/box/b?comp=undelete")).status, 200);
  assert.deepEqual([await text(), await text(`?snapshot=${snapshot}`)], ["two", "two"]);
  assert.deepEqual(await list("deleted,snapshots").then((xml) => timesOf(xml, "Snapshot").length), 2);
  await send("DELETE", "/box/b", { headers: { "x-ms-delete-snapshots": "include" } });
  pass(8);
  assert.equal((await send("PUT", "/box/b?comp=undelete")).status, 200);
  assert.equal(await text(), "BlobNotFound");
  await sweep();
  assert.deepEqual(timesOf(await list("deleted,snapshots"), "Name"), []);
  assert.equal((await send("PUT", "/box/b?comp=undelete")).code, "BlobNotFound");
});

test("with both kept, a deleted version is had back as one, or deleted for good", async (test) => {
  const { send, put, text } = await start(test, "both");
  const first = (await put("one")).headers["x-ms-version-id"] as string;
  const second = (await put("two")).headers["x-ms-version-id"] as string;
  assert.equal((await send("DELETE", `/box/b?versionid=${first}`)).headers["x-ms-delete-type-permanent"], "false");
  assert.equal(await text(`?versionid=${first}`), "BlobNotFound");
  await send("PUT", "/box/b?comp=undelete");
  assert.equal(await text(`?versionid=${first}`), "one");
  assert.equal((await send("DELETE", `/box/b?deletetype=permanent&versionid=${first}`)).code, "BlobNotFound");
  await send("DELETE", `/box/b?versionid=${second}`);
  assert.equal(await text(), "BlobNotFound");
  assert.equal((await send("DELETE", `/box/b?deletetype=permanent&versionid=${second}`)).status, 202);
  await send("PUT", "/box/b?comp=undelete");
  assert.deepEqual([await text(`?versionid=${second}`), await text(`?versionid=${first}`)], ["BlobNotFound", "one"]);
});

test("only an account that permits it deletes for good what it keeps", async (test) => {
  const { send, put, model } = await start(test, "both");
  const version = (await put("one")).headers["x-ms-version-id"] as string;
  await put("two");
  await send("DELETE", `/box/b?versionid=${version}`);
  const remove = () => send("DELETE", `/box/b?deletetype=permanent&versionid=${version}`);
  const permit = async (isPermanentDeleteAllowed: boolean) => {
    const account = model.storageAccount("both")!;
    const blobService = { ...keepsNothing, deletedBlobDays: 7, isVersioningEnabled: true, isPermanentDeleteAllowed };
    model.apply(putRow("storageAccount", { ...account, blobService }));
    const { text } = await send("GET", "/?restype=service&comp=properties");
    assert.ok(text.includes(`<AllowPermanentDelete>${isPermanentDeleteAllowed}</AllowPermanentDelete>`), text);
  };
  await permit(false);
  assert.equal((await remove()).code, "InsufficientAccountPermissions");
  await permit(true);
  assert.equal((await remove()).status, 202);
});

test("a deleted container is had back with its blobs, once", async (test) => {
  const { send, put, text, pass, sweep } = await start(test, "kept");
  await put("kept");
  assert.equal((await send("DELETE", "/box?restype=container")).status, 202);
  assert.equal(await text(), "ContainerNotFound");
  const listed = (await send("GET", "/?comp=list&include=deleted")).text;
  const version = timesOf(listed, "Version")[0]!;
  assert.match(listed, /<Name>box<\/Name><Deleted>true<\/Deleted>/);
  await send("PUT", "/box?restype=container");
  const restore = (name: string) =>
    send("PUT", `/${name}?restype=container&comp=undelete`, {
      headers: { "x-ms-deleted-container-name": "box", "x-ms-deleted-container-version": version },
    });
  assert.equal((await restore("box")).code, "ContainerAlreadyExists");
  assert.equal((await restore("again")).status, 201);
  assert.equal((await send("GET", "/again/b")).text, "kept");
  assert.equal((await restore("third")).code, "ContainerNotFound");
  await send("DELETE", "/again?restype=container");
  pass(8);
  await sweep();
  assert.deepEqual(timesOf((await send("GET", "/?comp=list&include=deleted")).text, "Name"), ["box"]);
});
