// The same notes as a web app: GET / lists, PUT /NAME stores, GET /NAME reads.
// STORAGE_ACCOUNT names the storage account; PORT the loopback port (8000 when not set).

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { RestError } from "@azure/storage-blob";
import { createNotes, explain } from "./notes.ts";

// The largest note taken: a web app must bound what it reads into memory.
const NOTE_LIMIT_BYTES = 1024 * 1024;

interface Answer {
  status: number;
  body: string | Buffer;
}

const account = process.env.STORAGE_ACCOUNT;
if (!account) throw new Error("Which storage account? Name it in STORAGE_ACCOUNT.");
const notes = createNotes(account);

async function readNote(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of request) {
    sizeBytes += part.length;
    if (sizeBytes > NOTE_LIMIT_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const name = decodeURIComponent((request.url ?? "/").replace(/^\/+/, "").replace(/\?.*/, ""));
  if (request.method === "GET" && !name) {
    return { status: 200, body: (await notes.names()).map((found) => `${found}\n`).join("") };
  }
  if (request.method === "GET") return { status: 200, body: await notes.read(name) };
  if (request.method !== "PUT" || !name) return { status: 405, body: "GET /, GET /NAME or PUT /NAME\n" };
  const content = await readNote(request);
  if (!content) return { status: 413, body: "A note is at most 1 MiB\n" };
  await notes.open();
  await notes.write(name, content);
  return { status: 201, body: "stored\n" };
}

function refuse(error: unknown): Answer {
  if (error instanceof URIError) return { status: 400, body: "The name is not percent-encoded rightly\n" };
  return { status: error instanceof RestError && error.statusCode === 404 ? 404 : 502, body: explain(error) };
}

const server = createServer(async (request, response) => {
  const { status, body } = await answer(request).catch(refuse);
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(body);
});
server.listen(Number(process.env.PORT ?? 8000), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
