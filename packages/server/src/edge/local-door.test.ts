import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ask, openEdge, openTls } from "./edge-fixture.ts";

function placeOf(name = "local.sock"): string {
  return join(mkdtempSync(join(tmpdir(), "postern-door-")), name);
}

async function openDoor(path: string) {
  const socket = connect({ path });
  await once(socket, "connect");
  return socket;
}

test("the planes are reached by the socket as by the port, by Azure's names and by localhost", async (t) => {
  const edge = await openEdge(t, { localDoor: placeOf() });
  const cases: [string, string, string, string][] = [
    ["management.azure.com", "/subscriptions", "arm", "https://management.azure.com"],
    ["graph.microsoft.com", "/v1.0/me", "graph", "https://graph.microsoft.com"],
    [`localhost:${edge.port}`, "/common/oauth2/v2.0/token", "entra", edge.baseUrl],
    [`localhost:${edge.port}`, "/healthz", "postern", edge.baseUrl],
  ];
  for (const [host, path, surface, origin] of cases) {
    const seen = JSON.parse((await ask(await openDoor(edge.localDoor!), path, { host })).text);
    assert.deepEqual([seen.surface, seen.origin, seen.path], [surface, origin, path]);
  }
});

test("the socket is its owner's alone, and gone when the edge is closed", async (t) => {
  const edge = await openEdge(t, { localDoor: placeOf() });
  const { mode } = statSync(edge.localDoor!);
  assert.equal(mode & 0o777, 0o600);
  await edge.close();
  assert.equal(existsSync(edge.localDoor!), false);
});

test("no blobs by the socket, by any address of them: accounts judge by which way a request comes", async (t) => {
  const edge = await openEdge(t, { localDoor: placeOf() });
  for (const [host, path, surface] of [
    ["acct.blob.core.windows.net", "/c/b", "blob"],
    [`localhost:${edge.port}`, "/acct/c/b", "blob"],
    ["acct.z6.web.core.windows.net", "/index.html", "web"],
  ] as const) {
    const answer = await ask(await openDoor(edge.localDoor!), path, { host });
    assert.deepEqual([answer.status, answer.text], [421, "Blob storage is served by TLS only.\n"]);
    assert.equal(JSON.parse((await ask(await openTls(edge), path, { host })).text).surface, surface);
  }
});

test("a host outside the table and two Host headers are refused there, too", async (t) => {
  const edge = await openEdge(t, { localDoor: placeOf() });
  assert.equal((await ask(await openDoor(edge.localDoor!), "/", { host: "evil.example" })).status, 421);
  const twice = { host: ["graph.microsoft.com", "management.azure.com"] } as unknown as Record<string, string>;
  assert.equal((await ask(await openDoor(edge.localDoor!), "/", twice)).status, 400);
  const proxied = await ask(await openDoor(edge.localDoor!), "http://evil.example/", { host: "evil.example" });
  assert.equal(proxied.status, 400);
});

test("what an earlier process left in its place is replaced", async (t) => {
  const path = placeOf();
  const left = createServer().listen(path);
  await once(left, "listening");
  const edge = await openEdge(t, { localDoor: path });
  const seen = await ask(await openDoor(path), "/subscriptions", { host: "management.azure.com" });
  assert.equal(JSON.parse(seen.text).surface, "arm");
  assert.equal(edge.localDoor, path);
  left.close();
});

test("where there can be no socket the port is all there is", async (t) => {
  const blocked = placeOf("folder");
  mkdirSync(blocked);
  writeFileSync(join(blocked, "file"), "");
  for (const path of [join(tmpdir(), "x".repeat(120)), join(tmpdir(), "no-such-folder-of-ours", "s"), blocked]) {
    const edge = await openEdge(t, { localDoor: path });
    assert.equal(edge.localDoor, undefined);
    assert.equal((await ask(await openTls(edge), "/subscriptions", { host: "management.azure.com" })).status, 200);
  }
});
