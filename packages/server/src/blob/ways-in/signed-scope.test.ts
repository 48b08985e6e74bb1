import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  type BlobSASSignatureValues,
  ContainerSASPermissions,
  generateAccountSASQueryParameters,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { delegatedKey } from "../testing/sample-signatures.ts";
import { accountKeys, now, people, startTrialSurface } from "../testing/trial-surface.ts";

const account = "scoped";
const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const expiresOn = new Date(now.getTime() + 60 * 60_000);
const credential = new StorageSharedKeyCredential(account, accountKeys[0].value);
const values: BlobSASSignatureValues = {
  containerName: "box",
  permissions: ContainerSASPermissions.parse("racwdl"),
  expiresOn,
};

/** A signature of each kind, as the JavaScript SDK makes it. @param version the newest where undefined. */
function signaturesWith(encryptionScope: string, version?: string): Record<string, string> {
  const bound = { ...values, encryptionScope, ...(version === undefined ? {} : { version }) };
  const ofAccount = {
    permissions: AccountSASPermissions.parse("rwdlac"),
    resourceTypes: AccountSASResourceTypes.parse("sco").toString(),
    services: AccountSASServices.parse("b").toString(),
    expiresOn,
    encryptionScope,
  };
  return {
    service: generateBlobSASQueryParameters(bound, credential).toString(),
    delegation: generateBlobSASQueryParameters(bound, delegatedKey(people.operator), account).toString(),
    account: generateAccountSASQueryParameters(ofAccount, credential).toString(),
  };
}

async function start(test: TestContext) {
  const trial = await startTrialSurface(test);
  await trial.send("PUT", "/box?restype=container", { account });
  const send = (method: string, target: string, headers: Record<string, string> = {}, body?: string) =>
    trial.send(method, target, { account, as: null, headers, ...(body === undefined ? {} : { body }) });
  const scopeOf = async (blob: string) =>
    (await trial.send("HEAD", `/box/${blob}`, { account })).headers["x-ms-encryption-scope"];
  return { send, scopeOf, sendAsOperator: trial.send };
}

test("what is written with a signature bound to a scope is encrypted with that scope, and with no other", async (test) => {
  const { send, scopeOf } = await start(test);
  for (const [kind, sas] of Object.entries(signaturesWith("alpha"))) {
    const put = await send("PUT", `/box/${kind}?${sas}`, blockBlob, "1");
    assert.equal(put.status, 201, `${kind}: ${put.text}`);
    assert.equal(put.headers["x-ms-encryption-scope"], "alpha");
    assert.equal(await scopeOf(kind), "alpha");
    const scope = { "x-ms-encryption-scope": "alpha" };
    assert.equal((await send("PUT", `/box/${kind}?${sas}`, { ...blockBlob, ...scope }, "2")).status, 201);
    const beta = { "x-ms-encryption-scope": "beta" };
    const refused = await send("PUT", `/box/${kind}?${sas}`, { ...blockBlob, ...beta }, "3");
    assert.deepEqual([refused.status, refused.code], [400, "InvalidHeaderValue"], kind);
    // Reading is not bound.
    assert.equal((await send("GET", `/box/${kind}?${sas}`)).text, "2");
    for (const suffix of ["", "changed"]) {
      const altered = sas.replace("ses=alpha", suffix === "" ? "" : "ses=beta");
      const forged = await send("PUT", `/box/forged?${altered}`, blockBlob, "1");
      assert.deepEqual([forged.status, forged.code], [403, "AuthenticationFailed"], `${kind} ${suffix}`);
    }
  }
});

test("blocks, appends, pages and copies are bound as well", async (test) => {
  const { send, scopeOf } = await start(test);
  const sas = signaturesWith("alpha").service!;
  const id = Buffer.from("123").toString("base64");
  assert.equal((await send("PUT", `/box/blocks?comp=block&blockid=${id}&${sas}`, {}, "1")).status, 201);
  const list = `<BlockList><Latest>${id}</Latest></BlockList>`;
  assert.equal((await send("PUT", `/box/blocks?comp=blocklist&${sas}`, {}, list)).status, 201);
  assert.equal(await scopeOf("blocks"), "alpha");
  await send("PUT", `/box/log?${sas}`, { "x-ms-blob-type": "AppendBlob" });
  assert.equal((await send("PUT", `/box/log?comp=appendblock&${sas}`, {}, "1")).status, 201);
  await send("PUT", `/box/disk?${sas}`, { "x-ms-blob-type": "PageBlob", "x-ms-blob-content-length": "512" });
  const page = { "x-ms-page-write": "update", range: "bytes=0-511" };
  assert.equal((await send("PUT", `/box/disk?comp=page&${sas}`, page, "x".repeat(512))).status, 201);
  const copied = await send("PUT", `/box/copy?${sas}`, {
    "x-ms-copy-source": `https://localhost:1/${account}/box/blocks?${sas}`,
  });
  assert.equal(copied.status, 202, copied.text);
  for (const blob of ["log", "disk", "copy"]) assert.equal(await scopeOf(blob), "alpha", blob);
  // A blob of another scope is not gone on with.
  const beta = signaturesWith("beta").service!;
  const mixed = await send("PUT", `/box/log?comp=appendblock&${beta}`, {}, "2");
  assert.deepEqual([mixed.status, mixed.code], [409, "BlobCustomerSpecifiedEncryptionMismatch"]);
});

test("a scope that is not there or is switched off writes nothing, nor does a container's other one", async (test) => {
  const { send, sendAsOperator } = await start(test);
  const codes = async (scope: string, container = "box") =>
    (await send("PUT", `/${container}/b?${signaturesWith(scope).account}`, blockBlob, "1")).code;
  assert.equal(await codes("nowhere"), "InvalidHeaderValue");
  assert.equal(await codes("off"), "AuthorizationFailure");
  const fixed = { "x-ms-default-encryption-scope": "alpha", "x-ms-deny-encryption-scope-override": "true" };
  await sendAsOperator("PUT", "/held?restype=container", { account, headers: fixed });
  assert.equal(await codes("beta", "held"), "RequestForbiddenByContainerEncryptionPolicy");
  assert.equal(await codes("alpha", "held"), undefined);
  const made = await send("PUT", `/other?restype=container&${signaturesWith("beta").account}`, fixed);
  assert.equal(made.code, "RequestForbiddenByContainerEncryptionPolicy");
});

test("a signature that is older than scopes is none when one is written into it", async (test) => {
  const { send } = await start(test);
  const old = generateBlobSASQueryParameters({ ...values, version: "2020-02-10" }, credential).toString();
  assert.equal((await send("PUT", `/box/b?${old}`, blockBlob, "1")).status, 201);
  const added = await send("PUT", `/box/b?${old}&ses=alpha`, blockBlob, "1");
  assert.deepEqual([added.status, added.code], [403, "AuthenticationFailed"]);
});
