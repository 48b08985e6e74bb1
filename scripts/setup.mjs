/**
 * What every entry script needs first: the dependencies installed, the packages built, and the pinned Node found. Runs on Node 20, so that
 * it works on a machine whose own Node is older than the one the project brings.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** The Node that the npm package `node` brings; scripts started by npm find it on PATH, this works without. */
export const node = join(root, "node_modules", ".bin", "node");

export const postern = join(root, "packages", "cli", "bin", "postern.js");

/** The environment for children: the project's own programs first on PATH. */
export const environment = {
  ...process.env,
  PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH ?? ""}`,
};

/** Runs a program to its end with its output shown. @returns its exit code. */
export function show(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit", env: environment, ...options });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** Runs a program to its end; @throws with its output when it fails. */
export function quietly(command, args, what) {
  const run = spawnSync(command, args, { cwd: root, encoding: "utf8", env: environment, maxBuffer: 64 * 1024 * 1024 });
  if (run.status !== 0) throw new Error(`${what} failed:\n${run.stdout ?? ""}${run.stderr ?? ""}${run.error ?? ""}`);
  return run.stdout;
}

/** Installs what package-lock.json names, unless that is what stands there. @returns true when something was installed. */
export function ensureInstalled() {
  const lock = join(root, "package-lock.json");
  const installed = join(root, "node_modules", ".package-lock.json");
  if (existsSync(installed) && existsSync(node) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return false;
  quietly("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci");
  return true;
}

/** Builds the packages, unless they are newer than every source. @returns true when something was built. */
export function ensureBuilt() {
  const results = ["server/dist/main.js", "cli/dist/main.js", "portal/dist/files.json"];
  const built = results.map((path) => join(root, "packages", path));
  const sources = newestSourceTime();
  if (built.every((file) => existsSync(file) && statSync(file).mtimeMs > sources)) return false;
  quietly(node, ["scripts/build.mjs"], "the build");
  return true;
}

/** Time of the newest source file, in milliseconds since 1970. */
function newestSourceTime() {
  let newest = 0;
  for (const path of readdirSync(join(root, "packages"), { recursive: true })) {
    if (!/^[a-z]+\/src\/.*\.(tsx?|json|css|html|svg)$/.test(path)) continue;
    newest = Math.max(newest, statSync(join(root, "packages", path)).mtimeMs);
  }
  return newest;
}
