/** The command under a Node that is older than what it needs, as a system's own often is. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const bin = join(import.meta.dirname, "../bin/postern.js");

/** Runs the command as if Node were of that version. */
function runUnder(version: string) {
  const disguise = `for (const [object, name, value] of [[process, "version", "v${version}"], [process.versions, "node", "${version}"]])
    Object.defineProperty(object, name, { value });`;
  return spawnSync(process.execPath, ["--import", `data:text/javascript,${encodeURIComponent(disguise)}`, bin], {
    encoding: "utf8",
  });
}

test("an older Node is told what is needed and where one is, without a stack trace", () => {
  for (const version of ["18.20.4", "20.20.2", "22.21.0"]) {
    const { status, stdout, stderr } = runUnder(version);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, new RegExp(`^Postern needs Node 24 or later, and this is v${version}\\.\n.*npx postern.*\n$`));
  }
});
