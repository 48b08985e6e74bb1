import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, readSync, writeSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Crc64 } from "./engine/crc64.ts";
import { people, startTrialSurface, tokenOf } from "./testing/trial-surface.ts";

const blockBlob = { "x-ms-blob-type": "BlockBlob" };
const mebibyte = 1024 * 1024;

test("a body that stops half way leaves no blob, and the server lives", async (test) => {
  const { send, engine, port, stateDir } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    `PUT /acct/box/half HTTP/1.1\r\nHost: x\r\nAuthorization: ${tokenOf(people.operator)}\r\nx-ms-version: 2025-07-05\r\nx-ms-blob-type: BlockBlob\r\nContent-Length: 3000000\r\n\r\n`,
  );
  socket.write(Buffer.alloc(1_500_000));
  // The sender goes once some of it has been taken in.
  while (readdirSync(join(stateDir, "blobs/extents")).length === 0) await nextTurn();
  socket.destroy();
  assert.equal((await send("GET", "/box/half")).code, "BlobNotFound");
  const container = (await engine.findContainer({ account: "acct", container: "box" }))!;
  assert.equal(
    (await engine.listBlobs(container, { prefix: "", delimiter: "", from: "", limit: 9, hasUncommitted: true })).items
      .length,
    0,
  );
  assert.equal((await send("PUT", "/box/half", { headers: blockBlob, body: "whole" })).status, 201);
});

test("a large body whose sums are not what was said is refused, and leaves nothing", async (test) => {
  const { send } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  const bytes = Buffer.alloc(3 * mebibyte + 5, "sum");
  const md5 = createHash("md5").update(bytes).digest("base64");
  const crc64 = new Crc64().update(bytes).digest().toString("base64");
  const put = (headers: Record<string, string>, path = "/box/b") =>
    send("PUT", path, { headers: { ...blockBlob, ...headers }, body: bytes });
  const refusals = [
    await put({ "content-md5": createHash("md5").digest("base64") }),
    await put({ "x-ms-content-crc64": new Crc64().digest().toString("base64") }),
    await put({ "content-md5": createHash("md5").digest("base64") }, "/box/b?comp=block&blockid=AAAA"),
  ];
  assert.deepEqual(
    refusals.map(({ status, code }) => [status, code]),
    [
      [400, "Md5Mismatch"],
      [400, "Crc64Mismatch"],
      [400, "Md5Mismatch"],
    ],
  );
  assert.equal((await send("GET", "/box/b")).code, "BlobNotFound");
  const made = await put({ "content-md5": md5, "x-ms-content-crc64": crc64 });
  assert.equal(made.status, 201);
  assert.deepEqual([made.headers["content-md5"], made.headers["x-ms-content-crc64"]], [md5, crc64]);
  assert.ok((await send("GET", "/box/b")).body.equals(bytes));
});

test("a large body refused early is answered, and its connection goes on", async (test) => {
  const { port } = await startTrialSurface(test);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  test.after(() => agent.destroy());
  const sockets = new Set<unknown>();
  const put = (as: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = {
        ...blockBlob,
        authorization: tokenOf(as),
        "x-ms-version": "2025-07-05",
        "content-length": 20 * mebibyte,
      };
      const outgoing = httpRequest(
        { host: "127.0.0.1", port, method: "PUT", path: "/acct/box/b", agent, headers },
        (response) => {
          sockets.add(response.socket);
          response.resume().on("end", () => resolve(response.statusCode!));
        },
      );
      outgoing.on("error", reject);
      outgoing.end(Buffer.alloc(20 * mebibyte));
    });
  assert.equal(await put(people.nobody), 403);
  assert.equal(await put(people.operator), 404);
  assert.equal(sockets.size, 1);
});

test("a large blob goes in and out whole, to a slow reader too", async (test) => {
  const { send, port } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  const bytes = Buffer.alloc(24 * mebibyte);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32BE(at, at);
  assert.equal((await send("PUT", "/box/big", { headers: blockBlob, body: bytes })).status, 201);
  assert.ok((await send("GET", "/box/big")).body.equals(bytes));
  const headers = { authorization: tokenOf(people.operator), "x-ms-version": "2025-07-05" };
  const outgoing = httpRequest({ host: "127.0.0.1", port, path: "/acct/box/big", headers }).end();
  const [response] = await once(outgoing, "response");
  const pieces: Buffer[] = [];
  for await (const piece of response) {
    pieces.push(piece);
    await nextTurn();
  }
  assert.ok(Buffer.concat(pieces).equals(bytes));
});

test("readers side by side, slow ones and ones that go away, each get their own blob's bytes", async (test) => {
  const { send, port } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  const sizeBytes = 5 * mebibyte + 77;
  const fills = ["a", "b", "c", "d"];
  for (const fill of fills) {
    const put = await send("PUT", `/box/${fill}`, { headers: blockBlob, body: Buffer.alloc(sizeBytes, fill) });
    assert.equal(put.status, 201);
  }
  const headers = { authorization: tokenOf(people.operator), "x-ms-version": "2025-07-05" };
  const read = async (fill: string, isSlow: boolean, stopBytes: number) => {
    const outgoing = httpRequest({ host: "127.0.0.1", port, path: `/acct/box/${fill}`, headers }).end();
    const [response] = await once(outgoing, "response");
    const own = Buffer.alloc(mebibyte, fill);
    let gotBytes = 0;
    for await (const piece of response as AsyncIterable<Buffer>) {
      assert.ok(piece.equals(own.subarray(0, piece.length)));
      gotBytes += piece.length;
      if (gotBytes > stopBytes) break;
      if (isSlow) await nextTurn();
    }
    return gotBytes;
  };
  for (let round = 0; round < 3; round++) {
    const whole = [...fills, ...fills].map((fill, index) => read(fill, index >= fills.length, sizeBytes));
    const cut = fills.map((fill) => read(fill, true, mebibyte));
    assert.deepEqual(await Promise.all(whole), Array(2 * fills.length).fill(sizeBytes));
    for (const gotBytes of await Promise.all(cut)) assert.ok(gotBytes < sizeBytes);
  }
});

test("a reader that goes away lets go of the file", async (test) => {
  const { send, port } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  await send("PUT", "/box/big", { headers: blockBlob, body: Buffer.alloc(16 * mebibyte) });
  const headers = { authorization: tokenOf(people.operator), "x-ms-version": "2025-07-05" };
  const outgoing = httpRequest({ host: "127.0.0.1", port, path: "/acct/box/big", headers }).end();
  const [response] = await once(outgoing, "response");
  response.destroy();
  await once(outgoing, "close");
  assert.equal((await send("GET", "/box/big", { headers: { range: "bytes=0-0" } })).status, 206);
});

test("damage in the first record is a 500 that says nothing; later, a broken connection", async (test) => {
  const { send, stateDir, logged } = await startTrialSurface(test);
  await send("PUT", "/box?restype=container");
  const bytes = Buffer.alloc(900_000, "d");
  await send("PUT", "/box/b", { headers: blockBlob, body: bytes });
  const folder = join(stateDir, "blobs/extents");
  const fd = openSync(join(folder, readdirSync(folder)[0]!), "r+");
  const flip = (position: number): void => {
    const byte = Buffer.alloc(1);
    readSync(fd, byte, 0, 1, position);
    writeSync(fd, Buffer.from([byte[0]! ^ 1]), 0, 1, position);
  };
  flip(850_000);
  await assert.rejects(send("GET", "/box/b"), /aborted|hang up|ECONNRESET/);
  assert.equal((await send("GET", "/box/b", { headers: { range: "bytes=0-99" } })).text, "d".repeat(100));
  flip(5000);
  const broken = await send("GET", "/box/b");
  closeSync(fd);
  assert.deepEqual([broken.status, broken.code], [500, "InternalError"]);
  assert.ok(!broken.text.includes("extent"));
  assert.equal(logged.length, 2);
  assert.match(logged[0]!, /content-damaged/);
});

test("a full disk answers 503 and serves on", async (test) => {
  let isFull = false;
  const { diskIo } = await import("./engine/extent-file.ts");
  const noRoom = Object.assign(new Error("no room"), { code: "ENOSPC" });
  const io = {
    write: (fd: number, buffers: readonly Buffer[], position: number) =>
      isFull ? Promise.reject(noRoom) : diskIo.write(fd, buffers, position),
    sync: (fd: number) => diskIo.sync(fd),
  };
  const { send } = await startTrialSurface(test, { io });
  await send("PUT", "/box?restype=container");
  await send("PUT", "/box/b", { headers: blockBlob, body: "old" });
  isFull = true;
  const refused = await send("PUT", "/box/b", { headers: blockBlob, body: Buffer.alloc(3 * mebibyte) });
  assert.deepEqual([refused.status, refused.code], [503, "ServerBusy"]);
  assert.equal((await send("GET", "/box/b")).text, "old");
  isFull = false;
  assert.equal((await send("PUT", "/box/b", { headers: blockBlob, body: "new" })).status, 201);
});
