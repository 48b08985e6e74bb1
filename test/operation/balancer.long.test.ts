/**
 * Two servers on one PostgreSQL behind haproxy, by deploy/haproxy.cfg: one is told to end under load, is replaced, then the other; no request fails.
 */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { PlaneClient, planeScopes, type ServerStatus } from "../support/plane-client.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "../support/postgres-server.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";

const skip =
  postgresMissing ||
  (spawnSync("which", ["haproxy"]).status === 0
    ? false
    : "haproxy is not installed (Debian: haproxy; test/debian/install.sh long)");
const deploy = join(import.meta.dirname, "..", "..", "deploy");
/** Of the balancer in the test: looks this often, believes the second failure. */
const lookIntervalMs = 200;

let folder: string;
let postgres: PostgresServer;
let haproxy: ChildProcess;
const servers = new Map<string, ServerProcess>();
const ports: Record<string, number> = {};

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Always on the same ports: the balancer knows no others. */
async function start(name: string): Promise<void> {
  const stateDir = join(folder, name);
  mkdirSync(stateDir, { recursive: true });
  const place = new URL(url);
  place.password = "";
  const server = await startServer(stateDir, [
    ...["--port", String(ports[name]), "--offline", "--admin-listen", `127.0.0.1:${ports[`${name}-admin`]}`],
    ...["--database", place.href, "--database-key-file", join(folder, "key")],
    ...["--database-password-file", join(folder, "password"), "--drain-delay-seconds", "1"],
  ]);
  servers.set(name, server);
}

let url: string;

before(async () => {
  if (skip) return;
  postgres = await startPostgres();
  url = await postgres.createDatabase();
  folder = mkdtempSync(join(tmpdir(), "postern-balancer-"));
  writeFileSync(join(folder, "key"), randomBytes(32).toString("base64"), { mode: 0o600 });
  writeFileSync(join(folder, "password"), postgres.password, { mode: 0o600 });
  for (const name of ["a", "b", "a-admin", "b-admin", "front"]) ports[name] = await findFreePort();
  await Promise.all([start("a"), start("b")]);
  const configuration = readFileSync(join(deploy, "haproxy.cfg"), "utf8")
    .replace("bind :10443", `bind 127.0.0.1:${ports.front}`)
    .replace("check port 9464 inter 2s", `check inter ${lookIntervalMs}ms`)
    .replace("server a server-a:10443", `server a 127.0.0.1:${ports.a} port ${ports["a-admin"]}`)
    .replace("server b server-b:10443", `server b 127.0.0.1:${ports.b} port ${ports["b-admin"]}`);
  assert.ok(!/server-[ab]|:10443|9464/.test(configuration), configuration);
  writeFileSync(join(folder, "haproxy.cfg"), configuration);
  haproxy = spawn("haproxy", ["-f", join(folder, "haproxy.cfg")], { stdio: "ignore" });
});
after(async () => {
  haproxy?.kill();
  for (const { child, kill } of servers.values()) if (child.exitCode === null) await kill();
  postgres?.dispose();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

test("each server in turn is told to end and replaced, and no request fails", { skip }, async () => {
  const { status } = servers.get("a")!;
  const front: ServerStatus = { ...status, baseUrl: `https://localhost:${ports.front}` };
  const client = new PlaneClient(front, 4);
  const operator = JSON.parse(readFileSync(join(folder, "a", "operator.json"), "utf8")) as Record<string, string>;
  const counts = { answered: 0, failed: [] as string[] };
  let isOver = false;
  const ask = async (): Promise<void> => {
    while (!isOver) {
      try {
        const { status: code, text } = await client.askToken(
          operator.clientId!,
          operator.clientSecret!,
          planeScopes.arm,
        );
        if (code === 200) counts.answered += 1;
        else counts.failed.push(`${code} ${text}`);
      } catch (cause) {
        counts.failed.push(String((cause as NodeJS.ErrnoException).code ?? cause));
      }
      await pause(5); // a client, not a flood
    }
  };
  // Until the balancer has found both.
  while ((await client.send("localhost", "GET", "/readyz").catch(() => undefined))?.status !== 200) {
    assert.equal(haproxy.exitCode, null, "haproxy has ended");
    await pause(50);
  }
  const asking = Array.from({ length: 4 }, ask);
  for (const name of ["a", "b"]) {
    const before = counts.answered;
    while (counts.answered < before + 50) await pause(20);
    assert.equal(await servers.get(name)!.stop(), 0);
    await start(name);
    // Until the balancer has believed it.
    await pause(4 * lookIntervalMs);
  }
  isOver = true;
  await Promise.all(asking);
  client.close();
  console.log(`answered ${counts.answered}, failed ${counts.failed.length}`);
  assert.deepEqual(counts.failed, []);
});
