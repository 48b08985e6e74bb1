import assert from "node:assert/strict";
import { test } from "node:test";
import type { Replica } from "./replica.ts";
import { answerAsReplica, blobsOfAnotherReplica } from "./replica-answers.ts";
import { StoreUnavailable } from "./store/backend.ts";
import type { Exchange, SurfaceName } from "./wire/exchange.ts";

type Answer = { status: number; headers: Map<string, string>; body: string };

/** Sends a request of a method to a surface of a replica. @returns its answer, or undefined when the surface's own handler was let through. */
async function ask(
  replica: { refusal?: string; isHome?: boolean; isHeld?: boolean },
  surface: SurfaceName,
  method: string,
  handle: () => void | Promise<void> = () => {},
): Promise<Answer | undefined> {
  const answer: Answer = { status: 0, headers: new Map(), body: "" };
  const ended = Promise.withResolvers<void>();
  const response = {
    headersSent: false,
    getHeaderNames: () => [],
    writeHead: (status: number, list: string[]) => {
      answer.status = status;
      for (let index = 0; index < list.length; index += 2) answer.headers.set(list[index]!, list[index + 1]!);
    },
    end: (body = "") => {
      answer.body = String(body);
      ended.resolve();
    },
  };
  const exchange = { request: { method }, response, requestId: "id", surface } as unknown as Exchange;
  const { refusal, isHome = true, isHeld = true } = replica;
  await answerAsReplica({ refusal, blobHome: { isHome, isHeld } } as Replica, exchange, handle);
  if (answer.status === 0) return undefined;
  await ended.promise;
  return answer;
}

test("a model that is too old answers nothing on any plane, but health and the portal's files", async () => {
  const planes: readonly SurfaceName[] = ["entra", "graph", "arm", "blob", "iam"];
  for (const plane of planes) {
    const answer = await ask({ refusal: "too old" }, plane, "GET", () => assert.fail(plane));
    assert.equal(answer?.status, 503);
    assert.equal(answer.headers.get("retry-after"), "2");
    assert.match(answer.body, /The service cannot answer now: too old\./);
  }
  for (const plane of ["postern", "portal"] as const) {
    assert.equal(await ask({ refusal: "too old" }, plane, "GET"), undefined);
  }
});

test("a store that is away is each plane's own 503; a defect stays one", async () => {
  const away = () => Promise.reject(new StoreUnavailable("the database does not answer"));
  const bodies: Readonly<Record<string, RegExp>> = {
    entra: /^\{"error":"temporarily_unavailable","error_description":"/,
    graph: /^\{"error":\{"code":"ServiceUnavailable","message":"/,
    arm: /^\{"error":\{"code":"ServiceUnavailable","message":"/,
    blob: /<Error><Code>ServerBusy<\/Code><Message>/,
  };
  for (const [plane, body] of Object.entries(bodies)) {
    const answer = await ask({}, plane as SurfaceName, "POST", away);
    assert.equal(answer?.status, 503);
    assert.match(answer.body, body);
  }
  await assert.rejects(
    ask({}, "graph", "POST", () => Promise.reject(new TypeError("ours"))),
    TypeError,
  );
});

test("blobs: 501 where they are not, reads only without the lease", async () => {
  const fail = () => assert.fail("let through");
  for (const method of ["GET", "PUT"]) {
    const answer = await ask({ isHome: false }, "blob", method, fail);
    assert.equal(answer?.status, 501);
    assert.equal(answer.headers.get("x-ms-error-code"), "NotImplemented");
  }
  for (const method of ["PUT", "DELETE", "POST", "PATCH"])
    assert.equal((await ask({ isHeld: false }, "blob", method, fail))?.headers.get("x-ms-error-code"), "ServerBusy");
  for (const method of ["GET", "HEAD"]) assert.equal(await ask({ isHeld: false }, "blob", method), undefined);
});

test("in the place of an engine elsewhere everything is put off, and closing is nothing", async () => {
  const engine = await Promise.resolve(blobsOfAnotherReplica());
  assert.throws(() => engine.findContainer({ account: "a", container: "c" }), StoreUnavailable);
  await engine.close();
});
