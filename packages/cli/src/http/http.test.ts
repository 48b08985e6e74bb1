import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CliFault } from "../faults.ts";
import { Notes } from "../notes.ts";
import { isOwnSocket } from "../state/private-file.ts";
import { ServiceClient } from "./service-client.ts";
import { notFoundWhenShown, readServiceFault, ServiceFault } from "./service-fault.ts";
import { FileTokenCache } from "./token-cache.ts";
import { TokenSource } from "./tokens.ts";
import { createTransport, type HttpAnswer, type Send } from "./transport.ts";

type Handler = (request: Asked) => Reply;
type Asked = { method: string; url: string; token: string; body: string; ifNoneMatch: string | undefined };
type Reply = { status?: number; body?: unknown; headers?: Record<string, string> };

const credential = { kind: "secret" as const, tenantId: "t", clientId: "c", clientSecret: "the-secret" };

/** A cloud of one handler, over plain HTTP, with a token endpoint that counts what it gave. */
async function startCloud(context: TestContext, handle: Handler) {
  const forms: string[] = [];
  const server = createServer(async (incoming: IncomingMessage, response: ServerResponse) => {
    let body = "";
    for await (const part of incoming.setEncoding("utf8")) body += part;
    const url = incoming.url ?? "";
    const isToken = url.endsWith("/oauth2/v2.0/token");
    if (isToken) forms.push(body);
    const token = incoming.headers.authorization?.replace("Bearer ", "") ?? "";
    const reply: Reply = isToken
      ? { body: { access_token: `token-${forms.length}`, expires_in: 3600 } }
      : handle({ method: incoming.method ?? "", url, token, body, ifNoneMatch: incoming.headers["if-none-match"] });
    response.writeHead(reply.status ?? 200, reply.headers);
    response.end(reply.body === undefined ? "" : JSON.stringify(reply.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cachePath = join(mkdtempSync(join(tmpdir(), "postern-cli-")), "tokens.json");
  const said: string[] = [];
  const connect = (nowMs = 0) => {
    const notes = new Notes({ level: "debug", hasColor: false, isTerminal: false, write: (text) => said.push(text) });
    const transport = createTransport({ notes, userAgent: "test", send: request as unknown as Send });
    const now = () => nowMs;
    const cache = new FileTokenCache(cachePath, now);
    const tokens = new TokenSource({ transport, authority: endpoint, credential, cache, now });
    return new ServiceClient({
      service: "resource-manager",
      transport,
      tokens,
      audience: "https://management.azure.com",
      endpoint,
      publicOrigin: "https://management.azure.com",
    });
  };
  return { endpoint, connect, forms, said, cachePath };
}

function answer(status: number, body: unknown): HttpAnswer {
  return { status, headers: {}, body: typeof body === "string" ? body : JSON.stringify(body) };
}

test("a token is asked for once, kept for its owner only, and used until shortly before its end", async (context) => {
  const cloud = await startCloud(context, ({ token }) => ({ body: { token } }));
  assert.equal((await cloud.connect().json("GET", "/a")).token, "token-1");
  assert.equal((await cloud.connect(3_299_000).json("GET", "/a")).token, "token-1");
  assert.equal((await cloud.connect(3_301_000).json("GET", "/a")).token, "token-2");
  assert.equal(new URLSearchParams(cloud.forms[0]).get("scope"), "https://management.azure.com/.default");
  assert.equal(statSync(cloud.cachePath).mode & 0o777, 0o600);
  assert.equal(readFileSync(cloud.cachePath, "utf8").includes(credential.clientSecret), false);
});

test("a cached token that is not taken any more is replaced, once", async (context) => {
  const cloud = await startCloud(context, ({ token }) => (token === "token-1" ? { status: 401 } : { body: { token } }));
  assert.equal((await cloud.connect().json("GET", "/a")).token, "token-2");
  const refusing = await startCloud(context, () => ({ status: 401, body: { error: { code: "X", message: "no" } } }));
  await assert.rejects(refusing.connect().json("GET", "/a"), ServiceFault);
  assert.equal(refusing.forms.length, 2);
});

test("--debug tells requests and statuses, never a secret or a token", async (context) => {
  const cloud = await startCloud(context, () => ({ body: { secretText: "hidden" } }));
  await cloud.connect().json("POST", "/a?b=c", { password: "hidden" });
  const told = cloud.said.join("");
  assert.match(told, /POST http:\S+\/a\?b=c -> 200/);
  for (const secret of [credential.clientSecret, "token-1", "hidden"]) assert.equal(told.includes(secret), false);
});

test("a list is followed to its end, by links to the service itself or to its public name", async (context) => {
  const pages: Record<string, unknown> = {
    "/l?x=1": { value: [{ n: 1 }], nextLink: "https://management.azure.com/l?x=2" },
    "/l?x=2": { value: [{ n: 2 }], "@odata.nextLink": "/l?x=3" },
    "/l?x=3": { value: [{ n: 3 }] },
  };
  const cloud = await startCloud(context, ({ url }) => ({ body: pages[url] }));
  assert.deepEqual(await cloud.connect().list("/l?x=1"), [{ n: 1 }, { n: 2 }, { n: 3 }]);
});

test("a list is asked for with the ETag it came with last time", async (context) => {
  const sent: (string | undefined)[] = [];
  const cloud = await startCloud(context, ({ ifNoneMatch }) => {
    sent.push(ifNoneMatch);
    if (ifNoneMatch === '"1"') return { status: 304 };
    return { body: { value: [{ n: 1 }] }, headers: { etag: '"1"' } };
  });
  const client = cloud.connect();
  assert.deepEqual(await client.listChanged("/l", undefined), { items: [{ n: 1 }], etag: '"1"' });
  assert.equal(await client.listChanged("/l", '"1"'), undefined);
  assert.deepEqual(await client.listChanged("/l", '"0"'), { items: [{ n: 1 }], etag: '"1"' });
  assert.deepEqual(sent, [undefined, '"1"', '"0"']);
});

test("the local door is taken for the cloud it is of, when it is this user's alone", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "postern-cli-"));
  const socketPath = join(folder, "door");
  const seen: (string | undefined)[] = [];
  const door = createServer((request, response) => {
    seen.push(request.headers.host);
    response.end('{"by":"door"}');
  });
  await new Promise<void>((resolve) => door.listen(socketPath, resolve));
  context.after(() => door.close());
  const port = await startCloud(context, () => ({ body: { by: "port" } }));
  const notes = new Notes({ level: "error", hasColor: false, isTerminal: false, write: () => {} });
  const ask = async (url: string) => {
    const localDoor = { origin: "https://localhost:1", socketPath };
    const transport = createTransport({ notes, userAgent: "test", send: request as unknown as Send, localDoor });
    return JSON.parse((await transport({ method: "GET", url, headers: {} })).body).by;
  };
  chmodSync(socketPath, 0o600);
  assert.equal(await ask("https://localhost:1/subscriptions"), "door");
  assert.deepEqual(seen, ["localhost:1"]);
  assert.equal(await ask(`${port.endpoint}/subscriptions`), "port", "another place is reached by its own address");
  // Nothing listens at the door's origin itself: whoever does not take the door gets nowhere.
  for (const mode of [0o660, 0o606, 0o777]) {
    chmodSync(socketPath, mode);
    await assert.rejects(ask("https://localhost:1/subscriptions"));
  }
  writeFileSync(join(folder, "file"), "");
  assert.equal(isOwnSocket(join(folder, "file")), false);
  assert.equal(isOwnSocket(join(folder, "none")), false);
  assert.equal(seen.length, 1);
});

test("no token goes to a link elsewhere", async (context) => {
  const cloud = await startCloud(context, () => ({ body: { value: [], nextLink: "https://evil.example/l" } }));
  await assert.rejects(cloud.connect().list("/l"), /sent a link to another place/);
});

test("a long operation is waited for", async (context) => {
  let polls = 0;
  const cloud = await startCloud(context, ({ method }) => {
    if (method === "DELETE") {
      return { status: 202, headers: { location: "https://management.azure.com/operations/1", "retry-after": "0" } };
    }
    polls += 1;
    return polls < 3 ? { status: 202, headers: { location: "/operations/1", "retry-after": "0" } } : { status: 200 };
  });
  assert.equal((await cloud.connect().finish("DELETE", "/g")).status, 200);
  assert.equal(polls, 3);
});

test("when nothing listens, that is said in words", async (context) => {
  const cloud = await startCloud(context, () => ({}));
  const notes = new Notes({ level: "error", hasColor: false, isTerminal: false, write: () => {} });
  const transport = createTransport({ notes, userAgent: "test", send: request as unknown as Send });
  const closed = cloud.endpoint.replace(/\d+$/, "1");
  await assert.rejects(
    transport({ method: "GET", url: `${closed}/x`, headers: {} }),
    (error) => error instanceof CliFault && error.message === `Nothing answers at ${closed}.`,
  );
});

test("Resource Manager's refusals read as az tells them", () => {
  const body = { error: { code: "ResourceGroupNotFound", message: "Resource group 'x' could not be found." } };
  const fault = readServiceFault("resource-manager", answer(404, body));
  assert.equal(
    fault.message,
    "(ResourceGroupNotFound) Resource group 'x' could not be found.\nCode: ResourceGroupNotFound\n" +
      "Message: Resource group 'x' could not be found.",
  );
  assert.deepEqual([fault.kind, fault.code, fault.status], ["not-found", "ResourceGroupNotFound", 404]);
  const detailed = { error: { code: "A", message: "m", target: "t", details: [{ code: "B", message: "n" }] } };
  assert.equal(
    readServiceFault("resource-manager", answer(400, detailed)).message,
    "(A) m\nCode: A\nMessage: m\nTarget: t\nException Details:\t(B) n\n\tCode: B\n\tMessage: n",
  );
});

test("Graph's refusals are their message; a 404 is exit code 3 only of something shown", async () => {
  const body = { error: { code: "Request_ResourceNotFound", message: "Resource 'x' does not exist." } };
  const fault = readServiceFault("graph", answer(404, body));
  assert.deepEqual([fault.message, fault.kind], ["Resource 'x' does not exist.", "failure"]);
  await assert.rejects(
    notFoundWhenShown(() => Promise.reject(fault)),
    (error) => error instanceof ServiceFault && error.kind === "not-found" && error.message === fault.message,
  );
});

test("Entra's refusals are their description, known by the AADSTS code", () => {
  const body = {
    error: "invalid_client",
    error_description: "AADSTS7000215: Invalid client secret provided. Trace ID: x",
  };
  const fault = readServiceFault("entra", answer(401, body));
  assert.deepEqual([fault.code, fault.message], ["AADSTS7000215", body.error_description]);
});

test("an answer that is no service's is shown in part, and is a failure", () => {
  for (const service of ["resource-manager", "graph", "entra"] as const) {
    const fault = readServiceFault(service, answer(502, `<html>${"x".repeat(5000)}`));
    assert.match(fault.message, /^Operation returned an invalid status 'Bad Gateway'\nContent: <html>x+\.\.\.$/);
    assert.ok(fault.message.length < 2100);
  }
  assert.match(readServiceFault("graph", answer(500, '{"error":"text"}')).message, /Internal Server Error/);
});
