/** Runtimes without files and programs: the host's two faces have the same names, and the refusing one names no node module. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";
import * as edge from "../../packages/credential/src/host/edge.ts";
import * as node from "../../packages/credential/src/host/node.ts";
import { failure } from "./stand-in.ts";

const { signal } = new AbortController();

test("both hosts offer the same, and the edge refuses with words", async () => {
  assert.deepEqual(Object.keys(edge).sort(), Object.keys(node).sort());
  const { exchange, ...others } = edge;
  const refusals = [...Object.values(others), () => exchange({ url: "https://localhost" }, signal, "/ca.pem")];
  for (const refuse of refusals) {
    const error = await failure(refuse());
    assert.equal(error.name, "CredentialUnavailableError");
    assert.match(error.message, /^This runtime cannot .+ Use Node\.js, Deno or Bun for this credential\.$/);
  }
});

test("the edge build asks for no module of Node's", async () => {
  const { outputFiles } = await build({
    entryPoints: [new URL("../../packages/credential/src/index.ts", import.meta.url).pathname],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    conditions: ["postern-edge", "postern-source"],
  });
  assert.doesNotMatch(outputFiles[0]!.text, /["']node:/);
});
