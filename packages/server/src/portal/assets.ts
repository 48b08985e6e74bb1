/** The portal's built files: found by the list that the build wrote, never by what a request names. */
import { readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export type Encoding = "br" | "gzip";

/** One file, as the build's list has it. */
export type Asset = {
  /** Its path below the build's folder. */
  readonly path: string;
  readonly type: string;
  /** Of its content, for the entity tag. */
  readonly hash: string;
  /** The compressed forms that lie beside it, best first. */
  readonly encodings: readonly Encoding[];
};

export type Assets = {
  find(path: string): Asset | undefined;
  read(asset: Asset, encoding: Encoding | undefined): Promise<Buffer>;
};

const suffixes: Readonly<Record<Encoding, string>> = { br: ".br", gzip: ".gz" };

/**
 * Where the portal was built to: beside this server in a clone, in its own package when installed.
 * @returns a way to the files, undefined as long as there are none; files that were read stay in memory until the portal is built anew.
 */
export function openAssets(find: () => string | undefined = findListFile): () => Assets | undefined {
  let opened: { readonly madeMs: number; readonly assets: Assets } | undefined;
  return () => {
    const listFile = find();
    const madeMs = listFile === undefined ? undefined : statSync(listFile, { throwIfNoEntry: false })?.mtimeMs;
    if (listFile === undefined || madeMs === undefined) return undefined;
    if (opened?.madeMs !== madeMs) {
      const assets = loadAssets(listFile);
      opened = assets && { madeMs, assets };
    }
    return opened?.assets;
  };
}

function findListFile(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve("@postern/portal/files.json");
  } catch {
    return undefined;
  }
}

function loadAssets(listFile: string): Assets | undefined {
  let list: readonly Asset[];
  try {
    list = JSON.parse(readFileSync(listFile, "utf8")) as readonly Asset[];
  } catch {
    return undefined;
  }
  const byPath = new Map(list.map((asset) => [asset.path, asset]));
  const contents = new Map<string, Promise<Buffer>>();
  const folder = dirname(listFile);
  return {
    find: (path) => byPath.get(path),
    read: ({ path }, encoding) => {
      const file = join(folder, `${path}${encoding === undefined ? "" : suffixes[encoding]}`);
      const content = contents.get(file) ?? readFile(file);
      contents.set(file, content);
      content.catch(() => contents.delete(file));
      return content;
    },
  };
}

/** @returns the best encoding that both the file has and the client takes; undefined for none. */
export function pickEncoding({ encodings }: Asset, acceptEncoding: string): Encoding | undefined {
  const accepted = new Set(
    acceptEncoding
      .toLowerCase()
      .split(",")
      .map((part) => part.trim().split(/\s*;\s*/))
      .filter(([, quality]) => quality === undefined || Number(quality.replace(/^q=/, "")) > 0)
      .map(([name]) => name),
  );
  return encodings.find((encoding) => accepted.has(encoding));
}
