/** Which versions and ciphers are spoken, asked by OpenSSL's own client. */
import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

import { openEdge } from "./edge-fixture.ts";

const run = promisify(execFile);
const skip =
  spawnSync("openssl", ["version"]).status === 0
    ? false
    : "openssl is not installed here (Debian: apt-get install openssl)";

/** What a handshake came to: the version and cipher, or "refused". Security level 0: the client offers whatever is asked of it. */
async function shake(port: number, ...options: string[]): Promise<string> {
  const args = ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "graph.microsoft.com", ...options];
  const child = run("openssl", args, { timeout: 20_000 });
  child.child.stdin!.end();
  const { stdout } = await child.catch((cause: { stdout?: string }) => ({ stdout: cause.stdout ?? "" }));
  const [, version, cipher] = /^(?:New|Reused), (TLSv[\d.]+), Cipher is (\S+)/m.exec(stdout) ?? [];
  return version === undefined ? "refused" : `${version} ${cipher}`;
}

const level0 = (ciphers: string) => ["-cipher", `${ciphers}:@SECLEVEL=0`];

test("TLS 1.2 and 1.3 with forward secrecy and authenticated encryption, and nothing else", { skip }, async (t) => {
  const { port } = await openEdge(t);
  const cases: readonly (readonly [options: readonly string[], expected: RegExp])[] = [
    [["-tls1_3"], /^TLSv1\.3 TLS_(AES_256_GCM_SHA384|AES_128_GCM_SHA256|CHACHA20_POLY1305_SHA256)$/],
    [["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"], /^TLSv1\.3 TLS_AES_128_GCM_SHA256$/],
    [["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_8_SHA256"], /^refused$/],
    [["-tls1_2"], /^TLSv1\.[23] ECDHE-ECDSA-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)$/],
    [["-tls1_2", ...level0("ECDHE-ECDSA-CHACHA20-POLY1305")], / ECDHE-ECDSA-CHACHA20-POLY1305$/],
    [["-tls1_1", ...level0("ALL")], /^refused$/],
    [["-tls1", ...level0("ALL")], /^refused$/],
    ...[
      "ECDHE-ECDSA-AES128-SHA",
      "ECDHE-ECDSA-AES256-SHA",
      "ECDHE-ECDSA-AES128-SHA256",
      "ECDHE-ECDSA-AES256-SHA384",
      "ECDHE-ECDSA-AES128-CCM8",
      "AES128-SHA",
      "AES128-GCM-SHA256",
      "aNULL",
      "eNULL",
    ].map((cipher) => [["-tls1_2", ...level0(cipher)], /^refused$/] as const),
  ];
  for (const [options, expected] of cases) assert.match(await shake(port, ...options), expected, options.join(" "));
});

test("a client cannot have the keys of a connection renewed over and over", { skip }, async (t) => {
  const { port } = await openEdge(t);
  const child = spawn("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, "-tls1_2"], { stdio: "pipe" });
  t.after(() => child.kill());
  let said = "";
  const ended = new Promise((resolve) => child.once("close", resolve));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      said += chunk;
      // Its command for a new handshake, once it is connected.
      if (said.includes("Verify return code") && !said.includes("RENEGOTIATING")) child.stdin.write("R\n");
      if (said.includes("no renegotiation")) child.stdin.end();
    });
  }
  await ended;
  assert.match(said, /RENEGOTIATING[\s\S]*no renegotiation/i);
});
