/**
 * Builds what runs outside this repository: each package's `dist/` as ECMAScript modules, one file an entry (workers and the preload are
 * entries of their own; the command line is split so that a command loads only what it needs). Type declarations come from `tsc`.
 */
import { globSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Options that every package shares. `postern-source` resolves our own packages to their sources, so that bundles hold them. */
const shared = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  conditions: ["postern-source"],
  legalComments: "none",
  logLevel: "warning",
  sourcemap: false,
  treeShaking: true,
};

/** CommonJS dependencies inside an ESM bundle still ask for `require`. */
const requireBanner = {
  js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
};

const isNeutral = (name) => name === "access" || name === "credential";

async function buildLibrary(name, entries) {
  await build({
    ...shared,
    entryPoints: entries.map((entry) => join("packages", name, "src", entry)),
    outdir: join("packages", name, "dist"),
    platform: isNeutral(name) ? "neutral" : "node",
    target: "es2024",
  });
}

async function buildServer() {
  const workers = globSync("packages/server/src/**/*-worker.ts", { cwd: root });
  await build({
    ...shared,
    entryPoints: [
      { in: "packages/server/src/main.ts", out: "main" },
      ...workers.map((path) => ({ in: path, out: basename(path, ".ts") })),
    ],
    outdir: "packages/server/dist",
    platform: "node",
    target: "node24",
    splitting: true,
    chunkNames: "chunk-[hash]",
    banner: requireBanner,
  });
}

async function buildCli() {
  await build({
    ...shared,
    entryPoints: ["packages/cli/src/main.ts"],
    outdir: "packages/cli/dist",
    platform: "node",
    target: "node24",
    splitting: true,
    chunkNames: "chunk-[hash]",
    external: ["@postern/server"],
    banner: requireBanner,
  });
  await build({
    ...shared,
    entryPoints: { preload: "packages/cli/src/preload.cjs" },
    outdir: "packages/cli/dist",
    outExtension: { ".js": ".cjs" },
    // Loaded by `--require` into whatever Node the user's program runs on: the oldest one it can do something for is 18.
    format: "cjs",
    platform: "node",
    target: "node18",
  });
}

for (const name of ["access", "credential", "server", "cli", "portal"]) {
  rmSync(join(root, "packages", name, "dist"), { recursive: true, force: true });
}
await Promise.all([
  buildLibrary("access", ["index.ts", "roles.ts"]),
  buildLibrary("credential", ["index.ts"]),
  buildLibrary("portal", ["index.ts"]),
  buildServer(),
  buildCli(),
]);
