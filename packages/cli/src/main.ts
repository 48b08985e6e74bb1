#!/usr/bin/env node
/**
 * The `postern` command: the only reader of the process's arguments, environment and terminals. Exit codes are in faults.ts.
 */
import { fstatSync, writeSync } from "node:fs";
import { runCommandLine } from "./cli.ts";

process.exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  // Both src/main.ts and dist/main.js stand one folder below the package.
  packageRoot: new URL("../", import.meta.url),
  preload: new URL("preload.cjs", import.meta.url),
  get isStdinTerminal() {
    return isTerminal(0, () => process.stdin);
  },
  get isStdoutTerminal() {
    return isTerminal(1, () => process.stdout);
  },
  get isStderrTerminal() {
    return isTerminal(2, () => process.stderr);
  },
  writeOut: (text) => writeNow(1, text, () => process.stdout),
  writeError: (text) => writeNow(2, text, () => process.stderr),
});

/** Node's stream of a standard handle takes milliseconds to make, and a terminal is a device: of anything else it is not asked for. */
function isTerminal(handle: number, open: () => { readonly isTTY?: boolean }): boolean {
  try {
    return fstatSync(handle).isCharacterDevice() && open().isTTY === true;
  } catch {
    return false;
  }
}

/** Writes without Node's stream while the handle takes it; one that another program made non-blocking may not take all of it at once. */
function writeNow(handle: number, text: string, open: () => NodeJS.WriteStream): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(handle, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A reader that has seen enough (`postern role definition list | head`) is no error of ours.
      if (code === "EPIPE") process.exit(0);
      if (code !== "EAGAIN") throw error;
      writeByStream(open(), bytes.subarray(at));
      return;
    }
  }
}

function writeByStream(stream: NodeJS.WriteStream, bytes: Buffer): void {
  stream.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  stream.write(bytes);
}
