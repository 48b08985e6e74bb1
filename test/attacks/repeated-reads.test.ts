/**
 * A program reads a blob over one connection, with the same head again and again: the server reads head, token, row and bytes from memory, and judges each read
 * as if it were the first. Whatever is taken away bites on the very next one.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { WholeRequest } from "../../packages/server/src/wire/whole-request.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { assignRole, createAccount, createApp, planeScopes, roleIds } from "../support/plane-client.ts";

const account = "repeating";
const host = `${account}.blob.core.windows.net`;
const storageVersion = "api-version=2023-05-01";

let cloud: TestCloud;
let accountId = "";
let socket: TLSSocket;
/** Whether the last request to Blob storage was one whose head was not read anew. */
let isRepeated = false;
type App = Awaited<ReturnType<typeof createApp>>;
let [reader, writer] = ["", ""];
let readerApp: App;

before(async () => {
  cloud = await startTestCloud();
  const { client } = cloud;
  accountId = await createAccount(client, "repeated", account);
  const tokenFor = async (app: App) => client.token(app.appId, app.secret, planeScopes.blob);
  readerApp = await createApp(client, "reads");
  const writerApp = await createApp(client, "writes");
  await assignRole(client, randomUUID(), accountId, roleIds.blobDataOwner, writerApp.principalId);
  [reader, writer] = [await tokenFor(readerApp), await tokenFor(writerApp)];
  const surface = cloud.surfaces.find(({ name }) => name === "blob")!;
  const handle = surface.handle.bind(surface);
  surface.handle = (exchange) => {
    isRepeated = exchange.request instanceof WholeRequest;
    return handle(exchange);
  };
  socket = connect({
    port: Number(new URL(cloud.status.baseUrl).port),
    host: "127.0.0.1",
    servername: host,
    ca: readFileSync(cloud.status.caBundle),
  });
  await once(socket, "secureConnect");
  await write("PUT", "/box?restype=container");
  await write("PUT", "/box/b", { "x-ms-blob-type": "BlockBlob" }, "first");
});
after(async () => {
  socket.destroy();
  await cloud.dispose();
});

type Answer = {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: string;
  readonly head: string;
};

async function read(path = "/box/b", token = reader): Promise<Answer> {
  const lines = [`Host: ${host}`, `x-ms-client-request-id: ${randomUUID()}`, "x-ms-version: 2025-07-05"];
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  let text = "";
  while (true) {
    const [part] = (await once(socket, "data")) as [Buffer];
    text += part.toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    if (end < 0 || text.length < end + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1])) continue;
    const head = text.slice(0, end);
    const code = /x-ms-error-code: (\w+)/.exec(head)?.[1];
    return { status: Number(text.slice(9, 12)), code, body: text.slice(end + 4), head };
  }
}

/** By another connection, as somebody else. */
async function write(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body = "") {
  const all = { authorization: `Bearer ${writer}`, "x-ms-version": "2025-07-05", ...headers };
  const answer = await cloud.client.send(host, method, path, { headers: all, body });
  assert.ok(answer.status < 300, answer.text);
}

/** Reads often enough for head, token, decision, row, bytes and headers to be remembered. */
async function readOften(body = "first"): Promise<void> {
  for (let times = 0; times < 5; times += 1) {
    const got = await read();
    assert.deepEqual([got.status, got.body], [200, body]);
  }
  assert.ok(isRepeated, "its head is known by now");
}

test("rights, account and person that are taken away are missed by the next read, and what is given back is had by it", async () => {
  const { client } = cloud;
  const name = randomUUID();
  const give = () => assignRole(client, name, accountId, roleIds.blobDataReader, readerApp.principalId);
  assert.equal((await give()).status, 201);
  const patch = (properties: object) => client.must("arm", "PATCH", `${accountId}?${storageVersion}`, { properties });
  const enable = (accountEnabled: boolean) =>
    client.must("graph", "PATCH", `/v1.0/servicePrincipals/${readerApp.principalId}`, { accountEnabled });
  const walls = { defaultAction: "Deny", ipRules: [{ value: "10.0.0.0/8" }], bypass: "None" };
  const assignment = `${accountId}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`;
  const takings: readonly (readonly [take: () => Promise<unknown>, give: () => Promise<unknown>, code: string])[] = [
    [() => client.must("arm", "DELETE", assignment), give, "AuthorizationPermissionMismatch"],
    [
      () => patch({ networkAcls: walls }),
      () => patch({ networkAcls: { ...walls, defaultAction: "Allow" } }),
      "AuthorizationFailure",
    ],
    [
      () => patch({ publicNetworkAccess: "Disabled" }),
      () => patch({ publicNetworkAccess: "Enabled" }),
      "AuthorizationFailure",
    ],
    [() => enable(false), () => enable(true), "InvalidAuthenticationInfo"],
  ];
  for (const [take, giveBack, code] of takings) {
    await readOften();
    await take();
    const got = await read();
    assert.deepEqual([got.code, isRepeated], [code, true]);
    await giveBack();
  }
  await readOften();
});

test("what was read often is read as it stands after each change, and only what was asked for", async () => {
  await readOften();
  await write("PUT", "/box/b?comp=metadata", { "x-ms-meta-mark": "new" });
  assert.match((await read()).head, /\r\nx-ms-meta-mark: new\r\n/);
  await write("PUT", "/box/b", { "x-ms-blob-type": "BlockBlob" }, "second, and longer");
  const again = await read();
  assert.deepEqual([again.body, /x-ms-meta-mark/.test(again.head)], ["second, and longer", false]);
  await readOften("second, and longer");
  assert.equal((await read("/box/c")).code, "BlobNotFound");
  assert.equal((await read("/box/%62?snapshot=2020-01-01T00:00:00.0000000Z")).code, "BlobNotFound");
  assert.equal((await read("/box/x/../b")).code, "InvalidUri");
  await readOften("second, and longer");
  await write("DELETE", "/box/b");
  assert.equal((await read()).code, "BlobNotFound");
});

test("a token that differs in its last bytes is another, whatever was remembered of the one before", async () => {
  await write("PUT", "/box/b", { "x-ms-blob-type": "BlockBlob" }, "first");
  await readOften();
  const forged = `${reader.slice(0, -6)}${reader.endsWith("AAAAAA") ? "BBBBBB" : "AAAAAA"}`;
  for (let times = 0; times < 3; times += 1) {
    assert.equal((await read("/box/b", forged)).status, 401);
    assert.equal((await read()).status, 200);
  }
  const requests = cloud.recorder.accesses(readerApp.principalId).map(({ requestId }) => requestId);
  assert.equal(new Set(requests).size, requests.length);
  assert.ok(requests.length > 20, "each read is in the record, under a name of its own");
});
