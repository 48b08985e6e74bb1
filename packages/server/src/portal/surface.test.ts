import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import type { Exchange } from "../wire/exchange.ts";
import { type Asset, openAssets, pickEncoding } from "./assets.ts";
import { createPortalSurface } from "./surface.ts";

const script = "export const answer = 42;";
const page = "<!DOCTYPE html><title>portal</title>";
const list: readonly Asset[] = [
  { path: "index.html", type: "text/html; charset=utf-8", hash: "aa", encodings: ["br", "gzip"] },
  { path: "assets/main-1.js", type: "text/javascript; charset=utf-8", hash: "bb", encodings: ["br", "gzip"] },
];

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), "postern-portal-"));
  mkdirSync(join(folder, "assets"));
  for (const [path, text] of [
    ["index.html", page],
    ["assets/main-1.js", script],
    ["secret.txt", "not in the list"],
  ] as const) {
    writeFileSync(join(folder, path), text);
    writeFileSync(join(folder, `${path}.br`), brotliCompressSync(text));
    writeFileSync(join(folder, `${path}.gz`), gzipSync(text));
  }
  writeFileSync(join(folder, "files.json"), JSON.stringify(list));
});
after(() => rmSync(folder, { recursive: true, force: true }));

type Answer = { readonly status: number; readonly headers: Record<string, string>; readonly body: Buffer };

async function ask(
  path: string,
  headers: Record<string, string> = {},
  { method = "GET", isBuilt = true } = {},
): Promise<Answer> {
  const surface = createPortalSurface(
    {},
    openAssets(() => (isBuilt ? join(folder, "files.json") : undefined)),
  );
  const server = createServer((request, response) => {
    const { url: sentPath = "" } = request;
    const exchange = { request, response, path: sentPath, origin: "https://localhost:8443" };
    surface
      .handle(exchange as Partial<Exchange> as Exchange)
      .catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await send(port, path, method, headers);
  } finally {
    server.close();
  }
}

function send(port: number, path: string, method: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const { statusCode, headers: sent } = response;
        resolve({ status: statusCode!, headers: sent as Record<string, string>, body: Buffer.concat(chunks) });
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}

describe("portal files", () => {
  it("answers every address below /portal with the page, and a policy that lets it load its own files only", async () => {
    for (const path of ["/portal", "/portal/", "/portal/app-registrations/1", "/portal/assetsx"]) {
      const { status, headers, body } = await ask(path);
      assert.equal(status, 200);
      assert.equal(body.toString(), page);
      assert.equal(headers["cache-control"], "no-cache");
      const policy = headers["content-security-policy"]!;
      assert.match(policy, /^default-src 'none'; script-src https:\/\/localhost:8443\/portal\/assets\/;/);
      assert.doesNotMatch(policy, /unsafe|\*|data:|blob:/);
      assert.match(policy, /frame-ancestors 'none'.*require-trusted-types-for 'script'/);
    }
  });

  it("sends the best encoding the client takes, and remembers it in the tag", async () => {
    const brotli = await ask("/portal/assets/main-1.js", { "accept-encoding": "gzip, deflate, br, zstd" });
    assert.equal(brotli.headers["content-encoding"], "br");
    assert.equal(brotliDecompressSync(brotli.body).toString(), script);
    const gzip = await ask("/portal/assets/main-1.js", { "accept-encoding": "br;q=0, GZIP" });
    assert.equal(gzip.headers["content-encoding"], "gzip");
    assert.equal(gunzipSync(gzip.body).toString(), script);
    const plain = await ask("/portal/assets/main-1.js");
    assert.equal(plain.body.toString(), script);
    assert.equal(new Set([brotli, gzip, plain].map(({ headers }) => headers.etag)).size, 3);
    assert.ok([brotli, gzip, plain].every(({ headers }) => headers.vary === "accept-encoding"));
    assert.match(plain.headers["cache-control"]!, /immutable/);
  });

  it("answers 304 to who has it already", async () => {
    const first = await ask("/portal");
    const again = await ask("/portal", { "if-none-match": `"x", W/${first.headers.etag}` });
    assert.deepEqual([again.status, again.body.length], [304, 0]);
    assert.equal((await ask("/portal", { "if-none-match": '"aa-br"' })).status, 200);
  });

  it("serves nothing that is not in the list, whatever the path says", async () => {
    for (const name of ["missing.js", "../files.json", "..%2fsecret.txt", "../secret.txt", "__proto__", ""]) {
      assert.equal((await ask(`/portal/assets/${name}`)).status, 404, name);
    }
  });

  it("takes what was built anew, and says so while it is being built", async () => {
    const other = mkdtempSync(join(tmpdir(), "postern-portal-"));
    const listFile = join(other, "files.json");
    const assets = openAssets(() => listFile);
    const entry = { path: "index.html", type: "text/html", hash: "aa", encodings: [] };
    assert.equal(assets(), undefined);
    writeFileSync(listFile, JSON.stringify([entry]));
    assert.equal(assets()?.find("index.html")?.hash, "aa");
    await assert.rejects(assets()!.read(entry as Asset, undefined));
    writeFileSync(listFile, JSON.stringify([{ ...entry, hash: "bb" }]));
    utimesSync(listFile, 1, 1);
    assert.equal(assets()?.find("index.html")?.hash, "bb");
    rmSync(other, { recursive: true });
  });

  it("says that it has not been built, and takes only reads", async () => {
    const answer = await ask("/portal", {}, { isBuilt: false });
    assert.equal(answer.status, 503);
    assert.match(answer.body.toString(), /npm run build/);
    const post = await ask("/portal", {}, { method: "POST" });
    assert.deepEqual([post.status, post.headers.allow], [405, "GET, HEAD"]);
  });
});

it("takes an encoding that is named with a weight above nothing", () => {
  const asset = list[1]!;
  assert.equal(pickEncoding(asset, "br;q=0.1"), "br");
  assert.equal(pickEncoding(asset, "br;q=0,gzip;q=0.000"), undefined);
  assert.equal(pickEncoding(asset, ""), undefined);
});
