/** Engines in folders of their own, for tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type BlobAttributes, type BlobEngine, type BlobEngineOptions, openBlobEngine } from "../engine/engine.ts";
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

/** Opens an engine that is closed when the test ends; close it earlier to open the folder again. */
export async function openScratchEngine(
  test: TestContext,
  options: Partial<BlobEngineOptions> = {},
): Promise<{ readonly engine: BlobEngine; readonly stateDir: string; readonly problems: string[] }> {
  const stateDir = options.stateDir ?? makeScratchFolder(test);
  const problems: string[] = [];
  const engine = await openBlobEngine({ report: (problem) => problems.push(problem), ...options, stateDir });
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
  engine: BlobEngine,
  name: BlobName,
  bytes: Buffer,
  attributes: Partial<BlobAttributes> = {},
): Promise<Written> {
  const body = await engine.store([bytes], bytes.length, { md5: false, crc64: false });
  return engine.putBlob(name, body, { ...plain, ...attributes });
}

export async function putBlockBytes(engine: BlobEngine, name: BlobName, blockId: string, bytes: Buffer): Promise<void> {
  await engine.putBlock(name, blockId, await engine.store([bytes], bytes.length, { md5: false, crc64: false }));
}

/** Reads a range, or all, through the stream and, where it is small, by the short way too; both must agree. */
export async function readBytes(
  engine: BlobEngine,
  name: BlobName,
  start = 0,
  lengthBytes?: number,
): Promise<Buffer | undefined> {
  const container = engine.findContainer(name);
  const view = container && engine.openBlob(container, name.blob);
  if (view === undefined) return undefined;
  const wanted = lengthBytes ?? view.record.sizeBytes - start;
  const pieces: Buffer[] = [];
  for await (const piece of engine.read(view, start, wanted)) pieces.push(Buffer.from(piece));
  const bytes = Buffer.concat(pieces);
  const small = engine.readSmall(view, start, wanted);
  if (small !== undefined && !small.equals(bytes)) throw new Error("the two ways to read disagree");
  return bytes;
}
