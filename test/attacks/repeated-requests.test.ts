/**
 * A program asks for its token over one connection, with the very same bytes, again and again: the server answers without reading the head anew, and with
 * the same token while it may. Whatever is taken from the program in between is refused to the next request, and every request is in the log.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { WholeRequest } from "../../packages/server/src/wire/whole-request.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { createApp, planeHosts, planeScopes } from "../support/plane-client.ts";

let cloud: TestCloud;
/** Of the requests for tokens, those whose head was not read anew. */
let repeatedCount = 0;
const sockets: TLSSocket[] = [];
before(async () => {
  cloud = await startTestCloud();
  const entra = cloud.surfaces.find(({ name }) => name === "entra")!;
  const handle = entra.handle.bind(entra);
  entra.handle = (exchange) => {
    if (exchange.request instanceof WholeRequest) repeatedCount += 1;
    return handle(exchange);
  };
});
after(async () => {
  for (const socket of sockets) socket.destroy();
  await cloud.dispose();
});

type Outcome = { readonly status: number; readonly code: number | undefined; readonly token: string | undefined };
type App = Awaited<ReturnType<typeof createApp>>;

/** A connection of a program that has asked often enough for its head to be known. */
async function openRepeating(app: App): Promise<(secret?: string) => Promise<Outcome>> {
  const { port } = new URL(cloud.status.baseUrl);
  const servername = planeHosts.entra;
  const socket = connect({
    port: Number(port),
    host: "127.0.0.1",
    servername,
    ca: readFileSync(cloud.status.caBundle),
  });
  sockets.push(socket);
  await once(socket, "secureConnect");
  const ask = async (secret = app.secret): Promise<Outcome> => {
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: app.appId,
      client_secret: secret,
      scope: planeScopes.arm,
    }).toString();
    const type = "Content-Type: application/x-www-form-urlencoded";
    const head = `POST /${cloud.status.tenantId}/oauth2/v2.0/token HTTP/1.1\r\nHost: ${servername}\r\n${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
    socket.write(head + body);
    return readAnswer(socket);
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
    const answer = JSON.parse(text.slice(end + 4)) as { error_codes?: number[]; access_token?: string };
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
