#!/usr/bin/env node
// Node keeps what it compiled in a folder of the user's own: the next start need not compile it again. Not in the system's folder for temporary
// files, where another user could put code into it.
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

enableCompileCache?.(join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "postern", "compiled"));
await import("../dist/main.js");
