#!/usr/bin/env node
/**
 * The `postern` command: the only reader of the process's arguments, environment and terminals. Exit codes are in faults.ts.
 */
import { runCommandLine } from "./cli.ts";

// A reader that has seen enough (`postern role definition list | head`) is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  // Both src/main.ts and dist/main.js stand one folder below the package.
  packageRoot: new URL("../", import.meta.url),
  preload: new URL("preload.cjs", import.meta.url),
  isStdinTerminal: process.stdin.isTTY === true,
  isStdoutTerminal: process.stdout.isTTY === true,
  isStderrTerminal: process.stderr.isTTY === true,
  writeOut: (text) => {
    process.stdout.write(text);
  },
  writeError: (text) => {
    process.stderr.write(text);
  },
});
