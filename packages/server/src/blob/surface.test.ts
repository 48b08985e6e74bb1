import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { people, startTrialSurface, type TrialSurface, tenantId } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const md5 = (text: string): string => createHash("md5").update(text).digest("base64");

async function withBox(trial: TrialSurface): Promise<TrialSurface> {
  assert.equal((await trial.send("PUT", "/box?restype=container")).status, 201);
  return trial;
}

test("a container: created, read, found there, given metadata, listed, deleted", async (test) => {
  const { send } = await startTrialSurface(test);
  const created = await send("PUT", "/box?restype=container", {
    headers: { "x-ms-meta-Owner": "me", "x-ms-client-request-id": "abc" },
  });
  assert.equal(created.status, 201);
  assert.match(created.headers.etag!, /^"0x8[0-9A-F]+"$/);
  assert.equal(created.headers["last-modified"], "Fri, 02 Jan 2026 03:04:05 GMT");
  assert.equal(created.headers["x-ms-version"], "2025-07-05");
  assert.equal(created.headers["x-ms-client-request-id"], "abc");
  const again = await send("PUT", "/box?restype=container");
  assert.deepEqual([again.status, again.code], [409, "ContainerAlreadyExists"]);
  for (const target of ["/box?restype=container", "/box?restype=container&comp=metadata", "/box/?restype=container"]) {
    const got = await send("GET", target);
    assert.equal(got.status, 200);
    assert.ok(got.rawHeaders.includes("x-ms-meta-Owner"));
  }
  assert.equal(
    (await send("PUT", "/box?restype=container&comp=metadata", { headers: { "x-ms-meta-a": "1" } })).status,
    200,
  );
  const listed = await send("GET", "/?comp=list&include=metadata&prefix=b&maxresults=5");
  assert.equal(
    listed.text.replace(/0x8[0-9A-F]+/, "ETAG"),
    '<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://localhost:1/acct/"><Prefix>b</Prefix><MaxResults>5</MaxResults><Containers><Container><Name>box</Name><Properties><Last-Modified>Fri, 02 Jan 2026 03:04:05 GMT</Last-Modified><Etag>ETAG</Etag><LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState><DefaultEncryptionScope>$account-encryption-key</DefaultEncryptionScope><DenyEncryptionScopeOverride>false</DenyEncryptionScopeOverride><HasImmutabilityPolicy>false</HasImmutabilityPolicy><HasLegalHold>false</HasLegalHold><ImmutableStorageWithVersioningEnabled>false</ImmutableStorageWithVersioningEnabled></Properties><Metadata><a>1</a></Metadata></Container></Containers><NextMarker /></EnumerationResults>',
  );
  assert.equal((await send("DELETE", "/box?restype=container")).status, 202);
  const gone = await send("GET", "/box?restype=container");
  assert.deepEqual([gone.status, gone.code], [404, "ContainerNotFound"]);
});

test("a blob: put, headed, read, listed, deleted", async (test) => {
  const { send } = await withBox(await startTrialSurface(test));
  const put = await send("PUT", "/box/dir/a%2Fb%20c.txt", {
    headers: {
      ...blockBlob,
      "content-type": "text/plain",
      "x-ms-blob-cache-control": "no-store",
      "x-ms-meta-Kind": "x",
      "content-md5": md5("hello"),
    },
    body: "hello",
  });
  assert.equal(put.status, 201);
  assert.equal(put.headers["content-md5"], md5("hello"));
  assert.equal(put.headers["x-ms-request-server-encrypted"], "false");
  assert.match(put.headers["x-ms-content-crc64"] as string, /^[A-Za-z0-9+/]{11}=$/);
  // An escaped slash in a blob's name is a slash.
  const head = await send("HEAD", "/box/dir/a/b%20c.txt");
  assert.equal(head.status, 200);
  const expected = {
    "content-length": "5",
    "content-type": "text/plain",
    "cache-control": "no-store",
    "content-md5": md5("hello"),
    "x-ms-blob-type": "BlockBlob",
    "x-ms-access-tier": "Hot",
    "x-ms-access-tier-inferred": "true",
    "accept-ranges": "bytes",
    "x-ms-lease-state": "available",
    etag: put.headers.etag,
    "x-ms-server-encrypted": "false",
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(head.headers[name], value, name);
  const got = await send("GET", "/box/dir/a/b%20c.txt");
  assert.deepEqual([got.status, got.text, got.headers["content-md5"]], [200, "hello", md5("hello")]);
  assert.ok(got.rawHeaders.includes("x-ms-meta-Kind"));
  const listed = await send("GET", "/box?restype=container&comp=list&delimiter=&timeout=31536001");
  assert.match(
    listed.text,
    /<Blobs><Blob><Name>dir\/a\/b c.txt<\/Name><Properties>.*<Content-Length>5<\/Content-Length>.*<Content-Encoding \/>.*<\/Properties><OrMetadata \/><\/Blob><\/Blobs><NextMarker \/>/,
  );
  const grouped = await send("GET", "/box?restype=container&comp=list&delimiter=%2F");
  assert.match(grouped.text, /<Delimiter>\/<\/Delimiter><Blobs><BlobPrefix><Name>dir\/<\/Name><\/BlobPrefix><\/Blobs>/);
  assert.equal(
    (await send("DELETE", "/box/dir/a/b%20c.txt", { headers: { "x-ms-delete-snapshots": "include" } })).status,
    202,
  );
  const gone = await send("HEAD", "/box/dir/a/b%20c.txt");
  assert.deepEqual([gone.status, gone.headers["x-ms-error-code"], gone.body.length], [404, "BlobNotFound", 0]);
});

test("blocks: put in any order, committed, listed; the list may come with or without a declaration", async (test) => {
  const { send } = await withBox(await startTrialSurface(test));
  const block = (id: string, body: string) =>
    send("PUT", `/box/b?comp=block&blockid=${encodeURIComponent(id)}`, { body });
  const second = await block("MDI=", "two");
  assert.equal(second.status, 201);
  assert.ok(second.headers["x-ms-content-crc64"] !== undefined && second.headers["content-md5"] === undefined);
  assert.equal((await block("MDE=", "one")).status, 201);
  const pending = await send("GET", "/box/b?comp=blocklist&blocklisttype=all");
  assert.equal(
    pending.text,
    '<?xml version="1.0" encoding="utf-8"?><BlockList><CommittedBlocks /><UncommittedBlocks><Block><Name>MDE=</Name><Size>3</Size></Block><Block><Name>MDI=</Name><Size>3</Size></Block></UncommittedBlocks></BlockList>',
  );
  assert.equal((await send("GET", "/box/b")).code, "BlobNotFound");
  const uncommitted = await send("GET", "/box?restype=container&comp=list&include=uncommittedblobs");
  assert.match(uncommitted.text, /<Name>b<\/Name><Properties><Content-Length>0/);
  const list =
    '<?xml version="1.0" encoding="utf-8"?>\n<BlockList>\n  <Latest>MDE=</Latest><Uncommitted>MDI=</Uncommitted>\n</BlockList>';
  const committed = await send("PUT", "/box/b?comp=blocklist", {
    body: list,
    headers: { "x-ms-blob-content-type": "text/x", "x-ms-meta-m": "1", "content-md5": md5(list) },
  });
  assert.equal(committed.status, 201);
  const got = await send("GET", "/box/b");
  assert.deepEqual([got.text, got.headers["content-type"], got.headers["x-ms-meta-m"]], ["onetwo", "text/x", "1"]);
  const kept = await send("PUT", "/box/b?comp=blocklist", {
    body: "<BlockList><Committed>MDI=</Committed></BlockList>",
  });
  assert.equal(kept.status, 201);
  assert.equal((await send("GET", "/box/b")).text, "two");
  const after = await send("GET", "/box/b?comp=blocklist");
  assert.match(
    after.text,
    /<BlockList><CommittedBlocks><Block><Name>MDI=<\/Name><Size>3<\/Size><\/Block><\/CommittedBlocks><\/BlockList>/,
  );
  assert.equal(after.headers["x-ms-blob-content-length"], "3");
});

test("properties and metadata are replaced as a whole", async (test) => {
  const { send } = await withBox(await startTrialSurface(test));
  await send("PUT", "/box/b", {
    headers: { ...blockBlob, "content-type": "text/plain", "x-ms-meta-a": "1" },
    body: "x",
  });
  const set = await send("PUT", "/box/b?comp=properties", {
    headers: { "x-ms-blob-content-language": "de", "x-ms-blob-content-disposition": "inline" },
  });
  assert.equal(set.status, 200);
  assert.equal((await send("PUT", "/box/b?comp=metadata", { headers: { "x-ms-meta-B": "2" } })).status, 200);
  const head = await send("HEAD", "/box/b");
  assert.equal(head.headers["content-type"], "application/octet-stream");
  assert.equal(head.headers["content-language"], "de");
  assert.equal(head.headers["content-disposition"], "inline");
  assert.equal(head.headers["content-md5"], undefined);
  assert.deepEqual([head.headers["x-ms-meta-a"], head.headers["x-ms-meta-b"]], [undefined, "2"]);
  const metadata = await send("GET", "/box/b?comp=metadata");
  assert.deepEqual([metadata.status, metadata.headers["x-ms-meta-b"], metadata.body.length], [200, "2", 0]);
});

test("a blob without a container is in $root", async (test) => {
  const { send } = await startTrialSurface(test);
  assert.equal((await send("PUT", "/%24root?restype=container")).status, 201);
  assert.equal((await send("PUT", "/top.txt", { headers: blockBlob, body: "top" })).status, 201);
  assert.equal((await send("GET", "/$root/top.txt")).text, "top");
});

const ranges: readonly (readonly [
  header: Record<string, string>,
  status: number,
  body: string,
  contentRange?: string,
])[] = [
  [{ range: "bytes=0-3" }, 206, "0123", "bytes 0-3/10"],
  [{ range: "bytes=8-" }, 206, "89", "bytes 8-9/10"],
  [{ range: "bytes=0-99" }, 206, "0123456789", "bytes 0-9/10"],
  [{ "x-ms-range": "bytes=1-1", range: "bytes=5-6" }, 206, "1", "bytes 1-1/10"],
  [{ range: "bytes=10-" }, 416, "InvalidRange", "bytes */10"],
  [{ range: "bytes=5-4" }, 416, "InvalidRange", "bytes */10"],
  [{ range: "bytes=-3" }, 400, "InvalidHeaderValue"],
  [{ range: "bytes=0-1,3-4" }, 400, "InvalidHeaderValue"],
  [{ range: "lines=0-1" }, 400, "InvalidHeaderValue"],
  [{ "x-ms-range": "bytes=a-b" }, 400, "InvalidHeaderValue"],
  [{ range: "bytes=0-99999999999999999999" }, 400, "InvalidHeaderValue"],
];

test("ranges", async (test) => {
  const { send } = await withBox(await startTrialSurface(test));
  await send("PUT", "/box/b", { headers: blockBlob, body: "0123456789" });
  for (const [headers, status, body, contentRange] of ranges) {
    const got = await send("GET", "/box/b", { headers });
    const name = JSON.stringify(headers);
    assert.equal(got.status, status, name);
    assert.equal(status === 206 ? got.text : got.code, body, name);
    assert.equal(got.headers["content-range"], contentRange, name);
    if (status === 206) assert.equal(got.headers["x-ms-blob-content-md5"], md5("0123456789"));
  }
});

test("an empty blob has no range and is read without one", async (test) => {
  const { send } = await withBox(await startTrialSurface(test));
  await send("PUT", "/box/empty", { headers: blockBlob, body: "" });
  const ranged = await send("GET", "/box/empty", { headers: { "x-ms-range": "bytes=0-33554431" } });
  assert.deepEqual([ranged.status, ranged.code, ranged.headers["content-range"]], [416, "InvalidRange", "bytes */0"]);
  const whole = await send("GET", "/box/empty");
  assert.deepEqual([whole.status, whole.headers["content-length"], whole.body.length], [200, "0", 0]);
});

test("sums of a range go ahead of it when asked for, up to 4 MiB", async (test) => {
  const { send } = await withBox(await startTrialSurface(test));
  await send("PUT", "/box/b", { headers: blockBlob, body: Buffer.alloc(5 * 1024 * 1024, "z") });
  const summed = await send("GET", "/box/b", { headers: { range: "bytes=0-3", "x-ms-range-get-content-md5": "true" } });
  assert.deepEqual([summed.status, summed.headers["content-md5"]], [206, md5("zzzz")]);
  const crc = await send("GET", "/box/b", { headers: { range: "bytes=0-3", "x-ms-range-get-content-crc64": "true" } });
  assert.match(crc.headers["x-ms-content-crc64"] as string, /=$/);
  const long = { range: "bytes=0-4194304", "x-ms-range-get-content-md5": "true" };
  assert.equal((await send("GET", "/box/b", { headers: long })).code, "InvalidHeaderValue");
  assert.equal((await send("GET", "/box/b", { headers: { "x-ms-range-get-content-md5": "true" } })).status, 400);
});

test("conditions over the wire", async (test) => {
  const { send } = await withBox(await startTrialSurface(test));
  const put = await send("PUT", "/box/b", { headers: blockBlob, body: "1" });
  const etag = put.headers.etag!;
  const past = "Thu, 01 Jan 2026 00:00:00 GMT";
  const table: readonly (readonly [method: string, headers: Record<string, string>, status: number, code?: string])[] =
    [
      ["GET", { "if-match": etag }, 200],
      ["GET", { "if-match": etag.replaceAll('"', "") }, 200],
      ["GET", { "if-match": '"0x0"' }, 412, "ConditionNotMet"],
      ["GET", { "if-none-match": etag }, 304, "ConditionNotMet"],
      ["HEAD", { "if-none-match": etag }, 304, "ConditionNotMet"],
      ["GET", { "if-none-match": `"0x0", ${etag}` }, 304, "ConditionNotMet"],
      ["GET", { "if-none-match": "*" }, 400, "UnsatisfiableCondition"],
      ["GET", { "if-modified-since": put.headers["last-modified"]! }, 304, "ConditionNotMet"],
      ["GET", { "if-modified-since": past }, 200],
      ["GET", { "if-unmodified-since": past }, 412, "ConditionNotMet"],
      ["GET", { "if-modified-since": "yesterday" }, 400, "InvalidHeaderValue"],
      ["GET", { "if-match": '"unclosed' }, 400, "InvalidHeaderValue"],
      ["PUT", { ...blockBlob, "if-none-match": "*" }, 409, "BlobAlreadyExists"],
      ["PUT", { ...blockBlob, "if-match": '"0x0"' }, 412, "ConditionNotMet"],
      ["PUT", { ...blockBlob, "if-match": `${etag}, "0x0"` }, 400, "MultipleConditionHeadersNotSupported"],
      ["PUT", { ...blockBlob, "if-match": etag, "if-none-match": "*" }, 400, "MultipleConditionHeadersNotSupported"],
      ["DELETE", { "if-unmodified-since": past }, 412, "ConditionNotMet"],
      ["DELETE", { "if-match": '"0x0"' }, 412, "ConditionNotMet"],
    ];
  for (const [method, headers, status, code] of table) {
    const got = await send(method, "/box/b", { headers });
    const name = `${method} ${JSON.stringify(headers)}`;
    assert.equal(got.status, status, name);
    assert.equal(got.headers["x-ms-error-code"], code, name);
    if (status === 304) assert.deepEqual([got.headers.etag, got.body.length], [etag, 0]);
  }
  const absent = { "if-match": "*", "if-unmodified-since": past };
  assert.equal((await send("DELETE", "/box/none", { headers: absent })).status, 412);
  assert.equal((await send("PUT", "/box/none", { headers: { ...blockBlob, ...absent }, body: "x" })).status, 412);
  assert.equal(
    (await send("PUT", "/box/none", { headers: { ...blockBlob, "if-none-match": "*" }, body: "x" })).status,
    201,
  );
  assert.equal(
    (await send("PUT", "/box/b?comp=block&blockid=MDE%3D", { headers: { "if-match": "*" }, body: "x" })).code,
    "ConditionHeadersNotSupported",
  );
  assert.equal(
    (await send("DELETE", "/box?restype=container", { headers: { "if-unmodified-since": past } })).status,
    412,
  );
});

test("listing pages: opaque markers, sizes, and items with names XML cannot hold", async (test) => {
  const { send, engine } = await withBox(await startTrialSurface(test));
  const names = ["a", "b&<>\"'", "c\ufffe", "d/1", "d/2", "e"];
  for (const name of names)
    assert.equal(
      (await send("PUT", `/box/${encodeURIComponent(name)}`, { headers: blockBlob, body: "x" })).status,
      201,
    );
  const seen: string[] = [];
  for (let marker = ""; ; ) {
    const page = await send(
      "GET",
      `/box?restype=container&comp=list&delimiter=/&maxresults=2&marker=${encodeURIComponent(marker)}`,
    );
    assert.equal(page.status, 200);
    for (const match of page.text.matchAll(/<Name(?: Encoded="true")?>([^<]*)<\/Name>/g)) seen.push(match[1]!);
    marker = /<NextMarker>([^<]+)</.exec(page.text)?.[1] ?? "";
    if (marker === "") break;
  }
  assert.deepEqual(seen, ["a", "b&amp;&lt;&gt;&quot;'", "c%EF%BF%BE", "d/", "e"]);
  assert.equal(
    (
      await engine.listBlobs((await engine.findContainer({ account: "acct", container: "box" }))!, {
        prefix: "",
        delimiter: "",
        from: "",
        limit: 99,
        hasUncommitted: false,
      })
    ).items.length,
    names.length,
  );
  const started = await send("GET", "/box?restype=container&comp=list&startFrom=d");
  assert.ok(!started.text.includes("<Name>a</Name>") && started.text.includes("<Name>e</Name>"));
});

const someId = "11111111-2222-4333-8444-555555555555";

const badInput: readonly (readonly [
  method: string,
  target: string,
  status: number,
  code: string,
  headers?: Record<string, string | string[]>,
  body?: string,
])[] = [
  ["GET", "/box/%zz", 400, "InvalidUri"],
  ["GET", "/box/%c3%28", 400, "InvalidUri"],
  ["GET", "/box/%ed%a0%80", 400, "InvalidUri"],
  ["GET", "/box/%c0%af", 400, "InvalidUri"],
  ["GET", "/box/a/../b", 400, "InvalidUri"],
  ["GET", "/box/a%2F..%2Fb", 400, "InvalidUri"],
  ["GET", "/box/%2e%2e/b", 400, "InvalidUri"],
  ["GET", "/box/./b", 400, "InvalidUri"],
  ["GET", "/%2e%2e/b", 400, "InvalidUri"],
  ["GET", "/box%2Fb", 400, "InvalidUri"],
  ["GET", "//box/b", 400, "InvalidUri"],
  ["GET", "/box/a%5Cb", 400, "InvalidResourceName"],
  ["GET", "/box/a%00b", 400, "InvalidResourceName"],
  ["GET", "/Box/b", 400, "InvalidResourceName"],
  ["GET", "/a--b/b", 400, "InvalidResourceName"],
  ["GET", "/-ab/b", 400, "InvalidResourceName"],
  ["PUT", "/ab?restype=container", 400, "OutOfRangeInput"],
  ["PUT", `/${"a".repeat(64)}?restype=container`, 400, "OutOfRangeInput"],
  ["GET", `/box/${"n".repeat(1025)}`, 400, "OutOfRangeInput"],
  ["GET", `/box/${"n/".repeat(254)}n`, 400, "OutOfRangeInput"],
  ["GET", "/box?restype=container&comp=list&comp=acl", 400, "InvalidQueryParameterValue"],
  ["GET", "/box?restype=container&comp=list&COMP=acl", 400, "InvalidQueryParameterValue"],
  ["GET", "/box?restype=container&%63omp=list&comp=acl", 400, "InvalidQueryParameterValue"],
  ["GET", "/box?restype=container&comp=list&prefix=%ff", 400, "InvalidUri"],
  ["GET", "/box?restype=container&comp=nonsense", 400, "InvalidQueryParameterValue"],
  ["GET", "/?comp=nonsense", 400, "InvalidQueryParameterValue"],
  ["PATCH", "/box/b", 405, "UnsupportedHttpVerb"],
  ["POST", "/box?restype=container", 405, "UnsupportedHttpVerb"],
  ["GET", "/box/b", 400, "InvalidHeaderValue", { "x-http-method": "DELETE" }],
  ["GET", "/box/b", 400, "InvalidHeaderValue", { "x-http-method-override": "DELETE" }],
  ["GET", "/box/b", 400, "InvalidHeaderValue", { "x-ms-version": "latest" }],
  ["GET", "/box/b", 400, "InvalidHeaderValue", { "x-ms-range": ["bytes=0-1", "bytes=2-3"] }],
  ["GET", "/box?restype=container&comp=list&maxresults=ten", 400, "InvalidQueryParameterValue"],
  ["GET", "/box?restype=container&comp=list&maxresults=0", 400, "OutOfRangeQueryParameterValue"],
  ["GET", "/box?restype=container&comp=list&maxresults=-1", 400, "OutOfRangeQueryParameterValue"],
  ["GET", "/box?restype=container&comp=list&marker=forged", 400, "InvalidQueryParameterValue"],
  ["GET", "/box?restype=container&comp=list&include=everything", 400, "InvalidQueryParameterValue"],
  ["HEAD", "/box/b?snapshot=1", 400, "InvalidQueryParameterValue"],
  ["GET", "/box/b?comp=blocklist&blocklisttype=some", 400, "InvalidQueryParameterValue"],
  ["PUT", "/box/b?versionid=2025-01-01T00:00:00Z", 400, "InvalidQueryParameterValue", blockBlob, "x"],
  ["PUT", "/box/b", 400, "MissingRequiredHeader", {}, "x"],
  ["PUT", "/box/b", 400, "InvalidHeaderValue", { "x-ms-blob-type": "Sometimes" }, "x"],
  ["PUT", "/box/b", 411, "MissingContentLengthHeader", { ...blockBlob, "transfer-encoding": "chunked" }, "x"],
  ["PUT", "/box/b", 400, "InvalidMd5", { ...blockBlob, "content-md5": "short" }, "x"],
  ["PUT", "/box/b", 400, "Md5Mismatch", { ...blockBlob, "content-md5": md5("y") }, "x"],
  ["PUT", "/box/b", 400, "Md5Mismatch", { ...blockBlob, "x-ms-blob-content-md5": md5("y") }, "x"],
  ["PUT", "/box/b", 400, "Crc64Mismatch", { ...blockBlob, "x-ms-content-crc64": "AAAAAAAAAAA=" }, "x"],
  ["PUT", "/box/b", 400, "InvalidHeaderValue", { ...blockBlob, "x-ms-content-crc64": "AAAA" }, "x"],
  ["PUT", "/box/b", 400, "InvalidMetadata", { ...blockBlob, "x-ms-meta-a-b": "1" }, "x"],
  ["PUT", "/box/b", 400, "InvalidMetadata", { ...blockBlob, "x-ms-meta-1a": "1" }, "x"],
  ["PUT", "/box/b", 400, "InvalidMetadata", { ...blockBlob, "x-ms-meta-a": ["1", "2"] }, "x"],
  ["PUT", "/box/b", 400, "InvalidMetadata", { ...blockBlob, "x-ms-meta-a": "\u00e9" }, "x"],
  ["PUT", "/box/b", 400, "EmptyMetadataKey", { ...blockBlob, "x-ms-meta-": "1" }, "x"],
  ["PUT", "/box/b", 400, "MetadataTooLarge", { ...blockBlob, "x-ms-meta-a": "v".repeat(8192) }, "x"],
  ["PUT", "/box/b", 400, "InvalidBlobTier", { ...blockBlob, "x-ms-access-tier": "P10" }, "x"],
  ["PUT", "/box/b", 400, "InvalidHeaderValue", { ...blockBlob, "x-ms-lease-id": "x" }, "x"],
  ["PUT", "/box/b", 412, "LeaseNotPresentWithBlobOperation", { ...blockBlob, "x-ms-lease-id": someId }, "x"],
  ["DELETE", "/box?restype=container", 412, "LeaseNotPresentWithContainerOperation", { "x-ms-lease-id": someId }],
  ["GET", "/box/b?snapshot=2025-01-01T00:00:00.0000000Z", 404, "BlobNotFound"],
  ["GET", "/box/b?versionid=2025-01-01T00:00:00.0000000Z", 404, "BlobNotFound"],
  ["PUT", "/box/b?comp=block", 400, "MissingRequiredQueryParameter", {}, "x"],
  ["PUT", "/box/b?comp=block&blockid=%21", 400, "InvalidQueryParameterValue", {}, "x"],
  ["PUT", "/box/b?comp=block&blockid=MDF%3D", 400, "InvalidQueryParameterValue", {}, "x"],
  [
    "PUT",
    `/box/b?comp=block&blockid=${Buffer.alloc(65).toString("base64")}`,
    400,
    "InvalidQueryParameterValue",
    {},
    "x",
  ],
  ["PUT", "/box/b?comp=block&blockid=MDE%3D", 400, "InvalidHeaderValue", {}],
  ["PUT", "/box/b?comp=blocklist", 400, "InvalidBlockList", {}, "<BlockList><Latest>MDE=</Latest></BlockList>"],
  ["PUT", "/box/b?comp=blocklist", 400, "InvalidXmlDocument", {}, "<BlockList><Latest>MDE=</BlockList>"],
  [
    "PUT",
    "/box/b?comp=blocklist",
    400,
    "InvalidXmlDocument",
    {},
    '<!DOCTYPE a [<!ENTITY e "x">]><BlockList>&e;</BlockList>',
  ],
  ["PUT", "/none/b", 404, "ContainerNotFound", blockBlob, "x"],
  ["GET", "/none/b", 404, "ContainerNotFound"],
  ["PUT", "/box?restype=container&comp=metadata", 400, "InvalidHeaderValue", {}, "body"],
  ["PUT", "/box/none?comp=metadata", 404, "BlobNotFound"],
  ["DELETE", "/box/none", 404, "BlobNotFound"],
];

test("bad input gets Azure's error, writes nothing, and never a stack trace", async (test) => {
  const { send, engine, logged } = await withBox(await startTrialSurface(test));
  for (const [method, target, status, code, headers = {}, body] of badInput) {
    const got = await send(method, target, { headers, ...(body === undefined ? {} : { body }) });
    const name = `${method} ${target} ${JSON.stringify(headers).slice(0, 80)}`;
    assert.equal(got.status, status, name);
    assert.equal(got.headers["x-ms-error-code"], code, name);
    if (method !== "HEAD") assert.equal(got.code, code, name);
    assert.ok(!/\n\s+at /.test(got.text), name);
    assert.equal(got.headers["x-ms-request-id"], "99999999-9999-4999-8999-999999999999");
  }
  assert.deepEqual(logged, []);
  const container = (await engine.findContainer({ account: "acct", container: "box" }))!;
  assert.deepEqual(
    (await engine.listBlobs(container, { prefix: "", delimiter: "", from: "", limit: 9, hasUncommitted: true })).items,
    [],
  );
});

const unimplemented: readonly (readonly [
  method: string,
  target: string,
  headers?: Record<string, string>,
  body?: string,
])[] = [
  ["PUT", "/box/b", { ...blockBlob, "x-ms-structured-body": "XSM/1.0; properties=crc64" }, "x"],
  ["POST", "/box/b?comp=query", {}, "<QueryRequest />"],
];

test("what is not there says 501 and does nothing", async (test) => {
  const { send } = await withBox(await startTrialSurface(test));
  await send("PUT", "/box/b", { headers: blockBlob, body: "kept" });
  for (const [method, target, headers = {}, body] of unimplemented) {
    const got = await send(method, target, { headers, ...(body === undefined ? {} : { body }) });
    assert.deepEqual([got.status, got.code], [501, "NotImplemented"], `${method} ${target} ${JSON.stringify(headers)}`);
    assert.match(got.text, /Postern does not implement/);
  }
  assert.equal((await send("GET", "/box/b")).text, "kept");
  const algorithm = { ...blockBlob, "x-ms-encryption-algorithm": "AES256" };
  assert.equal((await send("PUT", "/box/b", { headers: algorithm, body: "x" })).status, 201);
});

test("what the account says of itself", async (test) => {
  const { send } = await startTrialSurface(test);
  for (const target of ["/", "/box", "/box/b"]) {
    const got = await send("GET", `${target}?restype=account&comp=properties`);
    assert.deepEqual(
      [got.status, got.headers["x-ms-sku-name"], got.headers["x-ms-account-kind"]],
      [200, "Standard_LRS", "StorageV2"],
    );
  }
  assert.match((await send("GET", "/?restype=service&comp=properties")).text, /<StorageServiceProperties>/);
  const preflight = { Origin: "https://e.org", "Access-Control-Request-Method": "GET" };
  const refused = await send("OPTIONS", "/box/b", { as: null, headers: preflight });
  assert.deepEqual([refused.status, refused.code], [403, "CorsPreflightFailure"]);
});

test("an unknown account is nowhere, for everybody", async (test) => {
  const { send } = await startTrialSurface(test);
  for (const as of [null, people.operator]) {
    for (const account of ["other", "acct-secondary", "ACCT"]) {
      const got = await send("GET", "/box/b", { as, account });
      assert.deepEqual([got.status, got.code], [404, "ResourceNotFound"]);
    }
  }
});

test("the challenge names tenant and resource", async (test) => {
  const { send } = await startTrialSurface(test);
  const got = await send("GET", "/box/b", { as: null });
  assert.equal(got.status, 401);
  assert.equal(
    got.headers["www-authenticate"],
    `Bearer authorization_uri=https://login.microsoftonline.com/${tenantId}/oauth2/authorize resource_id=https://storage.azure.com`,
  );
});
