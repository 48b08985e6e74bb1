/**
 * Files to blobs and back, streamed, so that memory stays flat. May use: this folder, node:fs.
 * @see https://learn.microsoft.com/rest/api/storageservices/put-block
 */
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { failure } from "../faults.ts";
import type { AccountAccess } from "./account-access.ts";

/** Up to here one request uploads a file, as in az; above, blocks do. */
const MAX_SINGLE_PUT_BYTES = 64 * 1024 * 1024;
/** az's block size, until a file would need more of them than there may be. */
const BLOCK_BYTES = 4 * 1024 * 1024;
/** @see https://learn.microsoft.com/rest/api/storageservices/understanding-block-blobs--append-blobs--and-page-blobs */
const MAX_BLOCKS = 50_000;

export interface UploadRequest {
  readonly container: string;
  readonly blob: string;
  readonly source: { readonly file: string } | { readonly data: Buffer };
  readonly contentType: string | undefined;
  readonly canOverwrite: boolean;
  /** More of the blob's headers: metadata, tier, content encoding. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/** az's words for a file that is not there. */
async function sizeOfFile(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    throw failure(`[Errno 2] No such file or directory: '${file}'\nPlease check the file path.`);
  }
}

/** Uploads a file or text. @returns the headers of the answer that finished it. */
export async function uploadBlob(access: AccountAccess, request: UploadRequest): Promise<IncomingHttpHeaders> {
  const { container, blob, source, contentType, headers } = request;
  const sizeBytes = "file" in source ? await sizeOfFile(source.file) : source.data.length;
  const common = {
    ...headers,
    ...(contentType === undefined ? {} : { "x-ms-blob-content-type": contentType }),
    ...(request.canOverwrite ? {} : { "if-none-match": "*" }),
  };
  if (sizeBytes > MAX_SINGLE_PUT_BYTES && "file" in source) {
    return uploadBlocks(access, request, source.file, sizeBytes, common);
  }
  const body = "file" in source ? createReadStream(source.file).pipe(counter(request, sizeBytes)) : source.data;
  const answer = await access.send({
    method: "PUT",
    path: [container, blob],
    headers: {
      ...common,
      "x-ms-blob-type": "BlockBlob",
      "content-type": "application/octet-stream",
    },
    body,
    bodySizeBytes: sizeBytes,
  });
  answer.resume();
  return answer.headers;
}

function counter({ onProgress }: UploadRequest, totalBytes: number): Transform {
  let doneBytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      doneBytes += chunk.length;
      onProgress(doneBytes, totalBytes);
      done(null, chunk);
    },
  });
}

async function uploadBlocks(
  access: AccountAccess,
  { container, blob, onProgress }: UploadRequest,
  file: string,
  sizeBytes: number,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<IncomingHttpHeaders> {
  const blockBytes = Math.max(BLOCK_BYTES, Math.ceil(sizeBytes / MAX_BLOCKS));
  const path = [container, blob];
  const ids: string[] = [];
  for (let start = 0; start < sizeBytes; start += blockBytes) {
    const id = Buffer.from(String(start).padStart(32, "0")).toString("base64");
    const length = Math.min(blockBytes, sizeBytes - start);
    const answer = await access.send({
      method: "PUT",
      path,
      query: { comp: "block", blockid: id },
      headers: { "content-type": "application/octet-stream" },
      body: createReadStream(file, { start, end: start + length - 1 }),
      bodySizeBytes: length,
    });
    answer.resume();
    ids.push(id);
    onProgress(start + length, sizeBytes);
  }
  const list = ids.map((id) => `<Latest>${id}</Latest>`).join("");
  const answer = await access.send({
    method: "PUT",
    path,
    query: { comp: "blocklist" },
    headers: { ...headers, "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="utf-8"?><BlockList>${list}</BlockList>`,
  });
  answer.resume();
  return answer.headers;
}

export interface DownloadRequest {
  readonly container: string;
  readonly blob: string;
  readonly range?: string | undefined;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

export interface Downloaded {
  readonly headers: IncomingHttpHeaders;
  /** Of the whole blob, whatever part was asked for. */
  readonly sizeBytes: number;
}

/** Downloads into a file, which is there whole or not at all. */
export async function downloadToFile(
  access: AccountAccess,
  request: DownloadRequest,
  file: string,
): Promise<Downloaded> {
  const draft = `${file}.${process.pid}.part`;
  try {
    const downloaded = await downloadTo(access, request, () => createWriteStream(draft));
    await rename(draft, file);
    return downloaded;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Downloads into any stream, which is opened only when the blob is there. */
export async function downloadTo(
  access: AccountAccess,
  { container, blob, range, onProgress }: DownloadRequest,
  open: () => NodeJS.WritableStream,
): Promise<Downloaded> {
  const answer = await access.send({ method: "GET", path: [container, blob], headers: { "x-ms-range": range } });
  const length = Number(answer.headers["content-length"] ?? 0);
  const whole = /\/(\d+)$/.exec(answer.headers["content-range"] ?? "")?.[1];
  let doneBytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      doneBytes += chunk.length;
      onProgress(doneBytes, length);
      done(null, chunk);
    },
  });
  await pipeline(answer, count, open());
  if (doneBytes !== length) throw failure(`The connection ended after ${doneBytes} of ${length} bytes.`);
  return { headers: answer.headers, sizeBytes: whole === undefined ? length : Number(whole) };
}
