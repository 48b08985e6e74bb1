/**
 * Builds what runs outside this repository: each package's `dist/` as ECMAScript modules, one file an entry (workers and the preload are
 * entries of their own; the command line is split so that a command loads only what it needs). Type declarations come from `tsc`.
 * Arguments are names of packages, for these only.
 */
import { execFileSync } from "node:child_process";
import { globSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildPortal } from "./build-portal.mjs";

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

const isNeutral = (name) => name === "access";

async function buildLibrary(name, entries) {
  await build({
    ...shared,
    entryPoints: entries.map((entry) => join("packages", name, "src", entry)),
    outdir: join("packages", name, "dist"),
    platform: isNeutral(name) ? "neutral" : "node",
    target: "es2024",
  });
}

/** Properties that no caller of the credential library sees: an app's bundler may not shorten them, so this build does. */
const privateNames =
  /^(acquire|requestGrant|errorTable|isRegional|thumbprint|isNotSignedIn|usableUntil|renewAt|waiters|isTimedOut|alsoRetry|timeoutMs|withAssertion|serverTime|askPerson|install|login|program|stdout|stderr|isBatch|endpoint|kind|hasChain|audience|sha256Thumbprint|transport|authorityUrl|ownTenant|ownClient|settings|title|requestToken|sending|obtain|peek|answered|share|promise|controller|retry|header|store)$/;

/**
 * The credential library: its entries, what runtimes with files and programs have and what others have in their place (package.json chooses
 * by `#host`), and the declarations, which are what a TypeScript app sees.
 */
async function buildCredential() {
  const place = join("packages", "credential");
  await build({
    ...shared,
    entryPoints: Object.entries({
      index: "index",
      "persistent-cache": "persistent-cache",
      "host-node": "host/node",
      "host-edge": "host/edge",
    }).map(([out, path]) => ({ in: join(place, "src", `${path}.ts`), out })),
    platform: "neutral",
    target: "es2022",
    external: ["node:*", "#host"],
    minifySyntax: true,
    minifyWhitespace: true,
    mangleProps: privateNames,
    // What is imported when it is needed, such as the sentences of errors, is a file of its own.
    splitting: true,
    chunkNames: "[name]-[hash]",
    outdir: join(place, "dist"),
  });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", join(root, place, "tsconfig.json")], { stdio: "inherit" });
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

/**
 * What the command line's sources are made into so that it starts soon.
 *
 * What is named of Node's own modules is taken from them, in place of importing it: an import makes a namespace of the whole module, for which Node
 * loads every part of it, also those it would load only when they are asked for. And what nearly every command needs is one file: each command names it,
 * so that it is no different set of commands that needs each module of it, of which esbuild would make a file each.
 */
const quickStart = {
  name: "quick-start",
  setup: ({ onLoad, onResolve }) => {
    const imported = /^import \{([^}]*)\} from "(node:[\w/]+)";$/gm;
    const take = (_, names, module) => {
      const values = names
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "" && !name.startsWith("type "));
      const taken = values.map((name) => name.replace(" as ", ": "));
      return `const { ${taken.join(", ")} } = process.getBuiltinModule("${module}");`;
    };
    onLoad({ filter: /packages\/cli\/src\/.*\.ts$/ }, async ({ path }) => {
      const contents = (await readFile(path, "utf8")).replace(imported, take);
      const isCommand = /\/src\/(?:commands|output)\//.test(path);
      return { contents: isCommand ? `${contents}\nimport "postern:core";\n` : contents, loader: "ts" };
    });
    onResolve({ filter: /^postern:core$/ }, () => ({ path: "core", namespace: "postern" }));
    onLoad({ filter: /^core$/, namespace: "postern" }, () => ({
      contents: coreModules.map((path) => `import "./${path}.ts";`).join("\n"),
      resolveDir: join(root, "packages", "cli", "src"),
    }));
  },
};

/** What nearly every command needs. */
const coreModules = ["session", "commands/options", "azure/roles", "output/output", "output/json", "output/table"];

async function buildCli() {
  await build({
    ...shared,
    plugins: [quickStart],
    entryPoints: ["packages/cli/src/main.ts"],
    outdir: "packages/cli/dist",
    platform: "node",
    target: "node24",
    splitting: true,
    chunkNames: "chunk-[hash]",
    external: ["@postern/server"],
    // The one CommonJS dependency, yaml, asks for modules of Node's only.
    banner: { js: "const require = (id) => process.getBuiltinModule(id);" },
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

const builders = {
  access: () => buildLibrary("access", ["index.ts", "roles.ts"]),
  credential: buildCredential,
  portal: () => buildPortal(root),
  server: buildServer,
  cli: buildCli,
};
const named = process.argv.slice(2);
const wanted = Object.entries(builders).filter(([name]) => named.length === 0 || named.includes(name));
for (const [name] of wanted) rmSync(join(root, "packages", name, "dist"), { recursive: true, force: true });
await Promise.all(wanted.map(([, make]) => make()));
