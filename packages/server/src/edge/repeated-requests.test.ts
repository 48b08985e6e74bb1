import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import type { TLSSocket } from "node:tls";
import fc from "fast-check";
import { readBody } from "../wire/body.ts";
import { type Exchange, sendReply } from "../wire/exchange.ts";
import { WholeRequest } from "../wire/whole-request.ts";
import { openEdge, openTls, readToClose, readUntil, settle } from "./edge-fixture.ts";

const path = "/common/oauth2/v2.0/token";

/** A form's bytes, head and body apart. */
function writeForm(body: string, extra = "", host = "localhost"): readonly [head: string, body: string] {
  const type = "Content-Type: application/x-www-form-urlencoded";
  return [`POST ${path} HTTP/1.1\r\nHost: ${host}\r\n${type}\r\nContent-Length: ${body.length}\r\n${extra}\r\n`, body];
}

/** An edge that says in its answers what came, and which of it Node's parser has not read. */
async function openEcho(t: TestContext, wait: () => Promise<void> = async () => {}) {
  const seen: { body: string; isRepeated: boolean; id: string | undefined; token: string | undefined }[] = [];
  const edge = await openEdge(t, {
    dispatch: async (exchange: Exchange) => {
      const body = (await readBody(exchange.request, 100_000)).toString("latin1");
      const { "client-request-id": id, authorization: token } = exchange.request.headers;
      seen.push({ body, isRepeated: exchange.request instanceof WholeRequest, id: id?.toString(), token });
      await wait();
      const { host } = exchange.request.headers;
      sendReply(exchange, { status: 200, body: `<${exchange.request.method} ${exchange.path} ${host} ${body}>` });
    },
  });
  return { edge, seen, isRepeated: () => seen.map((one) => one.isRepeated) };
}

/** Reads on, up to and with the text. */
function readOn(tls: TLSSocket, text: string): Promise<string> {
  tls.setMaxListeners(0); // each reading listens for the end
  const read = readUntil(tls, text);
  tls.resume(); // it was paused by the last one
  return read;
}

/** Writes, and reads the answer that ends with this body. */
async function exchange(tls: TLSSocket, parts: readonly string[], body: string): Promise<string> {
  for (const part of parts) tls.write(part, "latin1");
  return readOn(tls, ` ${body}>`);
}

test("the second form under the same head is answered without Node's parser, as the first was with it", async (t) => {
  const { edge, isRepeated } = await openEcho(t);
  const tls = await openTls(edge);
  const answers: string[] = [];
  for (const body of ["one", "two", "six"]) answers.push(await exchange(tls, [writeForm(body).join("")], body));
  assert.deepEqual(isRepeated(), [false, false, true]);
  const shapes = answers.map((answer) => answer.replace(/Date: [^\r]+/, "Date: now").replace(/(one|two|six)>$/, ">"));
  assert.match(shapes[0]!, /Date: now\r\nConnection: keep-alive\r\nKeep-Alive: timeout=\d+\r\n\r\n</);
  assert.equal(shapes[2], shapes[1]);
  tls.destroy();
  await settle(edge);
});

test("a request under way is not an idle connection: it has the time that requests have, and no more", async (t) => {
  const waiting = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let count = 0;
  const edge = await openEdge(t, {
    limits: { keepAliveTimeoutMs: 100, silenceTimeoutMs: 2000 },
    dispatch: async (exchange: Exchange) => {
      const body = (await readBody(exchange.request, 100_000)).toString("latin1");
      if (body === "slow") {
        count += Number(exchange.request instanceof WholeRequest);
        waiting.resolve();
        await release.promise;
      }
      sendReply(exchange, { status: 200, body: `< ${body}>` });
    },
  });
  const [busy, early, idle] = [await openTls(edge), await openTls(edge), await openTls(edge)];
  for (const tls of [busy, early, idle])
    for (const body of ["fast", "warm"]) await exchange(tls, [writeForm(body).join("")], body);
  busy.write(writeForm("slow").join(""));
  early.write(writeForm("slow")[0]);
  await waiting.promise;
  assert.equal(count, 1, "not by Node's parser");
  const answer = readOn(busy, " slow>");
  const cut = readToClose(early); // the head whose body never comes
  idle.resume();
  await once(idle, "close");
  release.resolve();
  assert.match(await answer, /^HTTP\/1\.1 200 /);
  busy.destroy();
  assert.equal(await cut, "");
  await settle(edge);
});

test("head and body may come one after the other, and no body is taken for another's", async (t) => {
  const { edge, seen, isRepeated } = await openEcho(t);
  const tls = await openTls(edge);
  for (const body of ["one", "two", "six", "ten"]) await exchange(tls, writeForm(body), body);
  assert.deepEqual(isRepeated(), [false, false, true, true]);
  // The head is the known one; what follows it is more than its body.
  await exchange(tls, [writeForm("red")[0], `big${writeForm("low").join("")}`], "low");
  assert.deepEqual(
    seen.map(({ body }) => body),
    ["one", "two", "six", "ten", "big", "low"],
  );
  assert.deepEqual(isRepeated().slice(4), [false, false]);
  tls.destroy();
});

test("a head that differs in one byte, and one that carries a credential, go to Node's parser", async (t) => {
  const { edge, isRepeated } = await openEcho(t);
  const tls = await openTls(edge);
  const same = writeForm("one").join("");
  for (const request of [same, same, same.replace("localhost", "LOCALHOST"), same])
    await exchange(tls, [request], "one");
  assert.deepEqual(isRepeated(), [false, false, false, false]);
  await exchange(tls, [same], "one");
  assert.deepEqual(isRepeated().slice(4), [true]);
  for (const extra of [
    "Authorization: Basic YTpi\r\n",
    "Cookie: a=b\r\n",
    "X:  two spaces\r\n",
    "TE: a\r\nExpect: x\r\n",
  ]) {
    const other = await openTls(edge);
    const before = isRepeated().length;
    for (let times = 0; times < 3; times += 1) {
      other.write(writeForm("one", extra).join(""));
      await readOn(other, "\r\n\r\n");
    }
    assert.ok(!isRepeated().slice(before).includes(true), extra);
    other.destroy();
  }
  tls.destroy();
});

test("a client that names each of its requests is read once all the same", async (t) => {
  const { edge, isRepeated, seen } = await openEcho(t);
  const tls = await openTls(edge);
  for (let id = 10; id < 16; id += 1) {
    const extra = `client-request-id: 0f8fad5b-d9cb-469f-a165-7086772895${id}\r\n`;
    await exchange(tls, [writeForm("one", extra).join("")], "one");
    assert.equal(seen.at(-1)?.id, extra.slice(19, 55));
  }
  assert.deepEqual(isRepeated(), [false, false, true, true, true, true]);
  // The head is the known one, its id too; the body comes later.
  await exchange(tls, writeForm("two", "client-request-id: 0f8fad5b-d9cb-469f-a165-708677289599\r\n"), "two");
  assert.deepEqual([seen.at(-1)?.isRepeated, seen.at(-1)?.id?.slice(-2)], [true, "99"]);
  for (const id of ["0f8fad5b-d9cb-469f-a165-70867728950x", "0f8fad5b-d9cb-469f-a165-708677289501 ", "short"]) {
    await exchange(tls, [writeForm("one", `client-request-id: ${id}\r\n`).join("")], "one");
    assert.deepEqual([seen.at(-1)?.isRepeated, seen.at(-1)?.id], [false, id.trim()]);
  }
  tls.destroy();
});

function writeRead(target: string, token: string, method = "GET"): string {
  return `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`;
}

test("one who reads one thing after the other under one token has the head read once; another token is read anew", async (t) => {
  const { edge, seen } = await openEcho(t);
  const tls = await openTls(edge);
  const ask = async (target: string, token: string, method = "GET") => {
    tls.write(writeRead(target, token, method));
    const answer = await readOn(tls, method === "HEAD" ? "\r\n\r\n" : ">");
    assert.match(
      answer,
      method === "HEAD" ? /\r\ncontent-length: \d+\r\n/ : new RegExp(`<GET ${target.split("?")[0]} `),
    );
    return [seen.at(-1)?.isRepeated, seen.at(-1)?.token];
  };
  assert.deepEqual(await ask("/common/a", "one"), [false, "Bearer one"]);
  assert.deepEqual(await ask("/common/a", "one"), [false, "Bearer one"]);
  for (const target of ["/common/b", "/common/a/longer?x=1", "/common/"])
    assert.deepEqual(await ask(target, "one"), [true, "Bearer one"]);
  for (let times = 0; times < 2; times += 1) assert.deepEqual(await ask("/common/a", "two"), [times > 0, "Bearer two"]);
  assert.deepEqual(await ask("/common/a", "one"), [false, "Bearer one"]);
  assert.deepEqual(await ask("/common/a", "one", "HEAD"), [false, "Bearer one"]);
  assert.deepEqual(await ask("/common/b", "one", "HEAD"), [true, "Bearer one"]);
  tls.destroy();
  await settle(edge);
});

test("a long answer to a repeated read goes out piece by piece, no faster than it is taken", async (t) => {
  const piece = Buffer.alloc(65_536, "p");
  const pieceCount = 100;
  let waits = 0;
  let repeatedCount = 0;
  const edge = await openEdge(t, {
    dispatch: async ({ request, response }: Exchange) => {
      if (request instanceof WholeRequest) repeatedCount += 1;
      response.writeHead(200, { "content-length": piece.length * pieceCount });
      for (let index = 0; index < pieceCount; index += 1) {
        if (response.write(piece)) continue;
        waits += 1;
        await new Promise((resolve) => response.once("drain", resolve));
      }
      response.end();
    },
  });
  const tls = await openTls(edge);
  for (let times = 0; times < 4; times += 1) {
    let size = 0;
    const isWhole = new Promise<void>((resolve) => {
      tls.on("data", (part: Buffer) => {
        if (size === 0) size -= part.indexOf("\r\n\r\n") + 4;
        size += part.length;
        if (size === piece.length * pieceCount) resolve();
      });
    });
    tls.write(writeRead("/common/a", "one"));
    await isWhole;
    tls.removeAllListeners("data");
  }
  assert.ok(repeatedCount >= 2);
  assert.ok(waits >= repeatedCount);
  tls.destroy();
  await settle(edge);
});

test("a client whose every head is another is left to Node for good", async (t) => {
  const { edge, isRepeated } = await openEcho(t);
  const tls = await openTls(edge);
  for (let id = 0; id < 8; id += 1) await exchange(tls, [writeForm("one", `X-Id: ${id}\r\n`).join("")], "one");
  const same = writeForm("two").join("");
  for (let times = 0; times < 3; times += 1) await exchange(tls, [same], "two");
  assert.ok(!isRepeated().includes(true));
  tls.destroy();
});

test("however a client cuts its bytes, and before whichever answer it sends them, it gets the same answers", async (t) => {
  const { edge, isRepeated } = await openEcho(t, () => new Promise((resolve) => setImmediate(resolve)));
  const ids = ["1f", "2a", "3b"].map((id) => `client-request-id: 0f8fad5b-d9cb-469f-a165-7086772895${id}\r\n`);
  const form = fc.record({
    body: fc.stringMatching(/^[a-z]{1,3}$/),
    extra: fc.constantFrom("", "", "", "X-Other: 1\r\n", ...ids),
  });
  const cuts = fc.array(fc.nat(400), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(form, { minLength: 1, maxLength: 6 }),
      cuts,
      fc.boolean(),
      async (forms, cutAt, isWaiting) => {
        const tls = await openTls(edge);
        let got = "";
        let awake = () => {};
        tls.setEncoding("latin1").on("data", (part: string) => {
          got += part;
          awake();
        });
        const requests = forms.map(({ body, extra }) => writeForm(body, extra).join(""));
        const bodies = () => [...got.matchAll(/<POST \S+ localhost ([a-z]*)>/g)].map(([, body]) => body);
        const answered = async (count: number) => {
          while (bodies().length < count) {
            await new Promise<void>((resolve) => {
              awake = resolve;
            });
          }
        };
        // The first two apart, so that there is a head to repeat.
        const warm = [writeForm("a").join(""), writeForm("b").join("")];
        for (const [index, request] of warm.entries()) {
          tls.write(request);
          await answered(index + 1);
        }
        const text = requests.join("");
        const places = isWaiting ? [] : [...new Set(cutAt.map((place) => place % text.length))].sort((a, b) => a - b);
        const parts = isWaiting
          ? requests
          : [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length));
        for (const [index, part] of parts.entries()) {
          tls.write(part);
          if (isWaiting) await answered(warm.length + index + 1);
        }
        await answered(warm.length + forms.length);
        assert.deepEqual(bodies(), ["a", "b", ...forms.map(({ body }) => body)]);
        tls.destroy();
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(isRepeated().includes(true));
  await settle(edge);
});

test("garbage after a repeated request is answered with 400 and the end", async (t) => {
  const { edge } = await openEcho(t);
  const tls = await openTls(edge);
  for (const body of ["one", "two", "six"]) await exchange(tls, [writeForm(body).join("")], body);
  tls.write("\u0000\u0001 garbage\r\n\r\n");
  assert.match(await readToClose(tls), /^HTTP\/1\.1 400 /);
});

test("an answer that is under way when the edge closes goes out, and says that it is the last", async (t) => {
  const asked = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const { edge, seen } = await openEcho(t, async () => {
    if (seen.length < 3) return;
    asked.resolve();
    await go.promise;
  });
  const tls = await openTls(edge);
  for (const body of ["one", "two"]) await exchange(tls, [writeForm(body).join("")], body);
  tls.write(writeForm("six").join(""));
  await asked.promise;
  const closed = edge.close();
  go.resolve();
  const answer = await readToClose(tls);
  assert.match(answer, /Connection: close\r\n\r\n<.* six>$/s);
  assert.equal(seen[2]?.isRepeated, true);
  await closed;
});

test("a client that leaves before its answer leaves nothing behind; a fault of ours is a 500 and the end", async (t) => {
  const asked = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  let answers = 0;
  const gone = Promise.withResolvers<boolean>();
  const edge = await openEdge(t, {
    dispatch: async (exchange: Exchange) => {
      answers += 1;
      if (answers === 6) throw new Error("a defect");
      if (answers !== 3) return sendReply(exchange, { status: 200, body: "<x>" });
      exchange.response.once("close", () => gone.resolve(exchange.response.writableEnded));
      asked.resolve();
      await go.promise;
      sendReply(exchange, { status: 200, body: "<x>" });
    },
  });
  const form = writeForm("one").join("");
  const leaving = await openTls(edge);
  for (let times = 0; times < 2; times += 1) {
    leaving.write(form);
    await readOn(leaving, "<x>");
  }
  leaving.write(form);
  await asked.promise;
  leaving.destroy();
  assert.equal(await gone.promise, false);
  go.resolve();
  const tls = await openTls(edge);
  for (let times = 0; times < 2; times += 1) {
    tls.write(form);
    await readOn(tls, "<x>");
  }
  tls.write(form);
  assert.match(await readToClose(tls), /^HTTP\/1\.1 500 .*Connection: close\r\n\r\n$/s);
  assert.equal(edge.faults.length, 1);
  await settle(edge);
});

test("who sends on and on and never reads is not read for ever", async (t) => {
  const { edge, seen } = await openEcho(t);
  const tls = await openTls(edge);
  const form = writeForm("x".repeat(8000)).join("");
  for (let times = 0; times < 2; times += 1) {
    tls.write(form);
    await readOn(tls, "x>");
  }
  tls.pause();
  // Far more than the sockets' buffers hold in both directions.
  for (let times = 0; times < 4000; times += 1) tls.write(form);
  while (true) {
    const before = seen.length;
    for (let turn = 0; turn < 2000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    if (seen.length === before) break;
  }
  assert.ok(seen.length < 4000, `${seen.length} were answered to a client that reads none`);
  tls.destroy();
  await once(tls, "close");
});
