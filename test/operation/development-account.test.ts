/** The development account, in Azurite's place: what its connection string opens, and that nothing else is opened by it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  BlobSASPermissions,
  BlobServiceClient,
  type RestError,
  SASProtocol,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { quietOptions } from "../../packages/server/src/cloud-fixture.ts";
import { type RunningCloud, startCloud } from "../../packages/server/src/compose.ts";
import { developmentAccountKey as key } from "../../packages/server/src/resources/development-account.ts";
import { createAccount, PlaneClient } from "../support/plane-client.ts";

const account = "devstoreaccount1";
const soon = () => new Date(Date.now() + 600_000);
const statusOf = (asked: Promise<unknown>) =>
  asked.then(
    () => "let in",
    (cause: RestError) => cause.statusCode,
  );

type Raw = { readonly status: number; readonly text: string; readonly code: string | undefined };

function ask(url: string, headers: Record<string, string> = {}, path?: string): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname, search } = new URL(url);
    const sent = request({ hostname, port, path: path ?? `${pathname}${search}`, headers, agent: false }, (answer) => {
      let text = "";
      answer.on("data", (piece) => {
        text += piece;
      });
      answer.on("end", () =>
        resolve({ status: answer.statusCode!, text, code: answer.headers["x-ms-error-code"] as string | undefined }),
      );
    });
    sent.on("error", reject).end();
  });
}

describe("the development account", () => {
  let cloud: RunningCloud;
  let url: string;
  let service: BlobServiceClient;
  const stateDir = mkdtempSync(join(tmpdir(), "postern-development-"));
  const start = async (developmentPort?: number) => {
    cloud = await startCloud({ ...quietOptions(stateDir), developmentPort });
    url = cloud.status.developmentUrl ?? "";
  };
  before(async () => {
    await start(0);
    service = BlobServiceClient.fromConnectionString(
      `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};BlobEndpoint=${url};`,
    );
    const container = service.getContainerClient("box");
    await container.create();
    await container.getBlockBlobClient("a b/ü.txt").upload("kept", 4, { tags: { a: "1" } });
  });
  after(async () => {
    await cloud.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  test("programs that were set up for Azurite work with their connection string", async () => {
    const blob = service.getContainerClient("box").getBlockBlobClient("a b/ü.txt");
    assert.equal((await blob.downloadToBuffer()).toString(), "kept");
    const names: string[] = [];
    for await (const { name } of service.getContainerClient("box").listBlobsFlat()) names.push(name);
    assert.deepEqual(names, ["a b/ü.txt"]);
    const copy = service.getContainerClient("box").getBlockBlobClient("copy");
    await (await copy.beginCopyFromURL(blob.url)).pollUntilDone();
    assert.equal((await copy.downloadToBuffer()).toString(), "kept");
    const permissions = BlobSASPermissions.parse("r");
    assert.equal((await ask(await blob.generateSasUrl({ permissions, expiresOn: soon() }))).text, "kept");
    const protocol = SASProtocol.Https;
    const secure = await ask(await blob.generateSasUrl({ permissions, expiresOn: soon(), protocol }));
    assert.equal(secure.code, "AuthorizationProtocolMismatch");
    const batch = await service.getBlobBatchClient().deleteBlobs([copy.url], service.credential);
    assert.equal(batch.subResponsesSucceededCount, 1);
  });

  test("another key opens nothing, and a container that is not public neither", async () => {
    const wrong = new StorageSharedKeyCredential(account, Buffer.alloc(64, 1).toString("base64"));
    const stranger = new BlobServiceClient(url, wrong).getContainerClient("box");
    assert.equal(await statusOf(stranger.getBlobClient("a b/ü.txt").downloadToBuffer()), 403);
    assert.equal((await ask(`${url}/box/a%20b/%C3%BC.txt`, { "x-ms-version": "2025-07-05" })).status, 401);
  });

  test("no token is taken over plain HTTP", async () => {
    const client = new PlaneClient(cloud.status as never);
    const token = await client.operatorToken("blob");
    client.close();
    const headers = { authorization: `Bearer ${token}`, "x-ms-version": "2025-07-05" };
    const refused = await ask(`${url}/?comp=list`, headers);
    assert.deepEqual([refused.status, refused.code], [403, "AuthenticationFailed"]);
    assert.match(refused.text, /Bearer is not allowed with HTTP/);
  });

  test("nothing but the account is reached at its door, and that by a name of this machine only", async () => {
    const client = new PlaneClient(cloud.status as never);
    await createAccount(client, "others", "otherone");
    client.close();
    const origin = new URL(url).origin;
    for (const path of [
      "/",
      "/otherone/box?restype=container&comp=list",
      "/otherone",
      "/devstoreaccount12/box",
      "/DEVSTOREACCOUNT1/box",
      "//devstoreaccount1/box",
      "/subscriptions?api-version=2022-12-01",
      "/healthz",
      "/portal",
      "/common/discovery/instance",
      `https://otherone.blob.core.windows.net/box`,
    ]) {
      assert.equal((await ask(origin, {}, path)).status, 421, path);
    }
    for (const host of [
      "evil.example",
      "otherone.blob.core.windows.net",
      `${account}.blob.core.windows.net`,
      "10.0.0.1",
    ])
      assert.equal((await ask(`${url}/box`, { host })).status, 421, host);
    assert.equal((await ask(`${url}/box?restype=container`, { host: "localhost" })).code, "ResourceNotFound");
    const secondary = new BlobServiceClient(`${url}-secondary`, new StorageSharedKeyCredential(account, key));
    assert.equal((await secondary.getContainerClient("box").getBlobClient("a b/ü.txt").downloadToBuffer()).length, 4);
    assert.equal(await statusOf(secondary.getContainerClient("more").create()), 403);
  });

  test("a start without it takes the known key away, and keeps what is there", async () => {
    await cloud.stop();
    await start();
    assert.equal(cloud.status.developmentUrl, undefined);
    const { keys } = cloud.model.storageAccount(account)!;
    assert.ok(keys.every(({ value }) => value !== key));
    await cloud.stop();
    await start(0);
    const again = new BlobServiceClient(url, new StorageSharedKeyCredential(account, key));
    assert.equal(
      (await again.getContainerClient("box").getBlobClient("a b/ü.txt").downloadToBuffer()).toString(),
      "kept",
    );
  });
});
