/**
 * Ways round a gateway that decides by URLs, without a signature: a copy that reads what its caller may not, a batch that does what its sender may not, a
 * signed request that is sent again as another, a secondary that answers for the primary. At each address of the real server.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { ContainerSASPermissions } from "@azure/storage-blob";
import type { Answer } from "../support/plane-client.ts";
import {
  account,
  assertRefused,
  bearer,
  blockBlob,
  everything,
  GateWorld,
  hostOf,
  openText,
  other,
  secret,
  version,
  type Way,
  ways,
} from "./gate-world.ts";

let world: GateWorld;
before(async () => {
  world = await GateWorld.start();
});
after(() => world.end());

const boundary = "batch_of_the_attacker";

function batchOf(parts: readonly string[]): string {
  const rendered = parts.map(
    (part, index) =>
      `--${boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: ${index}\r\n\r\n${part}`,
  );
  return `${rendered.join("\r\n")}\r\n--${boundary}--\r\n`;
}

const statusesOf = ({ text }: Answer) => [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));

/** The string that a key signs, for requests without a body and with `x-ms-date` and `x-ms-version` only. */
function signedHeaders(method: string, path: string, query: readonly string[], key: string, of: string, at: Way) {
  const date = new Date().toUTCString();
  const resource = at === "by the path" ? `/${of}/${of}${path}` : `/${of}${path}`;
  const text = [
    method,
    ..."\n".repeat(10).split("\n"),
    `x-ms-date:${date}`,
    `x-ms-version:${version["x-ms-version"]}`,
    [resource, ...query].join("\n"),
  ].join("\n");
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(text).digest("base64");
  return { "x-ms-date": date, authorization: `SharedKey ${of}:${signature}` };
}

for (const way of ways) {
  describe(way, () => {
    const asWriter = (method: string, target: string, headers: Record<string, string> = {}, body?: string) =>
      world.send(way, method, target, {
        headers: { ...bearer(world.writerToken), ...headers },
        ...(body === undefined ? {} : { body }),
      });

    test("a copy reads no more than its caller may, whatever form it has and however the source is written", async () => {
      const base = way === "by the path" ? `https://localhost/${account}` : `https://${hostOf(account)}`;
      const sources = [
        `${base}/closed/letter`,
        `${base}/open/../closed/letter`,
        `${base}/open/%2e%2e/closed/letter`,
        `${base}/open%2F..%2Fclosed%2Fletter`,
        `${base}//closed/letter`,
        `${base}/%63losed/letter`,
        `${base}/closed/letter?snapshot=`,
        `${base}/closed/letter?sig=`,
        `https://${account}-secondary.blob.core.windows.net/closed/letter`,
        `https://${account.toUpperCase()}.blob.core.windows.net/closed/letter`,
        `https://user:pass@${hostOf(account)}/closed/letter`,
        `https://${hostOf(account)}:443/closed/letter`,
        `https://${hostOf(account)}./closed/letter`,
        `http://${hostOf(account)}/closed/letter`,
        `${world.cloud.status.baseUrl}/${account}/closed/letter`,
        `https://${hostOf(other)}/open/letter`,
        `https://${hostOf(other)}/closed/letter`,
      ];
      const list = '<?xml version="1.0"?><BlockList><Latest>QQ==</Latest></BlockList>';
      const forms: readonly (readonly [
        target: string,
        headers: Record<string, string>,
        before?: () => Promise<unknown>,
      ])[] = [
        ["/open/copy", {}],
        ["/open/copy", { "x-ms-requires-sync": "true" }],
        ["/open/copy", blockBlob],
        ["/open/copy?comp=block&blockid=QQ%3D%3D", {}],
        ["/open/copy-append?comp=appendblock", {}],
        [
          "/open/copy-page?comp=page",
          { "x-ms-page-write": "update", "x-ms-range": "bytes=0-511", "x-ms-source-range": "bytes=0-511" },
        ],
        ["/open/copy?comp=incrementalcopy", {}],
      ];
      await asWriter("PUT", "/open/copy-append", { "x-ms-blob-type": "AppendBlob" });
      await asWriter("PUT", "/open/copy-page", { "x-ms-blob-type": "PageBlob", "x-ms-blob-content-length": "512" });
      // A connection of its own for each is slow, and behind the proxy the way is that of the name.
      for (const source of way === "through the proxy" ? sources.slice(0, 4) : sources) {
        for (const [target, headers] of forms) {
          const what = `${target} from ${source}`;
          assertRefused(await asWriter("PUT", target, { ...headers, "x-ms-copy-source": source }), what);
          const shown = { "x-ms-copy-source-authorization": `Bearer ${world.writerToken}` };
          assertRefused(await asWriter("PUT", target, { ...headers, ...shown, "x-ms-copy-source": source }), what);
        }
      }
      await asWriter("PUT", "/open/copy?comp=blocklist", {}, list);
      for (const name of ["copy", "copy-append", "copy-page"]) {
        assert.ok(!(await asWriter("GET", `/open/${name}`)).text.includes(secret), name);
        await asWriter("DELETE", `/open/${name}`);
      }
      const fine = await asWriter("PUT", "/open/copy", { "x-ms-copy-source": `${base}/open/letter` });
      assert.equal(fine.status, 202, fine.text);
      assert.equal((await asWriter("GET", "/open/copy")).text, openText);
      await asWriter("DELETE", "/open/copy");
    });

    test("a signature for the target says nothing of a copy's source", async () => {
      const sas = world.sas(everything);
      const base = `https://${hostOf(account)}`;
      for (const source of [
        `${base}/closed/letter`,
        `${base}/closed/letter?${sas}`,
        `${base}/open/letter?${world.sas({ permissions: ContainerSASPermissions.parse("wcl") })}`,
        `https://${hostOf(other)}/open/letter?${sas}`,
      ]) {
        for (const headers of [{}, blockBlob]) {
          const asked = { headers: { ...headers, "x-ms-copy-source": source } };
          assertRefused(await world.send(way, "PUT", `/open/taken?${sas}`, asked), source);
        }
      }
      assertRefused(await world.send(way, "GET", `/open/taken?${sas}`), "nothing was taken");
    });

    test("a batch's parts are decided as what they are, each by its own right", async () => {
      const own = way === "by the path" ? `/${account}` : "";
      const theirs = `/${other}`;
      const head = `Authorization: Bearer ${world.writerToken}\r\nx-ms-version: ${version["x-ms-version"]}\r\nContent-Length: 0\r\n\r\n`;
      const parts = [
        `DELETE ${own}/closed/letter HTTP/1.1\r\n${head}`,
        `DELETE ${own}/open/../closed/letter HTTP/1.1\r\n${head}`,
        `DELETE ${own}/open/%2e%2e/closed/letter HTTP/1.1\r\n${head}`,
        `DELETE ${own}/open%2F..%2Fclosed%2Fletter HTTP/1.1\r\n${head}`,
        `DELETE ${own}//closed/letter HTTP/1.1\r\n${head}`,
        `DELETE ${theirs}/open/letter HTTP/1.1\r\n${head}`,
        `PUT ${own}/closed/letter?comp=tier HTTP/1.1\r\nx-ms-access-tier: Cool\r\n${head}`,
        `DELETE ${own}/open/letter HTTP/1.1\r\nx-http-method: GET\r\n${head}`,
        `DELETE ${own}/open/letter HTTP/1.1\r\nAuthorization: Bearer x.y.z\r\n${head}`,
        `DELETE ${own}/open/letter HTTP/1.1\r\nx-ms-version: 2025-07-05\r\nContent-Length: 0\r\n\r\n`,
        `DELETE ${own}/open?restype=container HTTP/1.1\r\n${head}`,
        `GET ${own}/closed/letter HTTP/1.1\r\n${head}`,
        `POST ${own}/?comp=batch HTTP/1.1\r\n${head}`,
      ];
      const headers = { "content-type": `multipart/mixed; boundary=${boundary}` };
      for (const part of parts) {
        const answer = await asWriter("POST", "/open?restype=container&comp=batch", headers, batchOf([part]));
        if (answer.status === 202) {
          const statuses = statusesOf(answer);
          assert.equal(statuses.length, 1, answer.text);
          assert.ok(statuses[0]! >= 400 && statuses[0]! < 500, `${part}\n${answer.text}`);
          assert.ok(!answer.text.includes(secret));
        } else assertRefused(answer, part);
        assertRefused(await asWriter("POST", "/?comp=batch", headers, batchOf([part])), "a batch over the account");
      }
      for (const malformed of [
        `DELETE https://${hostOf(other)}/open/letter HTTP/1.1\r\n${head}`,
        `DELETE ${own}/open/x HTTP/1.1\r\n${head}DELETE ${own}/closed/letter HTTP/1.1\r\n${head}`,
        `DELETE ${own}/open/x HTTP/1.1\r\nX-A: b\r\n c\r\n${head}`,
        `DELETE ${own}/open/x HTTP/1.1\nX-A: b\n${head}`,
        `DELETE ${own}/open/x /closed/letter HTTP/1.1\r\n${head}`,
      ]) {
        assertRefused(
          await asWriter("POST", "/open?restype=container&comp=batch", headers, batchOf([malformed])),
          malformed,
        );
      }
    });

    test("a request signed with a key is that request, at that account, now", async () => {
      const key = world.keys.get(account)!;
      const sign = (method: string, path: string, query: string[] = [], of: string = account, by = key) =>
        signedHeaders(method, path, query, by, of, way);
      const get = (target: string, headers: Record<string, string>, at: string = account) =>
        world.send(way, "GET", target, { headers: { ...headers } }, at);
      const good = sign("GET", "/open/letter");
      const own = await world.send(way, "GET", "/open/letter", { headers: { ...good } });
      assert.equal(own.text, openText);
      for (const target of [
        "/closed/letter",
        "/open/letter?comp=metadata",
        "/open/%6cetter",
        "/open/letter?x=1",
        "/open/../closed/letter",
      ]) {
        assertRefused(await get(target, good), target);
      }
      assertRefused(await world.send(way, "DELETE", "/open/letter", { headers: { ...good } }), "another method");
      assertRefused(await get("/open/letter", { ...good, "x-ms-range": "bytes=0-1" }), "another header");
      assertRefused(await get("/open/letter", good, other), "at another account");
      assertRefused(
        await get("/open/letter", sign("GET", "/open/letter", [], other, world.keys.get(other)!)),
        "another's key",
      );
      assertRefused(
        await get("/open/letter", sign("GET", "/open/letter", [], account, world.keys.get(other)!)),
        "a wrong key",
      );
      const old = { ...good, "x-ms-date": new Date(Date.now() - 3_600_000).toUTCString() };
      assertRefused(await get("/open/letter", old), "an old date");
      const list = sign("GET", "/open", ["comp:list", "restype:container"]);
      assert.equal((await get("/open?restype=container&comp=list", list)).status, 200);
      assertRefused(await get("/closed?restype=container&comp=list", list), "another container");
      assertRefused(await get("/open?restype=container&comp=list&include=uncommittedblobs", list), "more parameters");
      assertRefused(await get("/open?restype=container&comp=list&comp=acl", list), "one of them twice");
    });

    test("a secondary is none here, and a name with more or less to it is no account", async () => {
      for (const at of [
        `${account}-secondary`,
        `${account}.z6`,
        `x.${account}`,
        account.toUpperCase(),
        `${account}%00`,
      ]) {
        if (way === "through the proxy" && !/^[a-z0-9.-]+$/i.test(at)) continue;
        const asked = { headers: { ...bearer(world.writerToken) } };
        const answer = await world.send(way, "GET", "/closed/letter", asked, at).catch(() => undefined);
        if (answer !== undefined) assertRefused(answer, at);
      }
    });
  });
}
