/** `npm run bench [-- NAME…]`: installs the peers that bench/ measures beside us, builds, and runs the named benchmarks or all. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt, ensureInstalled, node, quietly, root, show } from "./setup.mjs";

const all = [
  "startup",
  "tokens",
  "decisions",
  "credential",
  "blob",
  "cli",
  "portal",
  "store",
  "directory-size",
  "replicas",
];
const wanted = process.argv.slice(2);
ensureInstalled();
ensureBuilt();
// npm writes this file last, so it says of which lockfile the installed peers are.
const installed = join(root, "bench", "node_modules", ".package-lock.json");
const lockfile = join(root, "bench", "package-lock.json");
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lockfile).mtimeMs) {
  quietly("npm", ["ci", "--prefix", "bench", "--loglevel=error"], "installing the peers");
}
// What names the peers' types can be checked only where they are installed; the rest of the repository is checked without them.
if ((await show("tsc", ["--noEmit", "-p", "bench/tsconfig.json"])) !== 0) process.exit(1);
if ((await show("bash", ["test/debian/install.sh", "bench"])) !== 0) process.exit(1);
for (const name of wanted.length > 0 ? wanted : all) {
  if (!all.includes(name)) throw new Error(`no benchmark of that name; there are: ${all.join(", ")}`);
  const code = await show(node, ["--conditions=postern-source", `bench/${name}.ts`]);
  if (code !== 0) process.exit(code);
}
