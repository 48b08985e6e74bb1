import assert from "node:assert/strict";
import { test } from "node:test";
import type { HttpRequest } from "../http/transport.ts";
import { Notes } from "../notes.ts";
import type { Session } from "../session.ts";
import { identityVariables, withIdentitySession } from "./identity-session.ts";

const endpoint = "http://127.0.0.1:9/secret";

/** A server that answers every start with the same session. */
function setUp(started: object, status = 201) {
  const sent: HttpRequest[] = [];
  let said = "";
  const session = {
    status: { baseUrl: "https://localhost:9" },
    transport: async (request: HttpRequest) => {
      sent.push(request);
      const isStart = request.method === "POST";
      return { status: isStart ? status : 204, headers: {}, body: isStart ? JSON.stringify(started) : "" };
    },
    tokens: { get: async () => ({ accessToken: "token", expiresAtMs: 0 }) },
    endpoints: { resourceManagerAudience: "https://management.azure.com" },
  } as unknown as Session;
  const notes = new Notes({
    level: "warning",
    hasColor: false,
    isTerminal: false,
    write: (text) => {
      said += text;
    },
  });
  return { session, notes, sent, said: () => said };
}

test("each form's variables are those its clients look for", () => {
  assert.deepEqual(identityVariables("app-service", { endpoint, header: "h" }), {
    IDENTITY_ENDPOINT: endpoint,
    IDENTITY_HEADER: "h",
  });
  assert.deepEqual(identityVariables("imds", { endpoint }), { AZURE_POD_IDENTITY_AUTHORITY_HOST: endpoint });
  assert.deepEqual(identityVariables("arc", { endpoint, imdsEndpoint: "http://127.0.0.1:9" }), {
    IDENTITY_ENDPOINT: endpoint,
    IMDS_ENDPOINT: "http://127.0.0.1:9",
  });
});

test("a session lasts as long as the work, and ends when that fails too", async () => {
  const { session, notes, sent } = setUp({ id: "one", endpoint, header: "h", renewAfterSeconds: 600 });
  const request = { resourceId: "/subscriptions/s", form: "app-service" } as const;
  const seen = await withIdentitySession(session, request, notes, async (variables) => {
    assert.equal(sent.length, 1);
    return variables.IDENTITY_HEADER;
  });
  assert.equal(seen, "h");
  const failing = withIdentitySession(session, request, notes, () => Promise.reject(new Error("ended badly")));
  await assert.rejects(failing, /ended badly/);
  assert.deepEqual(
    sent.map(({ method, url, body }) => [method, url, body]),
    [
      ["POST", "https://localhost:9/postern/identitySessions", '{"resourceId":"/subscriptions/s","form":"AppService"}'],
      ["DELETE", "https://localhost:9/postern/identitySessions/one", undefined],
      ["POST", "https://localhost:9/postern/identitySessions", '{"resourceId":"/subscriptions/s","form":"AppService"}'],
      ["DELETE", "https://localhost:9/postern/identitySessions/one", undefined],
    ],
  );
  assert.ok(sent.every(({ headers }) => headers.host === "localhost:9" && headers.authorization === "Bearer token"));
});

test("a refused session starts no work", async () => {
  const refusal = { error: { code: "AuthorizationFailed", message: "no" } };
  const { session, notes } = setUp(refusal, 403);
  const work = () => assert.fail("must not start");
  await assert.rejects(
    withIdentitySession(session, { resourceId: "/x", form: "imds" }, notes, work),
    /AuthorizationFailed/,
  );
});

test("who cannot use the Arc agent's folder is told how to make it", async () => {
  const answer = {
    id: "one",
    endpoint,
    imdsEndpoint: endpoint,
    renewAfterSeconds: 600,
    challengeFolder: "/state/run/arc",
  };
  for (const isAgentFolder of [false, true]) {
    const { session, notes, said } = setUp({ ...answer, isAgentFolder });
    await withIdentitySession(session, { resourceId: "/x", form: "arc" }, notes, async () => {});
    assert.equal(/sudo install -d -m 700 .* \/var\/opt\/azcmagent\/tokens/.test(said()), !isAgentFolder);
    assert.equal(said().includes("secret"), false);
  }
});
