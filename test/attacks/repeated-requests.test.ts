/**
 * A program asks for its token over one connection, with the very same bytes, again and again: the server answers without reading the head anew, and with
 * the same token while it may. Whatever is taken from the program in between is refused to the next request, and every request is in the log.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { WholeRequest } from "../../packages/server/src/wire/whole-request.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { createApp, planeHosts, planeScopes } from "../support/plane-client.ts";

let cloud: TestCloud;
/** Of the requests for tokens and to Graph, those whose head was not read anew. */
let repeatedCount = 0;
const sockets: TLSSocket[] = [];
before(async () => {
  cloud = await startTestCloud();
  for (const surface of cloud.surfaces.filter(({ name }) => name === "entra" || name === "graph")) {
    const handle = surface.handle.bind(surface);
    surface.handle = (exchange) => {
      if (exchange.request instanceof WholeRequest) repeatedCount += 1;
      return handle(exchange);
    };
  }
});
after(async () => {
  for (const socket of sockets) socket.destroy();
  await cloud.dispose();
});

type Outcome = { readonly status: number; readonly code: number | undefined; readonly token: string | undefined };
type App = Awaited<ReturnType<typeof createApp>>;

async function openSocket(servername: string): Promise<TLSSocket> {
  const { port } = new URL(cloud.status.baseUrl);
  const ca = readFileSync(cloud.status.caBundle);
  const socket = connect({ port: Number(port), host: "127.0.0.1", servername, ca });
  sockets.push(socket);
  await once(socket, "secureConnect");
  return socket;
}

/** A connection of a program that has asked often enough for its head to be known; each request bears a name of its own, as Microsoft's libraries do it. */
async function openRepeating(app: App): Promise<(secret?: string, appId?: string) => Promise<Outcome>> {
  const servername = planeHosts.entra;
  const socket = await openSocket(servername);
  const ask = async (secret = app.secret, appId: string = app.appId): Promise<Outcome> => {
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: appId,
      client_secret: secret,
      scope: planeScopes.arm,
    }).toString();
    const type = "Content-Type: application/x-www-form-urlencoded";
    const id = randomUUID();
    const head = `POST /${cloud.status.tenantId}/oauth2/v2.0/token?client-request-id=${id} HTTP/1.1\r\nHost: ${servername}\r\n${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
    socket.write(head + body);
    const outcome = await readAnswer(socket);
    assert.equal(cloud.recorder.signIns().at(-1)?.correlationId, id);
    return outcome;
  };
  for (let times = 0; times < 2; times += 1) assert.equal((await ask()).status, 200);
  const before = repeatedCount;
  assert.equal((await ask()).status, 200);
  assert.equal(repeatedCount, before + 1);
  return ask;
}

async function readAnswer(socket: TLSSocket): Promise<Outcome> {
  let text = "";
  while (true) {
    const [part] = (await once(socket, "data")) as [Buffer];
    text += part.toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    const sizeBytes = Number(/content-length: (\d+)/i.exec(text)?.[1]);
    if (end < 0 || text.length < end + 4 + sizeBytes) continue;
    const answer = JSON.parse(text.slice(end + 4) || "{}") as { error_codes?: number[]; access_token?: string };
    return { status: Number(text.slice(9, 12)), code: answer.error_codes?.[0], token: answer.access_token };
  }
}

test("a secret that was removed is refused at once, and so is one that is wrong in between", async () => {
  const { client } = cloud;
  const app = await createApp(client, "removing");
  const ask = await openRepeating(app);
  const wrong = app.secret.replace(/.$/, (last) => (last === "a" ? "b" : "a"));
  const first = await ask();
  assert.deepEqual(await ask(wrong), { status: 401, code: 7000215, token: undefined });
  assert.deepEqual(await ask(), first);
  const path = `/v1.0/applications/${app.objectId}`;
  const { passwordCredentials } = (await client.must("graph", "GET", path)) as {
    passwordCredentials: { keyId: string }[];
  };
  await client.must("graph", "POST", `${path}/removePassword`, { keyId: passwordCredentials[0]!.keyId });
  const before = repeatedCount;
  assert.deepEqual(await ask(), { status: 401, code: 7000215, token: undefined });
  assert.equal(repeatedCount, before + 1);
  const codes = cloud.recorder.signIns().flatMap(({ appId, errorCode }) => (appId === app.appId ? [errorCode] : []));
  assert.deepEqual(codes, [0, 0, 0, 0, 7000215, 0, 7000215], "each is a sign-in of its own");
});

test("of two who share a connection, under heads and forms of one length, each is itself", async () => {
  const { client } = cloud;
  const [one, other] = [await createApp(client, "sharing"), await createApp(client, "sharer")];
  const ask = await openRepeating(one);
  const ownerOf = async (app: App, secret = app.secret) => {
    const { token, code } = await ask(secret, app.appId);
    return token === undefined ? code : JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()).appid;
  };
  for (const app of [one, one, other, other, one, other]) assert.equal(await ownerOf(app), app.appId);
  assert.equal(await ownerOf(one, other.secret), 7000215);
  assert.equal(await ownerOf(one), one.appId);
});

test("an application that was disabled, then enabled, then deleted, is answered as it stands", async () => {
  const { client } = cloud;
  const app = await createApp(client, "disabling");
  const ask = await openRepeating(app);
  const path = `/v1.0/servicePrincipals/${app.principalId}`;
  await client.must("graph", "PATCH", path, { accountEnabled: false });
  assert.equal((await ask()).code, 7000112);
  await client.must("graph", "PATCH", path, { accountEnabled: true });
  assert.equal((await ask()).status, 200);
  await client.must("graph", "DELETE", `/v1.0/applications/${app.objectId}`);
  assert.equal((await ask()).code, 700016);
});

test("after a rotation no token is of the old key", async () => {
  const { client } = cloud;
  const app = await createApp(client, "rotating");
  const ask = await openRepeating(app);
  const kidOf = ({ token }: Outcome) => JSON.parse(Buffer.from(token!.split(".")[0]!, "base64url").toString()).kid;
  const before = kidOf(await ask());
  assert.equal(before, cloud.keyRing.current.kid);
  const rotated = await client.send("localhost", "POST", "/postern/keys/rotate", {
    headers: { authorization: `Bearer ${await client.operatorToken("arm")}`, "content-type": "application/json" },
    body: JSON.stringify({ kind: "now" }),
  });
  assert.ok(rotated.status < 300, rotated.text);
  const after = kidOf(await ask());
  assert.notEqual(after, before);
  assert.equal(after, cloud.keyRing.current.kid);
});

test("one who reads under one token is judged at each read: what was taken away is refused at the next, and another's token is another's", async () => {
  const { client } = cloud;
  const [app, stranger] = [await createApp(client, "reading"), await createApp(client, "strange")];
  const tokenOf = ({ appId, secret }: App) => client.token(appId, secret, planeScopes.graph);
  const [own, foreign] = [await tokenOf(app), await tokenOf(stranger)];
  const socket = await openSocket(planeHosts.graph);
  const read = async (path: string, token: string) => {
    const id = `client-request-id: ${randomUUID()}`;
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${planeHosts.graph}\r\n${id}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    return (await readAnswer(socket)).status;
  };
  const path = `/v1.0/applications/${app.objectId}`;
  const before = repeatedCount;
  const first = await read(path, own);
  assert.ok(first === 200 || first === 403, "who it is is known");
  for (const other of [path, `${path}?$select=id`]) assert.equal(await read(other, own), first);
  assert.ok(repeatedCount > before, "its head is known by now");
  assert.equal(
    await read(`${path}x`, `${own.slice(0, -1)}${own.endsWith("A") ? "B" : "A"}`),
    401,
    "a token that differs",
  );
  for (let times = 0; times < 3; times += 1) assert.equal(await read(path, own), first);
  await client.must("graph", "PATCH", `/v1.0/servicePrincipals/${app.principalId}`, { accountEnabled: false });
  const count = repeatedCount;
  assert.equal(await read(path, own), 401);
  assert.equal(repeatedCount, count + 1, "its head was not read anew");
  assert.notEqual(await read(path, foreign), 401);
});
