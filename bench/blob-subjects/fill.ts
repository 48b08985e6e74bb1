/**
 * Fills a container by the engine itself, without HTTP: `fill.ts STATE_DIR ACCOUNT CONTAINER COUNT`. Each blob is a row of its own; the 1 KiB of a folder
 * is written once and shared by its blobs, as by copies. Says how long it took, in seconds.
 */
import type { StoredBody } from "../../packages/server/src/blob/engine/body-writer.ts";
import { openBlobEngine } from "../../packages/server/src/blob/engine/engine.ts";

const [, , stateDir = "", account = "", container = "", count = "0"] = process.argv;
const writersAtOnce = 2048;
const bytes = Buffer.alloc(1024, "x");
const settings = {
  contentType: "application/octet-stream",
  contentEncoding: null,
  contentLanguage: null,
  contentDisposition: null,
  cacheControl: null,
  contentMd5: null,
};

const engine = await openBlobEngine({ stateDir });
await engine.createContainer({ account, container }, []);
const begun = performance.now();
let next = 0;
const bodies = new Map<number, Promise<StoredBody>>();
function bodyOf(folder: number): Promise<StoredBody> {
  let body = bodies.get(folder);
  if (body === undefined) {
    body = engine.store([bytes], bytes.length, { md5: true, crc64: false });
    bodies.set(folder, body);
  }
  return body;
}
async function write(): Promise<void> {
  for (let number = next++; number < Number(count); number = next++) {
    // A thousand in each folder, so that a listing by folders has something to do.
    const folder = Math.floor(number / 1000);
    const blob = `folder-${String(folder).padStart(4, "0")}/blob-${number}`;
    const body = await bodyOf(folder);
    const contentMd5 = body.md5!.toString("base64");
    const attributes = { settings: { ...settings, contentMd5 }, metadata: [], accessTier: null };
    await engine.putBlob({ account, container, blob }, body, attributes);
  }
}
await Promise.all(Array.from({ length: writersAtOnce }, write));
console.log(((performance.now() - begun) / 1000).toFixed(1));
await engine.close();
