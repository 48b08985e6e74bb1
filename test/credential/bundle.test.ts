/** What an app carries: the bundles of the built library are within their bounds, and an edge bundle asks for nothing of Node's. */
import assert from "node:assert/strict";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type BuildOptions, build } from "esbuild";
import { repository } from "../clients/cloud.ts";

/** In bytes, each in one file. Aimed at when the library was planned: 30,000, 8,000 and 200,000 (docs/benchmarks.md); what was gained is kept. */
const MAX_DEFAULT_BYTES = 28_500;
const MAX_SECRET_BYTES = 8_000;
const MAX_INSTALLED_BYTES = 200_000;

/** An app that uses one credential, as a bundler sees it. */
function appOf(name: string): BuildOptions {
  const contents = `import { ${name} } from "@postern/credential"; globalThis.kept = ${name};`;
  return { stdin: { contents, resolveDir: repository }, bundle: true, minify: true, format: "esm", platform: "node" };
}

/** @returns the bytes of the one file that an app is bundled into. */
async function bundleBytes(name: string): Promise<number> {
  const { outputFiles } = await build({ ...appOf(name), write: false });
  return outputFiles![0]!.contents.length;
}

const folderBytes = (path: string): number =>
  lstatSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + folderBytes(join(path, name)), 0)
    : lstatSync(path).size;

test("bundles and the installed package are as small as they must be", async (context) => {
  const all = await bundleBytes("DefaultAzureCredential");
  const secret = await bundleBytes("ClientSecretCredential");
  const place = join(repository, "packages/credential");
  const installed = ["dist", "package.json", "README.md"].reduce(
    (sum, part) => sum + folderBytes(join(place, part)),
    0,
  );
  context.diagnostic(`DefaultAzureCredential ${all}, ClientSecretCredential ${secret}, installed ${installed} bytes`);
  assert.ok(all < MAX_DEFAULT_BYTES, `${all}`);
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
