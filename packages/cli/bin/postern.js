#!/usr/bin/env node
// Node keeps what it compiled in a folder of the user's own: the next start need not compile it again. Not in the system's folder for temporary
// files, where another user could put code into it. Node's modules are asked for by name: an `import` of one loads all of it.
if (Number.parseInt(process.versions.node, 10) < 24) {
  console.error(`Postern needs Node 24 or later, and this is ${process.version}.`);
  console.error("In its repository there is one: `npx postern …`, or put the folder node_modules/.bin first on PATH.");
  process.exit(1);
}
const { enableCompileCache } = process.getBuiltinModule("node:module");
const { homedir } = process.getBuiltinModule("node:os");
const { join } = process.getBuiltinModule("node:path");

enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "postern", "compiled"));
await import("../dist/main.js");
