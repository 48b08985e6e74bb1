/** Requests that could be read in two ways are read in one, or refused. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { closeWorld, host, openWorld, other, readerToken, sendBytes } from "./trespass-world.ts";

before(openWorld);
after(closeWorld);

describe("HTTP: one request is read in one way", () => {
  const line = `GET /closed/letter HTTP/1.1\r\nHost: ${host}\r\nx-ms-version: 2023-11-03\r\n`;

  for (const [what, head] of [
    ["Content-Length and chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"],
    ["two lengths", "Content-Length: 4\r\nContent-Length: 5\r\n"],
    ["chunks spelled oddly", "Transfer-Encoding: xchunked\r\n"],
    ["a blank before the colon", "Transfer-Encoding : chunked\r\n"],
    ["a folded header", "X-A: b\r\n c\r\n"],
    ["a length with a sign", "Content-Length: +4\r\n"],
    ["a bare line feed", "X-A: b\nX-B: c\r\n"],
    ["two hosts", `Host: ${other}.blob.core.windows.net\r\n`],
    ["a null", "X-A: \u0000\r\n"],
  ] as const) {
    test(`${what}: refused, and nothing after it is read`, async () => {
      const answer = await sendBytes(`${line}${head}\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, answer);
    });
  }

  test("two Authorization headers are refused where the first would count and where the last would", async () => {
    for (const [one, two] of [
      [readerToken, "x"],
      ["x", readerToken],
    ]) {
      const answer = await sendBytes(
        `${line.replace("closed", "open")}Authorization: Bearer ${one}\r\nAuthorization: Bearer ${two}\r\nConnection: close\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 4/);
    }
  });

  test("headers past the bound are 431", async () => {
    assert.match(await sendBytes(`${line}X-A: ${"a".repeat(70_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /);
  });
});
