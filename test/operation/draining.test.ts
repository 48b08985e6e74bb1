/** A server that is told to end: health says so first, what is under way is finished, what idles is let go, and it is bounded. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { connect } from "node:net";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { planeScopes } from "../support/plane-client.ts";

const limits = { drainTimeoutMs: 10_000 };

/** A token request whose body has not all come yet, on a connection of its own. */
async function beginTokenRequest({ status, client, front }: TestCloud): Promise<{ sent: ClientRequest; body: string }> {
  const { clientId, clientSecret } = JSON.parse(readFileSync(`${status.stateDir}/operator.json`, "utf8")) as Record<
    string,
    string
  >;
  const form = {
    grant_type: "client_credentials",
    client_id: clientId!,
    client_secret: clientSecret!,
    scope: planeScopes.arm,
  };
  const body = new URLSearchParams(form).toString();
  const sent = request({
    host: "127.0.0.1",
    port: new URL(status.baseUrl).port,
    servername: "localhost",
    agent: new Agent({ ca: readFileSync(status.caBundle), keepAlive: true }),
    method: "POST",
    path: `/${client.status.tenantId}/oauth2/v2.0/token`,
    headers: {
      host: "login.microsoftonline.com",
      "content-type": "application/x-www-form-urlencoded",
      "content-length": body.length,
    },
  });
  sent.write(body.slice(0, 10));
  while (front.load.requestCount === 0) await setImmediate();
  return { sent, body };
}

async function answerOf(
  sent: ClientRequest,
): Promise<{ status: number; connection: string | undefined; text: string }> {
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode!, connection: answer.headers.connection, text };
}

test("health says so first, while everything is still served and each answer ends its connection", async () => {
  const seen = Promise.withResolvers<void>();
  const cloud = await startTestCloud({ awaitDrain: () => seen.promise, edgeLimits: limits });
  const before = await cloud.client.send("localhost", "GET", "/readyz");
  assert.deepEqual([before.status, before.headers.connection], [200, "keep-alive"]);
  const ended = cloud.dispose();
  for (const path of ["/readyz", "/healthz"]) {
    const { status, headers, text } = await cloud.client.send("localhost", "GET", path);
    assert.deepEqual([status, headers.connection], [path === "/readyz" ? 503 : 200, "close"]);
    if (path === "/readyz") assert.match(text, /this server is ending/);
  }
  const served = await cloud.client.askToken("a", "b", planeScopes.arm);
  assert.deepEqual([served.status, served.headers.connection], [400, "close"]);
  seen.resolve();
  await ended;
});

test("what is under way is finished; nothing new is taken; idle connections are closed", async () => {
  const cloud = await startTestCloud({ edgeLimits: limits });
  const { sent, body } = await beginTokenRequest(cloud);
  const idle = connect(Number(new URL(cloud.status.baseUrl).port), "127.0.0.1");
  await once(idle, "connect");
  const idleClosed = once(idle, "close");
  const ended = cloud.dispose();
  const refused = await cloud.client
    .send("localhost", "GET", "/readyz")
    .catch((cause: NodeJS.ErrnoException) => cause.code);
  assert.ok(refused === "ECONNREFUSED" || refused === "ECONNRESET", String(refused));
  sent.end(body.slice(10));
  const { status, connection, text } = await answerOf(sent);
  assert.deepEqual([status, connection], [200, "close"], text);
  assert.ok((JSON.parse(text) as { access_token: string }).access_token);
  await ended;
  idle.destroy();
  await idleClosed;
});

test("who does not come to an end is cut off when the time is up", async () => {
  const cloud = await startTestCloud({ edgeLimits: { drainTimeoutMs: 50 } });
  const { sent } = await beginTokenRequest(cloud);
  const broken = once(sent, "error");
  await cloud.dispose();
  assert.match(String(((await broken)[0] as NodeJS.ErrnoException).code), /ECONNRESET|EPIPE/);
  assert.equal(cloud.front.load.requestCount, 0);
});
