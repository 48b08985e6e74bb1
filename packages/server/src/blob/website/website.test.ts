import assert from "node:assert/strict";
import { createServer, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import type { Cloud } from "../../cloud.ts";
import { keepsNothing } from "../../resources/blob-service.ts";
import { put } from "../../state/change.ts";
import type { StaticWebsite, StorageAccount } from "../../state/entities.ts";
import type { Exchange } from "../../wire/exchange.ts";
import { putBytes } from "../testing/scratch-engine.ts";
import { now, startTrialSurface } from "../testing/trial-surface.ts";
import { createWebsiteSurface } from "./surface.ts";

type Page = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string };

const site: StaticWebsite = { indexDocument: "index.html", errorDocument: "missing.html", defaultIndexDocument: null };

async function start(test: TestContext, website: StaticWebsite | null, over: Partial<StorageAccount> = {}) {
  const { engine, model } = await startTrialSurface(test);
  const blobService = website === null ? keepsNothing : { ...keepsNothing, staticWebsite: website };
  model.apply(put("storageAccount", { ...model.storageAccount("acct")!, blobService, ...over }));
  const logged: string[] = [];
  const cloud = { model, ports: { now: () => now } } as unknown as Cloud;
  const surface = createWebsiteSurface(cloud, engine, (line) => logged.push(line));
  const server = createServer((request, response) => {
    const [, path = "/", query = ""] = /^([^?]*)\??(.*)$/s.exec(request.url ?? "") ?? [];
    const place = {
      surface: "web",
      origin: "https://acct.z6.web.core.windows.net",
      account: "acct",
      prefix: "",
    } as const;
    const exchange: Exchange = { request, response, requestId: "r", ...place, path, query };
    void surface.handle(exchange);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  test.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const web = { account: "acct", container: "$web" };
  await engine.createContainer(web, []);
  const page = (blob: string, body: string, contentType = "text/html") =>
    putBytes(engine, { ...web, blob }, Buffer.from(body), {
      settings: {
        contentType,
        contentEncoding: null,
        contentLanguage: null,
        contentDisposition: null,
        cacheControl: "max-age=60",
        contentMd5: null,
      },
    });
  await page("index.html", "home");
  await page("docs/index.html", "docs");
  await page("a b.txt", "plain", "text/plain");
  await page("missing.html", "not here");
  await engine.createContainer({ account: "acct", container: "secret" }, []);
  await putBytes(engine, { account: "acct", container: "secret", blob: "letter" }, Buffer.from("secret"));
  const get = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Page> =>
    new Promise((resolve, reject) => {
      const outgoing = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("end", () => {
          const text = Buffer.concat(pieces).toString();
          resolve({ status: response.statusCode!, headers: response.headers, text });
        });
      });
      outgoing.on("error", reject).end();
    });
  return { get, page, logged };
}

test("a website's pages, its folders' index, and its own page for what is not there", async (test) => {
  const { get, logged } = await start(test, site);
  const home = await get("/");
  assert.deepEqual(
    [home.status, home.text, home.headers["content-type"], home.headers["cache-control"]],
    [200, "home", "text/html", "max-age=60"],
  );
  assert.equal((await get("/docs/")).text, "docs");
  assert.equal((await get("/a%20b.txt?any=query&comp=list")).text, "plain");
  const missing = await get("/nothing", { range: "bytes=0-1", "if-none-match": '"x"' });
  assert.deepEqual([missing.status, missing.text], [404, "not here"]);
  const head = await get("/docs/", {}, "HEAD");
  assert.deepEqual([head.status, head.text, head.headers["content-length"]], [200, "", "4"]);
  assert.equal((await get("/", { range: "bytes=1-2" })).text, "om");
  const etag = home.headers.etag!;
  assert.equal((await get("/", { "if-none-match": etag })).status, 304);
  assert.equal((await get("/", { "if-match": '"other"' })).status, 412);
  assert.deepEqual(logged, []);
});

test("nothing but the pages is reached, by no path, header or method", async (test) => {
  const { get } = await start(test, { ...site, errorDocument: null });
  for (const path of [
    "/../secret/letter",
    "/%2e%2e/secret/letter",
    "/..%2fsecret/letter",
    "//secret/letter",
    "/$web/../secret/letter",
  ]) {
    const got = await get(path);
    assert.ok(got.status === 400 || got.status === 404, `${path} ${got.status}`);
    assert.ok(!got.text.includes("secret"), path);
    assert.match(got.headers["content-type"]!, /^text\/html/);
  }
  for (const method of ["PUT", "POST", "DELETE", "OPTIONS", "PATCH"]) {
    const got = await get("/index.html", { "x-ms-version": "2023-11-03" }, method);
    assert.deepEqual([got.status, got.headers["x-ms-error-code"]], [405, "UnsupportedHttpVerb"], method);
  }
  const versioned = await get("/index.html", {
    "x-ms-version": "never",
    authorization: "Bearer x",
    "x-http-method": "PUT",
  });
  assert.equal(versioned.text, "home");
  const nothing = await get("/<script>alert(1)</script>");
  assert.ok(!nothing.text.includes("<script>"));
});

test("an account without a website, or behind its firewall, shows none", async (test) => {
  const { get } = await start(test, null);
  const got = await get("/");
  assert.deepEqual([got.status, got.headers["x-ms-error-code"]], [404, "WebContentNotFound"]);
});

test("the firewall stands before a website", async (test) => {
  const networkRules = { defaultAction: "Deny", ipRules: ["10.0.0.1"], bypass: "None" } as const;
  const walled = await start(test, site, { networkRules });
  assert.equal((await walled.get("/")).status, 403);
});

test("an account that no network reaches shows no website", async (test) => {
  const closed = await start(test, site, { publicNetworkAccess: "Disabled" });
  assert.equal((await closed.get("/")).status, 403);
});

test("one page may stand for the site's own, and for that alone", async (test) => {
  const { get } = await start(test, {
    indexDocument: null,
    errorDocument: null,
    defaultIndexDocument: "docs/index.html",
  });
  assert.equal((await get("/")).text, "docs");
  assert.equal((await get("/docs/")).status, 404);
});
