/** Ten thousand connections that say nothing: the server answers others all the while, and what they cost in memory is known and given back. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { keepRecord } from "../faults/record.ts";
import { until } from "../postgres/replica-pair.ts";
import { createApp, PlaneClient, planeScopes } from "../support/plane-client.ts";
import { startServer } from "../support/server-process.ts";

const wanted = 10_000;
/** Handshakes at once: a crowd, as after a network was away. */
const atOnce = 100;
/** Open files that are neither of these connections: the store, extents, the runtime. */
const otherFiles = 500;
/** What one idle connection may cost at most, in KiB: TLS in OpenSSL, Node's two sockets and its HTTP parser. Our choice, a third above what was seen. */
const maxKibEach = 80;

const hardLimit = Number(
  execFileSync("bash", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim().replace("unlimited", "1e9"),
);
const skip =
  hardLimit < wanted + otherFiles
    ? `a process may open ${hardLimit} files here, and this takes ${wanted + otherFiles}`
    : false;

function openIdle(port: number, secureContext: SecureContext): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, servername: "localhost", secureContext });
    socket.once("error", reject);
    socket.once("secureConnect", () => {
      // One request, so that it is a client's kept connection and not one that never came to ask.
      socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
      socket.once("data", () => resolve(socket));
    });
  });
}

test(`${wanted} idle connections: others are answered, and the memory comes back`, {
  skip,
  timeout: 300_000,
}, async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), "postern-idle-"));
  const server = await startServer(stateDir, ["--offline"]);
  const { pid, caBundle } = server.status;
  const residentKib = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]);
  const openFiles = () => readdirSync(`/proc/${pid}/fd`).length;
  const client = new PlaneClient(server.status, 4);
  const port = Number(new URL(server.status.baseUrl).port);
  // Read once: ten thousand times the system's roots would be a burden of the test's own.
  const context = createSecureContext({ ca: readFileSync(caBundle) });
  const idle: TLSSocket[] = [];
  try {
    const app = await createApp(client, "among thousands");
    const [filesBefore, kibBefore] = [openFiles(), residentKib()];
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (let index = 0; index < wanted / atOnce; index++) idle.push(await openIdle(port, context));
      }),
    );
    assert.ok(openFiles() >= wanted, "all of them are there at once");
    const kibEach = (residentKib() - kibBefore) / wanted;
    for (let round = 0; round < 20; round++) {
      assert.equal((await client.askToken(app.appId, app.secret, planeScopes.arm)).status, 200);
      assert.equal((await client.call("graph", "GET", "/v1.0/applications")).status, 200);
      assert.equal(
        (
          await client.call("graph", "POST", "/v1.0/groups", {
            displayName: `g${round}`,
            mailEnabled: false,
            mailNickname: `g${round}`,
            securityEnabled: true,
          })
        ).status,
        201,
      );
    }
    const held = idle.filter(({ destroyed }) => !destroyed).length;
    t.diagnostic(`${held} held, ${kibEach.toFixed(1)} KiB each`);
    assert.equal(held, wanted, "none was closed meanwhile");
    assert.ok(kibEach < maxKibEach, `${kibEach} KiB each`);
    for (const socket of idle) socket.destroy();
    await until(async () => openFiles() <= filesBefore + atOnce, "the files");
    // Ten thousand closed at one time hold the server up for so long that it may put the next ones off.
    await until(async () => (await client.call("graph", "GET", "/v1.0/organization")).status === 200, "an answer");
    const figures = `${((kibEach * wanted) / 1024).toFixed(0)} MiB for all, ${kibEach.toFixed(0)} KiB each; files given back when they close`;
    const record = {
      section: "burden" as const,
      fault: `${wanted.toLocaleString("en")} idle connections with TLS`,
      figures,
    };
    keepRecord("idle", {
      ...record,
      held: "tokens, reads and changes of others, all answered",
      source: "test/burden/idle-connections.long.test.ts",
    });
  } finally {
    for (const socket of idle) socket.destroy();
    client.close();
    assert.equal(await server.stop(), 0);
    rmSync(stateDir, { recursive: true, force: true });
  }
});
