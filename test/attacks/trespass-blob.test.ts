/** A reader of one container tries for another, by every way to write its name. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { account, closeWorld, host, openWorld, other, readBlob, secret } from "./trespass-world.ts";

/** What XML 1.0 cannot hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

before(openWorld);
after(closeWorld);

describe("blobs: a reader of /open cannot reach /closed", () => {
  test("the reader reads what it may, and is refused what it may not", async () => {
    assert.equal((await readBlob("/open/letter")).text, "for all to read");
    assert.equal((await readBlob("/closed/letter")).status, 403);
  });

  for (const target of [
    "/open/../closed/letter",
    "/open/%2e%2e/closed/letter",
    "/open/%2E%2E%2Fclosed/letter",
    "/open%2F..%2Fclosed/letter",
    "/open/..%2fclosed%2fletter",
    "//closed/letter",
    "/./closed/letter",
    "/%2e/closed/letter",
    "/closed//letter",
    "/closed%2Fletter",
    "/CLOSED/letter",
    "/%63losed/letter",
    "/closed/letter?",
    "/closed/letter?comp=",
    "/closed/letter?restype=",
    "/closed/letter?comp=metadata",
    "/closed/letter?COMP=metadata&restype=",
    "/open/letter?comp=&comp=block",
    "/closed?restype=container&comp=list",
    "/closed?RESTYPE=container&Comp=LIST",
    "/open?restype=container&comp=list&restype=account",
    "/open/letter/../../closed/letter",
    "/open\\..\\closed\\letter",
    "/open/%5c..%5c..%5cclosed%5cletter",
    "/open/%c0%ae%c0%ae/closed/letter",
    "/?comp=list",
    "/?comp=list&include=metadata",
    "/open/letter;/../../closed/letter",
    "/closed/letter?snapshot=",
    "/closed/letter?versionid=",
    `https://${host}/closed/letter`,
    `https://${other}.blob.core.windows.net/closed/letter`,
    "/open/%00/closed/letter",
  ]) {
    for (const method of ["GET", "HEAD", "PUT", "DELETE", "POST"]) {
      test(`${method} ${target}`, async () => {
        const { status, text } = await readBlob(target, { "x-ms-blob-type": "BlockBlob" }, method);
        assert.ok(!text.includes(secret), text);
        assert.ok((status >= 400 && status < 500) || status === 501, `${status} ${text}`);
        assert.doesNotMatch(text, /ContainerNotFound|BlobNotFound|BlobAlreadyExists/, "tells what is there");
      });
    }
  }

  for (const name of ["..%252fclosed%252fletter", "%ef%bc%8e%ef%bc%8e/closed/letter", "%252e%252e/closed/letter"]) {
    test(`/open/${name} is a blob of /open, decoded once`, async () => {
      assert.equal((await readBlob(`/open/${name}`, { "x-ms-blob-type": "BlockBlob" }, "PUT")).status, 201);
      assert.equal((await readBlob(`/open/${name}`)).text, "");
      const stored = (await readBlob("/open?restype=container&comp=list")).text;
      assert.ok(stored.includes(`<Name>${decodeURIComponent(name)}</Name>`), stored);
      assert.equal((await readBlob(`/open/${name}`, {}, "DELETE")).status, 202);
    });
  }

  for (const [name, value] of [
    ["x-http-method-override", "GET"],
    ["x-original-url", "/closed/letter"],
    ["x-rewrite-url", "/closed/letter"],
    ["x-forwarded-host", `${other}.blob.core.windows.net`],
    ["x-ms-copy-source", `https://${host}/closed/letter`],
    ["x-forwarded-for", "127.0.0.1"],
  ] as const) {
    test(`the header ${name} changes nothing`, async () => {
      const { status, text } = await readBlob("/open/letter", { [name]: value });
      assert.ok(!text.includes(secret));
      assert.ok(status === 200 || status === 400, `${status}`);
    });
  }

  test("a copy needs the right to read its source", async () => {
    const { status, text } = await readBlob(
      "/open/copy",
      { "x-ms-copy-source": `https://${host}/closed/letter`, "x-ms-blob-type": "BlockBlob" },
      "PUT",
    );
    assert.ok(status >= 400, text);
    assert.notEqual((await readBlob("/open/copy")).text, secret);
  });

  test("host style, path style and their secondaries are one account, or none", async () => {
    for (const [at, target] of [
      ["localhost", `/${account}/closed/letter`],
      ["localhost", `/${account}-secondary/closed/letter`],
      ["localhost", `/${account.toUpperCase()}/closed/letter`],
      ["localhost", `//${account}/closed/letter`],
      ["localhost", `/%74respassdata/closed/letter`],
      ["localhost", `/open/../${account}/closed/letter`],
      [`${account}-secondary.blob.core.windows.net`, "/closed/letter"],
      [`${account.toUpperCase()}.BLOB.core.windows.net`, "/closed/letter"],
      [`${account}.blob.core.windows.net.`, "/closed/letter"],
      [`x.${account}.blob.core.windows.net`, "/closed/letter"],
      [`${account}.z6.blob.core.windows.net`, "/closed/letter"],
    ] as const) {
      // The name in the certificate's check stays; the Host header is what is tried.
      const { status, text } = await readBlob(target, { host: at }, "GET", "localhost");
      assert.ok(status >= 400 && status < 500, `${at}${target}: ${status} ${text}`);
    }
    assert.equal((await readBlob(`/${account}/open/letter`, {}, "GET", "localhost")).status, 200);
  });

  test("one without a right is told the same of what is there and of what is not", async () => {
    const shape = async (target: string, method: string, headers = {}) => {
      const { status, text, headers: sent } = await readBlob(target, headers, method);
      return [
        status,
        sent["x-ms-error-code"],
        text
          .replace(/RequestId:\S+|Time:\S+/g, "")
          .replaceAll("nowhere", "closed")
          .replaceAll("nothing", "letter"),
      ];
    };
    for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
      for (const headers of [{}, { "if-none-match": "*" }, { "if-match": '"0x1"' }, { range: "bytes=0-1" }]) {
        const all = { "x-ms-blob-type": "BlockBlob", ...headers };
        const there = await shape("/closed/letter", method, all);
        assert.deepEqual(await shape("/closed/nothing", method, all), there);
        assert.deepEqual(await shape("/nowhere/letter", method, all), there);
      }
      assert.deepEqual(
        await shape("/nowhere?restype=container", method),
        await shape("/closed?restype=container", method),
      );
    }
  });

  test("errors are well-formed whatever is in the request", async () => {
    for (const target of [
      "/open?restype=container&comp=list&maxresults=%01%3C%26",
      "/open/letter?comp=%08",
      "/open?restype=container&comp=list&include=%ef%bf%bf",
      "/open/letter?x=%00&x=%00",
      "/open?restype=container&comp=list&maxresults=%0c",
    ]) {
      const { status, text } = await readBlob(target);
      assert.ok(status >= 400 && status < 500, `${target} ${status}`);
      assert.doesNotMatch(text, unwritable, target);
      assert.doesNotMatch(text, /&(?!(?:amp|lt|gt|quot|apos|#\w+);)/, target);
    }
  });
});
