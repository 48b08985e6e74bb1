/** Containers and blobs from their making to their end, over the wire; and what an account says of itself. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { people, startTrialBox, startTrialSurface, tenantId } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const md5 = (text: string): string => createHash("md5").update(text).digest("base64");

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
  const { send } = await startTrialBox(test);
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
  const { send } = await startTrialBox(test);
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
  const { send } = await startTrialBox(test);
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

test("listing pages: opaque markers, sizes, and items with names XML cannot hold", async (test) => {
  const { send, engine } = await startTrialBox(test);
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
