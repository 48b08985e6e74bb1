/** Blocks: put, commit, list. */
import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { readMoment } from "./blob-moment.ts";
import { judgePresence } from "./blob-read-handlers.ts";
import { blobName, judgeEarly } from "./blob-write-handlers.ts";
import { readBlockId } from "./block-id.ts";
import { parseBlockList } from "./block-list-xml.ts";
import { readLeaseId, refuseConditions, writeConditions } from "./condition-headers.ts";
import { containerName, requireContainer } from "./container-handlers.ts";
import { encryptionHeaders, encryptionOfNew } from "./encryption.ts";
import { Crc64 } from "./engine/crc64.ts";
import { maxSliceItems } from "./engine/metadata-reader.ts";
import { invalidHeader, invalidQuery, StorageError } from "./errors.ts";
import { readWrittenExpiry } from "./expiry-headers.ts";
import { maxBlockBytes, maxBlockListBytes } from "./limits.ts";
import type { Answer, BlobCall } from "./operation-row.ts";
import { readKept } from "./policy-headers.ts";
import {
  checkSums,
  isMd5Answered,
  readContentLength,
  readExpectedSums,
  readWholeBody,
  storeBody,
} from "./request-body.ts";
import {
  defaultContentType,
  readAccessTier,
  readSettings,
  refuseUnimplemented,
  writtenHeaders,
} from "./resource-headers.ts";
import { retentionOf } from "./retention.ts";
import { featuresOf } from "./service-versions.ts";
import { readTagHeader } from "./tags.ts";
import { element, xmlDeclaration } from "./xml.ts";

/** @see https://learn.microsoft.com/rest/api/storageservices/put-block */
export async function putBlock(call: BlobCall): Promise<Answer> {
  const { headers, query, engine } = call;
  refuseUnimplemented(call);
  refuseConditions(headers);
  const blockId = readBlockId(query);
  const sizeBytes = readContentLength(headers, maxBlockBytes(call.version));
  if (sizeBytes === 0) throw invalidHeader("Content-Length", "0");
  const expected = readExpectedSums(headers);
  const leaseId = readLeaseId(headers);
  const encryption = await encryptionOfNew(call);
  const hasMd5 = isMd5Answered(expected.md5 !== null, call.version);
  const sums = { md5: hasMd5, crc64: !hasMd5 || expected.crc64 !== null };
  const form = { ...sums, key: encryption.key };
  const body = await storeBody(call, sizeBytes, form);
  checkSums(expected, body);
  await engine.putBlock(blobName(call), blockId, body, leaseId ?? null);
  // Seen as documented: the MD5 goes back when one came, else the CRC.
  const sum: Record<string, string> = hasMd5
    ? { "Content-MD5": body.md5!.toString("base64") }
    : { "x-ms-content-crc64": body.crc64!.toString("base64") };
  return { status: 201, headers: { ...encryptionHeaders(encryption), ...sum } };
}

/** @see https://learn.microsoft.com/rest/api/storageservices/put-block-list */
export async function putBlockList(call: BlobCall): Promise<Answer> {
  const { headers, engine } = call;
  refuseUnimplemented(call);
  const sizeBytes = readContentLength(headers, maxBlockListBytes);
  const expected = readExpectedSums(headers);
  const settings = readSettings(headers);
  const accessTier = readAccessTier(call);
  const metadata = headers.metadata();
  const tags = readTagHeader(headers);
  const conditions = writeConditions(headers);
  const encryption = await encryptionOfNew(call);
  const before = await judgeEarly(call, conditions);
  const ending = readWrittenExpiry(call, before?.createdMs);
  const state = { ...readKept(headers, engine.nowMs), ...ending, ...encryption.state };
  const bytes = await readWholeBody(call.exchange.request, sizeBytes);
  const crc64 = new Crc64().update(bytes).digest();
  const md5 = createHash("md5").update(bytes).digest();
  checkSums(expected, { md5, crc64 });
  const written = await engine.putBlockList(blobName(call), await parseBlockList(bytes), {
    settings: { ...settings, contentType: settings.contentType ?? defaultContentType },
    metadata,
    accessTier,
    tags,
    state,
    conditions,
    retention: retentionOf(call),
    mustBeNew: call.mustBeNew,
  });
  const listSum: Record<string, string> = featuresOf(call.version).crc64
    ? { "x-ms-content-crc64": crc64.toString("base64") }
    : { "Content-MD5": md5.toString("base64") };
  return {
    status: 201,
    headers: { ...writtenHeaders(written), ...encryptionHeaders(encryption), ...listSum },
  };
}

type Block = { readonly blockId: string; readonly sizeBytes: number };

/** Blocks rendered before others get their turn. Our choice: about a millisecond. */
const blocksPerTurn = 2000;

function renderBlock({ blockId, sizeBytes }: Block): string {
  return `<Block>${element("Name", blockId)}${element("Size", sizeBytes)}</Block>`;
}

async function renderCommitted(blocks: Iterable<Block>): Promise<string> {
  const rendered: string[] = [];
  for (const block of blocks) {
    rendered.push(renderBlock(block));
    if (rendered.length % blocksPerTurn === 0) await nextTurn();
  }
  return wrap("CommittedBlocks", rendered);
}

async function renderUncommitted(call: BlobCall): Promise<string> {
  const rendered: string[] = [];
  for (let after = ""; ; ) {
    const container = await requireContainer(call.engine, containerName(call));
    const slice = await call.engine.uncommittedBlocks(container, call.target.blob, after, maxSliceItems);
    rendered.push(slice.map(renderBlock).join(""));
    const last = slice.at(-1);
    if (last === undefined || slice.length < maxSliceItems) return wrap("UncommittedBlocks", rendered);
    after = last.blockId;
    await nextTurn();
  }
}

function wrap(name: string, rendered: readonly string[]): string {
  const inner = rendered.join("");
  return inner === "" ? `<${name} />` : `<${name}>${inner}</${name}>`;
}

/** @see https://learn.microsoft.com/rest/api/storageservices/get-block-list */
export async function getBlockList(call: BlobCall): Promise<Answer> {
  const { headers, query, engine, target } = call;
  refuseUnimplemented(call);
  refuseConditions(headers);
  const type = (query.get("blocklisttype") || "committed").toLowerCase();
  if (!["committed", "uncommitted", "all"].includes(type)) {
    throw invalidQuery("blocklisttype", type, "One of committed, uncommitted, all.");
  }
  const container = await requireContainer(engine, containerName(call));
  const moment = readMoment(query);
  const view = await engine.openBlob(container, target.blob, moment);
  const isStaged = moment.kind === "present" && (await engine.hasUncommittedBlocks(container, target.blob));
  if (!isStaged) judgePresence(call, view?.record);
  if (view !== undefined && view.record.type !== "BlockBlob") throw new StorageError("InvalidBlobType");
  const committed = type === "uncommitted" ? "" : await renderCommitted(view?.content.blocks() ?? []);
  const uncommitted = type === "committed" ? "" : await renderUncommitted(call);
  return {
    status: 200,
    headers: {
      ...(view === undefined ? {} : writtenHeaders(view.record)),
      "Content-Type": "application/xml",
      "x-ms-blob-content-length": String(view?.record.sizeBytes ?? 0),
    },
    body: Buffer.from(`${xmlDeclaration}<BlockList>${committed}${uncommitted}</BlockList>`),
  };
}
