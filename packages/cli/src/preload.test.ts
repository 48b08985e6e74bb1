import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const preload = fileURLToPath(new URL("preload.cjs", import.meta.url));

/** Which dispatcher Node's own fetch would use after the preload, when Node takes itself for the given version. */
function findDispatcher(version: string, env: NodeJS.ProcessEnv): string {
  const script = `
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });
    Object.defineProperty(process, "allowedNodeEnvironmentFlags", { value: new Set() });
    require(${JSON.stringify(preload)});
    console.log(globalThis[Symbol.for("undici.globalDispatcher.1")]?.constructor.name ?? "none");`;
  const options = { encoding: "utf8", env: { PATH: process.env.PATH, ...env } } as const;
  return execFileSync(process.execPath, ["-e", script], options).trim();
}

test("an older Node's fetch gets the proxy, a newer one's is left alone", () => {
  const proxy = { HTTPS_PROXY: "http://127.0.0.1:9" };
  assert.equal(findDispatcher("20.20.2", proxy), "EnvHttpProxyAgent");
  assert.equal(findDispatcher("22.20.0", { https_proxy: "http://127.0.0.1:9" }), "EnvHttpProxyAgent");
  assert.equal(findDispatcher("24.0.0", proxy), "none");
  assert.equal(findDispatcher("20.20.2", {}), "none");
});

test("loaded the way the launcher does it, a program runs as it would have", () => {
  const env = { PATH: process.env.PATH, NODE_OPTIONS: `--require "${preload}"`, HTTPS_PROXY: "http://127.0.0.1:9" };
  assert.equal(execFileSync(process.execPath, ["-p", "6 * 7"], { encoding: "utf8", env }), "42\n");
});
