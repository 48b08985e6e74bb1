/**
 * What any server in Node could do at most here, which knows no rights and no blobs. GET /small: 1 KiB out of memory; GET /memory/BYTES: more. GET /file/BYTES: a file, streamed,
 * with the sum that Postern checks as it reads (CRC-32 of every 64 KiB). PUT: streamed to a file with the sums that Postern's answer tells
 * (MD5, and CRC-64 by its code), synced before the answer. Arguments: a folder, `tls` or `plain`. Says `ready PORT`.
 */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { crc32 } from "node:zlib";
import { Crc64 } from "../../packages/server/src/blob/engine/crc64.ts";

const [, , folder, kind] = process.argv;
const small = Buffer.alloc(1024, "x");
let large = small;
/** Files written in turn: as many as there are connections. */
const slots = 64;
let written = 0;

function fileOf(sizeBytes) {
  const path = `${folder}/bare-${sizeBytes}`;
  if (!existsSync(path)) writeFileSync(path, Buffer.alloc(sizeBytes, "x"));
  return path;
}

async function sendFile(response, sizeBytes) {
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": sizeBytes });
  let sum = 0;
  for await (const chunk of createReadStream(fileOf(sizeBytes), { highWaterMark: 65_536 })) {
    sum ^= crc32(chunk);
    if (!response.write(chunk)) await new Promise((resolve) => response.once("drain", resolve));
  }
  response.end();
  return sum;
}

async function takeFile(request, response) {
  const file = await open(`${folder}/put-${kind}-${written++ % slots}`, "w");
  const md5 = createHash("md5");
  const crc64 = new Crc64();
  try {
    for await (const chunk of request) {
      md5.update(chunk);
      crc64.update(chunk);
      await file.write(chunk);
    }
    await file.datasync();
  } finally {
    await file.close();
  }
  response.writeHead(201, {
    "content-md5": md5.digest("base64"),
    "x-ms-content-crc64": crc64.digest().toString("base64"),
    "content-length": 0,
  });
  response.end();
}

function handle(request, response) {
  // Who goes away within a request, as a load at its end does, gets nothing.
  if (request.method === "PUT") return takeFile(request, response).catch(() => response.destroy());
  const size = /^\/file\/(\d+)/.exec(request.url)?.[1];
  if (size !== undefined) return sendFile(response, Number(size));
  const inMemory = /^\/memory\/(\d+)/.exec(request.url)?.[1];
  if (inMemory !== undefined && Number(inMemory) !== large.length) large = Buffer.alloc(Number(inMemory), "x");
  const body = inMemory === undefined ? small : large;
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": body.length });
  response.end(body);
}

const server =
  kind === "tls"
    ? createTlsServer({ key: readFileSync(`${folder}/key.pem`), cert: readFileSync(`${folder}/cert.pem`) }, handle)
    : createServer(handle);
server.listen(0, "127.0.0.1", () => console.log(`ready ${server.address().port}`));
