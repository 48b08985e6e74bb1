/** Engines in folders of their own, for tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { BlobStore } from "../engine/blob-store.ts";
import { type BlobAttributes, type BlobEngineOptions, openBlobEngine } from "../engine/engine.ts";
import type { BlobName, BlobSettings, Written } from "../engine/model.ts";

export const noSettings: BlobSettings = {
  contentType: null,
  contentEncoding: null,
  contentLanguage: null,
  contentDisposition: null,
  cacheControl: null,
  contentMd5: null,
};

export const plain: BlobAttributes = { settings: noSettings, metadata: [], accessTier: null };

export function makeScratchFolder(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "postern-blob-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Where rows are kept in the place of a file beside the extents: a PostgreSQL server's URL. The tests of the shared form set it and run the engine's own. */
const databaseServer = process.env.POSTERN_TEST_BLOB_DATABASE;

/** Why a test that is about the file of rows does not run, or false. */
export const withoutFile: string | false = databaseServer === undefined ? false : "rows are in a database";

/** Opens an engine, its rows wherever the tests have them. */
export async function openEngine(options: BlobEngineOptions): Promise<BlobStore> {
  if (databaseServer === undefined) return openBlobEngine(options);
  const { openScratchSharedEngine } = await import("./scratch-shared-engine.ts");
  return openScratchSharedEngine(databaseServer, options);
}

/** The rows of a folder's engine as the file that one process would have. */
export async function metadataFile(stateDir: string): Promise<string> {
  if (databaseServer === undefined) return join(stateDir, "blobs", "metadata.db");
  const { exportScratchRows } = await import("./scratch-shared-engine.ts");
  return exportScratchRows(databaseServer, stateDir);
}

/** Opens an engine that is closed when the test ends; close it earlier to open the folder again. */
export async function openScratchEngine(
  test: TestContext,
  options: Partial<BlobEngineOptions> = {},
): Promise<{ readonly engine: BlobStore; readonly stateDir: string; readonly problems: string[] }> {
  const stateDir = options.stateDir ?? makeScratchFolder(test);
  const problems: string[] = [];
  const engine = await openEngine({ report: (problem) => problems.push(problem), ...options, stateDir });
  let isOpen = true;
  const close = engine.close.bind(engine);
  engine.close = async () => {
    if (isOpen) await close();
    isOpen = false;
  };
  test.after(() => engine.close());
  return { engine, stateDir, problems };
}

export async function putBytes(
  engine: BlobStore,
  name: BlobName,
  bytes: Buffer,
  attributes: Partial<BlobAttributes> = {},
): Promise<Written> {
  const body = await engine.store([bytes], bytes.length, { md5: false, crc64: false });
  return engine.putBlob(name, body, { ...plain, ...attributes });
}

export async function putBlockBytes(engine: BlobStore, name: BlobName, blockId: string, bytes: Buffer): Promise<void> {
  await engine.putBlock(name, blockId, await engine.store([bytes], bytes.length, { md5: false, crc64: false }));
}

/** Reads a range, or all, through the stream and, where it is small, by the short way too; both must agree. */
export async function readBytes(
  engine: BlobStore,
  name: BlobName,
  start = 0,
  lengthBytes?: number,
): Promise<Buffer | undefined> {
  const container = await engine.findContainer(name);
  const view = container && (await engine.openBlob(container, name.blob));
  if (view === undefined) return undefined;
  const wanted = lengthBytes ?? view.record.sizeBytes - start;
  const pieces: Buffer[] = [];
  for await (const piece of engine.read(view, start, wanted)) pieces.push(Buffer.from(piece));
  const bytes = Buffer.concat(pieces);
  const small = engine.readSmall(view, start, wanted);
  if (small !== undefined && !small.equals(bytes)) throw new Error("the two ways to read disagree");
  return bytes;
}
