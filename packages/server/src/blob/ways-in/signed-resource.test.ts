/** Signatures of directories, which accounts with a hierarchical namespace have. Each is made by the JavaScript SDK. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { type TestContext, test } from "node:test";
import { BlobSASPermissions, type BlobSASSignatureValues, generateBlobSASQueryParameters } from "@azure/storage-blob";
import { blockBlob, credential, delegatedKey, later } from "../testing/sample-signatures.ts";
import { accountKeys, people, startTrialSurface } from "../testing/trial-surface.ts";

const account = "nested";

/** @param isDelegated by the operator, else by the account's key. */
function signDirectory(directory: string, letters: string, isDelegated = false, over: object = {}): string {
  const values = {
    containerName: "box",
    blobName: directory,
    isDirectory: true,
    permissions: BlobSASPermissions.parse(letters),
    expiresOn: later,
    ...over,
  } as BlobSASSignatureValues;
  if (!isDelegated) return generateBlobSASQueryParameters(values, credential(account)).toString();
  return generateBlobSASQueryParameters(values, delegatedKey(people.operator), account).toString();
}

/** With the letter of listings, which the SDK for blobs has not for directories; that for data lakes has. */
function signListing(directory: string): string {
  const [sp, se, sv, sr] = ["rl", "2026-01-03T00:00:00Z", "2020-12-06", "d"];
  const text = [sp, "", se, `/blob/${account}/box/${directory}`, "", "", "", sv, sr, ...Array(7).fill("")].join("\n");
  const sig = createHmac("sha256", Buffer.from(accountKeys[0].value, "base64")).update(text).digest("base64");
  return new URLSearchParams({ sp, se, sv, sr, sdd: String(directory.split("/").length), sig }).toString();
}

async function start(test: TestContext) {
  const trial = await startTrialSurface(test);
  await trial.send("PUT", "/box?restype=container", { account });
  for (const name of ["a/b/c/1", "a/b/2", "a/bb/3", "a/4", "a/b"])
    await trial.send("PUT", `/box/${name}`, { account, headers: blockBlob, body: name });
  return async (method: string, target: string, sas: string, body?: string, at = account) => {
    const request = { account: at, as: null, headers: blockBlob, ...(body === undefined ? {} : { body }) };
    const { code, status, text } = await trial.send(
      method,
      `${target}${target.includes("?") ? "&" : "?"}${sas}`,
      request,
    );
    return code ?? (method === "GET" ? text : status);
  };
}

test("a signature of a directory opens what is in it, by a key and by delegation", async (test) => {
  const ask = await start(test);
  for (const isDelegated of [false, true]) {
    for (const version of ["2020-12-06", "2025-07-05", "2026-10-06"]) {
      const sas = signDirectory("a/b", "racwd", isDelegated, { version });
      for (const name of ["a/b/c/1", "a/b/2", "a/b"])
        assert.equal(await ask("GET", `/box/${name}`, sas), name, version);
      for (const name of ["a/bb/3", "a/4", "b/a/b", "a"]) {
        const refused = await ask("GET", `/box/${name}`, sas);
        assert.match(String(refused), /^Auth(enticationFailed|orizationResourceTypeMismatch)$/, name);
      }
      assert.equal(await ask("PUT", "/box/a/b/new", sas, "x"), 201);
      assert.equal(await ask("PUT", "/box/a/new", sas, "x"), "AuthenticationFailed");
    }
  }
});

test("a listing by it is of a prefix within the directory", async (test) => {
  const ask = await start(test);
  const sas = signListing("a/b");
  const list = "/box?restype=container&comp=list";
  assert.match(String(await ask("GET", `${list}&prefix=a/b/`, sas)), /<Name>a\/b\/2<\/Name>/);
  assert.match(String(await ask("GET", `${list}&prefix=a/b/c`, sas)), /<Name>a\/b\/c\/1<\/Name>/);
  for (const prefix of ["", "&prefix=", "&prefix=a", "&prefix=a/b", "&prefix=a/", "&prefix=/a/b/"])
    assert.match(String(await ask("GET", `${list}${prefix}`, sas)), /^Auth/, prefix);
  assert.equal(await ask("GET", `${list}&prefix=a/bb/`, sas), "AuthenticationFailed");
  assert.match(String(await ask("GET", "/box?restype=container", sas)), /^Auth/);
  assert.match(String(await ask("GET", "/?comp=list", sas)), /^Auth/);
});

test("another depth, resource, account or version is another signature", async (test) => {
  const ask = await start(test);
  const sas = signDirectory("a/b", "r");
  const changed = (name: string, value: string | null) => {
    const query = new URLSearchParams(sas);
    if (value === null) query.delete(name);
    else query.set(name, value);
    return query.toString();
  };
  assert.equal(await ask("GET", "/box/a/b/2", sas), "a/b/2");
  for (const depth of ["1", "0", "3", "-1", "2.0", "1e0", "", null])
    assert.match(String(await ask("GET", "/box/a/b/2", changed("sdd", depth))), /^Auth/, `sdd=${depth}`);
  for (const resource of ["b", "c", "bs", "D"])
    assert.equal(await ask("GET", "/box/a/b", changed("sr", resource)), "AuthenticationFailed", resource);
  // Signed for an account without directories.
  const values = { containerName: "box", blobName: "a/b", isDirectory: true, expiresOn: later };
  const permissions = BlobSASPermissions.parse("r");
  const flat = generateBlobSASQueryParameters({ ...values, permissions }, credential("acct")).toString();
  assert.equal(await ask("GET", "/box/a/b/2", flat, undefined, "acct"), "AuthenticationFailed");
});
