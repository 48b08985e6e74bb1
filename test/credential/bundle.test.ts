/** What an app carries: the bundles of the built library are within their bounds, and an edge bundle asks for nothing of Node's. */
import assert from "node:assert/strict";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type BuildOptions, build } from "esbuild";
import { repository } from "../clients/cloud.ts";

/** What was aimed at when the library was planned, in bytes: docs/benchmarks.md. */
const MAX_DEFAULT_BYTES = 30_000;
const MAX_SECRET_BYTES = 8_000;
const MAX_INSTALLED_BYTES = 200_000;

/** An app that uses one credential, as a bundler sees it. */
function appOf(name: string): BuildOptions {
  const contents = `import { ${name} } from "@postern/credential"; globalThis.kept = ${name};`;
  return { stdin: { contents, resolveDir: repository }, bundle: true, minify: true, format: "esm", platform: "node" };
}

/** @returns the bytes that a bundle which splits loads at the start: the entry, and what it imports without being asked. */
async function startBytes(name: string): Promise<number> {
  const split = { splitting: true, outdir: "unwritten", metafile: true, write: false } as const;
  const { outputs } = (await build({ ...appOf(name), ...split })).metafile;
  const entry = Object.keys(outputs).find((path) => outputs[path]!.entryPoint !== undefined)!;
  const needed = outputs[entry]!.imports.filter(({ kind, path }) => kind === "import-statement" && path in outputs);
  return [entry, ...needed.map(({ path }) => path)].reduce((sum, path) => sum + outputs[path]!.bytes, 0);
}

const folderBytes = (path: string): number =>
  lstatSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + folderBytes(join(path, name)), 0)
    : lstatSync(path).size;

test("bundles and the installed package are as small as they must be", async (context) => {
  const all = await build({ ...appOf("DefaultAzureCredential"), write: false });
  const oneFile = all.outputFiles[0]!.contents.length;
  const secret = await startBytes("ClientSecretCredential");
  const place = join(repository, "packages/credential");
  const installed = ["dist", "package.json", "README.md"].reduce(
    (sum, part) => sum + folderBytes(join(place, part)),
    0,
  );
  context.diagnostic(
    `DefaultAzureCredential ${oneFile}, ClientSecretCredential ${secret}, installed ${installed} bytes`,
  );
  assert.ok(oneFile < MAX_DEFAULT_BYTES, `${oneFile}`);
  assert.ok(secret < MAX_SECRET_BYTES, `${secret}`);
  assert.ok(installed < MAX_INSTALLED_BYTES, `${installed}`);
});

test("a bundle for workers and browsers has no module of Node's", async () => {
  for (const condition of ["workerd", "edge-light", "browser"]) {
    const conditions = [condition];
    const options = { ...appOf("DefaultAzureCredential"), platform: "neutral", conditions, write: false } as const;
    const text = (await build(options)).outputFiles[0]!.text;
    assert.match(text, /This runtime cannot/, condition);
    assert.doesNotMatch(text, /["']node:/, condition);
  }
});
