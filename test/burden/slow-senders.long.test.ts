/** Clients that send a byte now and then and never come to an end: each is closed within its bound, and the others are answered all the while. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { edgeLimits } from "../../packages/server/src/edge/limits.ts";
import { bodyTimeoutMs } from "../../packages/server/src/wire/body.ts";
import { keepRecord } from "../faults/record.ts";
import { createApp, PlaneClient, planeScopes } from "../support/plane-client.ts";
import { startServer } from "../support/server-process.ts";

const each = 150;
const dripMs = 1_000;
/** A busy machine looks at its timers late. */
const graceMs = 20_000;

/** A record of TLS that says it holds a hello of 500 bytes. */
const helloBegin = Buffer.from([0x16, 0x03, 0x01, 0x01, 0xf4, 0x01, 0x00, 0x01, 0xf0, 0x03, 0x03]);

type Slow = { readonly closed: Promise<number>; readonly socket: Socket };

/** Drips until the other side closes. @returns after how many milliseconds it did. */
function drip(socket: Socket, begin: string | Buffer, byte: string | Buffer): Slow {
  const startedMs = performance.now();
  socket.write(begin);
  const timer = setInterval(() => socket.write(byte), dripMs);
  socket.on("error", () => undefined);
  socket.resume();
  const closed = new Promise<number>((resolve) => {
    socket.once("close", () => {
      clearInterval(timer);
      resolve(performance.now() - startedMs);
    });
  });
  return { closed, socket };
}

function overTls(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: "127.0.0.1", port, servername: "localhost", rejectUnauthorized: false });
    socket.once("error", reject);
    socket.once("secureConnect", () => resolve(socket));
  });
}

const kinds = [
  {
    name: "TLS handshakes",
    boundMs: edgeLimits.handshakeTimeoutMs,
    isTls: false,
    begin: helloBegin,
    byte: Buffer.alloc(1),
  },
  { name: "nothing at all", boundMs: edgeLimits.firstByteTimeoutMs, isTls: false, begin: "", byte: "" },
  {
    ...{ name: "headers", boundMs: edgeLimits.headersTimeoutMs + edgeLimits.headersCheckIntervalMs, isTls: true },
    ...{ begin: "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", byte: "a" },
  },
  {
    ...{
      name: "proxy requests",
      boundMs: edgeLimits.headersTimeoutMs + edgeLimits.headersCheckIntervalMs,
      isTls: false,
    },
    ...{ begin: "CONNECT graph.microsoft.com:443 HTTP/1.1\r\nHost: ", byte: "a" },
  },
  {
    ...{ name: "bodies of token requests", boundMs: bodyTimeoutMs, isTls: true, byte: "a" },
    begin:
      "POST /common/oauth2/v2.0/token HTTP/1.1\r\nHost: login.microsoftonline.com\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000\r\n\r\ngrant_type=",
  },
] as const;

test(`${each * kinds.length} slow senders of ${kinds.length} kinds`, { timeout: 300_000 }, async (t) => {
  const stateDir = mkdtempSync(join(tmpdir(), "postern-slow-"));
  const server = await startServer(stateDir, ["--offline"]);
  const port = Number(new URL(server.status.baseUrl).port);
  const client = new PlaneClient(server.status, 4);
  const slow: Slow[] = [];
  try {
    const app = await createApp(client, "among the slow");
    const groups = await Promise.all(
      kinds.map(async ({ isTls, begin, byte }) => {
        const group: Slow[] = [];
        for (let index = 0; index < each; index++) {
          const socket = isTls ? await overTls(port) : connect(port, "127.0.0.1");
          group.push(drip(socket, begin, byte));
        }
        slow.push(...group);
        return group;
      }),
    );
    let answered = 0;
    let isOver = false;
    const others = (async () => {
      while (!isOver) {
        assert.equal((await client.askToken(app.appId, app.secret, planeScopes.arm)).status, 200);
        answered += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    const figures: string[] = [];
    for (const [index, { name, boundMs }] of kinds.entries()) {
      const longestMs = Math.max(...(await Promise.all(groups[index]!.map(({ closed }) => closed))));
      figures.push(`${name} ${(longestMs / 1000).toFixed(0)} s (bound ${boundMs / 1000} s)`);
      assert.ok(longestMs < boundMs + graceMs, `${name}: closed after ${longestMs} ms`);
    }
    isOver = true;
    await others;
    assert.ok(answered > 50);
    t.diagnostic(`${figures.join(", ")}; ${answered} tokens given meanwhile`);
    keepRecord("slow-senders", {
      ...{ section: "burden", source: "test/burden/slow-senders.long.test.ts" },
      fault: `${each} slow senders of each of ${kinds.length} kinds at once, a byte a second`,
      held: `all were closed; ${answered} tokens given to others meanwhile, none refused`,
      figures: `last closed: ${figures.join(", ")}`,
    });
  } finally {
    for (const { socket } of slow) socket.destroy();
    client.close();
    assert.equal(await server.stop(), 0);
    rmSync(stateDir, { recursive: true, force: true });
  }
});
