/** `npm run bench [-- NAME…]`: installs the peers that bench/ measures beside us, builds, and runs the named benchmarks or all. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt, ensureInstalled, node, quietly, root, show } from "./setup.mjs";

const all = ["startup", "tokens", "decisions", "credential", "blob", "cli", "portal"];
const wanted = process.argv.slice(2);
ensureInstalled();
ensureBuilt();
if (!existsSync(join(root, "bench", "node_modules"))) {
  quietly("npm", ["ci", "--prefix", "bench", "--loglevel=error"], "installing the peers");
}
for (const name of wanted.length > 0 ? wanted : all) {
  if (!all.includes(name)) throw new Error(`no benchmark of that name; there are: ${all.join(", ")}`);
  const code = await show(node, ["--conditions=postern-source", `bench/${name}.ts`]);
  if (code !== 0) process.exit(code);
}
