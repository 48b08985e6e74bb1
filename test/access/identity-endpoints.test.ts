/**
 * The identity endpoints on the wire: who gets a session, what each form's endpoint answers, and that nothing but a session's own address
 * gives a token.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { claimsOf } from "../../packages/server/src/tokens/sample-claims.ts";
import { startTestCloud, type TestCloud } from "../support/cloud-in-process.ts";
import { sendPlain } from "../support/machine-client.ts";
import {
  type Answer,
  assignRole,
  createAccount,
  createApp,
  planeHosts,
  planeScopes,
  roleIds,
} from "../support/plane-client.ts";

type Session = {
  readonly id: string;
  readonly endpoint: string;
  readonly header: string;
  readonly imdsEndpoint: string;
  readonly challengeFolder: string;
};
type Identity = {
  readonly id: string;
  readonly properties: { readonly principalId: string; readonly clientId: string };
};

const storage = "resource=https%3A%2F%2Fstorage.azure.com%2F";
const versions = { AppService: "2019-08-01", Imds: "2018-02-01", AzureArc: "2020-06-01" } as const;
type Form = keyof typeof versions;

let cloud: TestCloud;
let identity: Identity;
let groupId: string;

const identityTarget = (name: string) =>
  `${groupId}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}?api-version=2023-01-31`;
const makeIdentity = async (name: string) =>
  (await cloud.client.must("arm", "PUT", identityTarget(name), { location: "westeurope" })) as Identity;

before(async () => {
  cloud = await startTestCloud();
  await createAccount(cloud.client, "machines", "machinesdata");
  groupId = `/subscriptions/${cloud.status.subscriptionId}/resourceGroups/machines`;
  identity = await makeIdentity("worker");
});
after(() => cloud.dispose());

async function callSessions(method: string, tail = "", body?: object, token?: string): Promise<Answer> {
  const authorization = `Bearer ${token ?? (await cloud.client.operatorToken("arm"))}`;
  return cloud.client.send("localhost", method, `/postern/identitySessions${tail}`, {
    headers: { authorization, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function startSession(form: Form, resourceId = identity.id): Promise<Session> {
  const answer = await callSessions("POST", "", { resourceId, form });
  assert.equal(answer.status, 201, answer.text);
  return JSON.parse(answer.text) as Session;
}

const addressOf = (form: Form, { endpoint }: Session): string =>
  form === "Imds" ? `${endpoint}/metadata/identity/oauth2/token` : endpoint;

/** Asks as a client of the form does, the challenge included. */
async function ask(form: Form, session: Session, query = storage): Promise<Answer> {
  const url = `${addressOf(form, session)}?api-version=${versions[form]}&${query}`;
  if (form === "AppService") return sendPlain(url, { "x-identity-header": session.header });
  const first = await sendPlain(url, { metadata: "true" });
  if (form === "Imds" || first.status !== 401) return first;
  const file = String(first.headers["www-authenticate"]).split("Basic realm=")[1]!;
  return sendPlain(url, { metadata: "true", authorization: `Basic ${readFileSync(file, "utf8")}` });
}

describe("an identity session", () => {
  for (const form of ["AppService", "Imds", "AzureArc"] as const) {
    it(`gives tokens of the identity (${form})`, async () => {
      const session = await startSession(form);
      const answer = await ask(form, session);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers["cache-control"], "no-store");
      const body = JSON.parse(answer.text) as Record<string, string>;
      const common = ["access_token", "client_id", "expires_on", "resource", "token_type"];
      const more = form === "AppService" ? [] : ["expires_in", "ext_expires_in", "not_before"];
      assert.deepEqual(Object.keys(body).sort(), [...common, ...more].sort());
      for (const [name, value] of Object.entries(body)) assert.equal(typeof value, "string", name);
      assert.deepEqual([body.token_type, body.resource], ["Bearer", "https://storage.azure.com/"]);
      const claims = claimsOf(body.access_token!);
      const { principalId, clientId } = identity.properties;
      assert.deepEqual(
        [claims.aud, claims.appid, claims.oid, claims.sub, claims.appidacr, claims.idtyp, claims.xms_mirid],
        ["https://storage.azure.com/", clientId, principalId, principalId, "2", "app", identity.id],
      );
      assert.match(String(claims.xms_mirid), /\/resourcegroups\//);
      assert.equal((claims.exp as number) - (claims.iat as number), 86_700);
      assert.equal(body.expires_on, String(claims.exp));
      if (form !== "AppService") assert.equal(body.expires_in, "86399");
    });

    it(`knows its identity by each of its names, and no other (${form})`, async () => {
      const session = await startSession(form);
      const other = (await makeIdentity("other")).properties;
      const { principalId, clientId } = identity.properties;
      const resourceId = encodeURIComponent(identity.id.replace("resourcegroups", "resourceGroups"));
      for (const query of [
        `client_id=${clientId.toUpperCase()}`,
        `object_id=${principalId}`,
        `mi_res_id=${resourceId}`,
        `msi_res_id=${resourceId}`,
      ])
        assert.equal((await ask(form, session, `${storage}&${query}`)).status, 200, query);
      for (const query of [
        `client_id=${other.clientId}`,
        `object_id=${other.principalId}`,
        `client_id=${clientId}&object_id=${other.principalId}`,
        "mi_res_id=worker",
      ]) {
        const refused = await ask(form, session, `${storage}&${query}`);
        assert.deepEqual([refused.status, /access_token/.test(refused.text)], [400, false], query);
      }
    });

    it(`refuses bad requests in the form's own words (${form})`, async () => {
      const session = await startSession(form);
      const shape = form === "AppService" ? ["correlationId", "message", "statusCode"] : ["error", "error_description"];
      for (const query of ["", "resource=", `${storage}&resource=x`, "resource=https%3A%2F%2Fnowhere.example"]) {
        const refused = await ask(form, session, query);
        assert.equal(refused.status, 400, query);
        assert.deepEqual(Object.keys(JSON.parse(refused.text)).sort(), shape);
      }
      const headers = { metadata: "true", "x-identity-header": session.header ?? "none" };
      if (form !== "AzureArc") {
        const old = await sendPlain(`${addressOf(form, session)}?api-version=2017-09-01&${storage}`, headers);
        assert.equal(old.status, 400, old.text);
        assert.equal((await sendPlain(`${addressOf(form, session)}?${storage}`, headers)).status, 400);
      }
      const url = `${addressOf(form, session)}?api-version=${versions[form]}&${storage}`;
      assert.equal((await sendPlain(url, headers, "POST")).status, 405);
    });
  }

  it("reaches a blob where the identity has the role, and is refused where it has none", async () => {
    const session = await startSession("Imds");
    const token = (JSON.parse((await ask("Imds", session)).text) as { access_token: string }).access_token;
    const list = () =>
      cloud.client.send("machinesdata.blob.core.windows.net", "GET", "/?comp=list", {
        headers: { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" },
      });
    assert.equal((await list()).status, 403);
    const name = "00000000-0000-4000-8000-0000000000f1";
    const assigned = await assignRole(
      cloud.client,
      name,
      groupId,
      roleIds.blobDataReader,
      identity.properties.principalId,
    );
    assert.equal(assigned.status, 201, assigned.text);
    assert.equal((await list()).status, 200);
  });

  it("leaves a sign-in record without a secret", async () => {
    await ask("AppService", await startSession("AppService"));
    const record = cloud.recorder.signIns().at(-1)!;
    assert.deepEqual(
      [record.grant, record.appId, record.principalId, record.resource, record.errorCode],
      [
        "managed_identity",
        identity.properties.clientId,
        identity.properties.principalId,
        "https://storage.azure.com/",
        0,
      ],
    );
  });
});

describe("a request without a session's address", () => {
  const wrong = "b".repeat(64);

  it("gets no token from any endpoint, whatever it sends", async () => {
    const sessions = {
      AppService: await startSession("AppService"),
      Imds: await startSession("Imds"),
      AzureArc: await startSession("AzureArc"),
    };
    const { origin } = new URL(sessions.Imds.endpoint);
    const headers = { metadata: "true", "x-identity-header": sessions.AppService.header, authorization: "Basic x" };
    const query = `?api-version=2020-06-01&${storage}`;
    for (const path of ["/msi/token", "/metadata/identity/oauth2/token", "/himds/metadata/identity/oauth2/token"]) {
      for (const prefix of ["", `/${wrong}`, "/", `/${sessions.Imds.id}`, "/..", "/%2e%2e"]) {
        const answer = await sendPlain(origin, headers, "GET", `${prefix}${path}${query}`);
        assert.ok(answer.status === 401 || answer.status === 404, `${prefix}${path}: ${answer.status} ${answer.text}`);
        assert.doesNotMatch(answer.text, /access_token|ey[A-Za-z0-9]/);
      }
    }
  });

  it("gets none by a session of another form", async () => {
    const imds = await startSession("Imds");
    const headers = { metadata: "true", "x-identity-header": "x" };
    const answer = await sendPlain(`${imds.endpoint}/msi/token?api-version=2019-08-01&${storage}`, headers);
    assert.equal(answer.status, 401);
  });

  it("gets none with App Service's address alone, or a wrong header", async () => {
    const session = await startSession("AppService");
    const url = `${session.endpoint}?api-version=2019-08-01&${storage}`;
    for (const header of [undefined, "", "x", session.header.slice(1), `${session.header}a`, wrong]) {
      const answer = await sendPlain(url, header === undefined ? {} : { "x-identity-header": header });
      assert.equal(answer.status, 401, String(header));
      assert.ok(answer.headers["www-authenticate"]);
    }
  });

  it("gets none through a page or a forwarding server", async () => {
    const session = await startSession("Imds");
    const url = `${addressOf("Imds", session)}?api-version=2018-02-01&${storage}`;
    assert.equal((await sendPlain(url)).status, 400);
    assert.equal((await sendPlain(url, { metadata: "false" })).status, 400);
    assert.equal((await sendPlain(url, { metadata: "true", "x-forwarded-for": "10.0.0.1" })).status, 400);
    assert.equal((await sendPlain(url, { metadata: "true", host: "rebound.example" })).status, 400);
    assert.equal((await sendPlain(url, { metadata: "true" })).status, 200);
  });
});

describe("Azure Arc's challenge", () => {
  it("is a short file for its owner only, which serves once and goes with the session", async () => {
    const session = await startSession("AzureArc");
    const url = `${session.endpoint}?api-version=2020-06-01&${storage}`;
    const challenge = async () => {
      const answer = await sendPlain(url, { metadata: "true" });
      assert.equal(answer.status, 401);
      return String(answer.headers["www-authenticate"]).split("Basic realm=")[1]!;
    };
    const file = await challenge();
    assert.ok(file.startsWith(`${session.challengeFolder}/`) && file.endsWith(".key"), file);
    const { mode, size } = statSync(file);
    assert.equal(mode & 0o777, 0o600);
    assert.ok(size <= 4096);
    const secret = readFileSync(file, "utf8");
    const answerWith = (given: string) => sendPlain(url, { metadata: "true", authorization: `Basic ${given}` });
    assert.equal((await answerWith("wrong")).status, 401);
    assert.equal((await sendPlain(url, { authorization: `Basic ${secret}` })).status, 400);
    assert.equal((await answerWith(secret)).status, 200);
    assert.equal(existsSync(file), false);
    assert.equal((await answerWith(secret)).status, 401);
    const left = await challenge();
    const other = await startSession("AzureArc");
    const elsewhere = `${other.endpoint}?api-version=2020-06-01&${storage}`;
    const headers = { metadata: "true", authorization: `Basic ${readFileSync(left, "utf8")}` };
    assert.equal((await sendPlain(elsewhere, headers)).status, 401);
    assert.equal((await callSessions("DELETE", `/${session.id}`)).status, 204);
    assert.equal(existsSync(left), false);
    assert.equal((await answerWith(secret)).status, 401);
  });
});

describe("starting, renewing and ending a session", () => {
  it("is for those who may assign the identity", async () => {
    const app = await createApp(cloud.client, "launcher");
    const token = await cloud.client.token(app.appId, app.secret, planeScopes.arm);
    const start = (resourceId = identity.id) => callSessions("POST", "", { resourceId, form: "Imds" }, token);
    const refused = await start();
    assert.deepEqual([refused.status, JSON.parse(refused.text).error.code], [403, "AuthorizationFailed"]);
    const missing = await start(identity.id.replace("worker", "nobody"));
    assert.equal(missing.status, 403); // who may not assign learns not whether there is one
    const give = (name: string, role: string) => assignRole(cloud.client, name, identity.id, role, app.principalId);
    assert.equal((await give("00000000-0000-4000-8000-0000000000f2", roleIds.reader)).status, 201);
    assert.equal((await start()).status, 403);
    const name = "00000000-0000-4000-8000-0000000000f3";
    assert.equal((await give(name, roleIds.contributor)).status, 201);
    const started = await start();
    assert.equal(started.status, 201, started.text);
    const session = JSON.parse(started.text) as Session;
    const renew = () => callSessions("POST", `/${session.id}/renew`, undefined, token);
    assert.equal((await renew()).status, 200);
    // Another's session is not to be renewed or ended, whoever one is.
    assert.equal((await callSessions("POST", `/${session.id}/renew`)).status, 403);
    assert.equal((await callSessions("DELETE", `/${session.id}`)).status, 403);
    assert.equal((await ask("Imds", session)).status, 200);
    // Who may no longer assign it can no longer keep it.
    const taken = await cloud.client.call(
      "arm",
      "DELETE",
      `${identity.id}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`,
    );
    assert.equal(taken.status, 200, taken.text);
    assert.equal((await renew()).status, 403);
    assert.equal((await ask("Imds", session)).status, 401);
  });

  it("refuses bad input and tokens for something else", async () => {
    const codes = async (body: unknown) => {
      const answer = await callSessions("POST", "", body as object);
      return [answer.status, JSON.parse(answer.text).error.code];
    };
    assert.deepEqual(await codes({}), [400, "InvalidRequestContent"]);
    assert.deepEqual(await codes([]), [400, "InvalidRequestContent"]);
    assert.deepEqual(await codes({ resourceId: identity.id, form: "imds" }), [400, "InvalidRequestContent"]);
    assert.deepEqual(await codes({ resourceId: "worker", form: "Imds" }), [400, "InvalidResourceId"]);
    assert.deepEqual(await codes({ resourceId: identity.id.replace("worker", "nobody"), form: "Imds" }), [
      404,
      "ResourceNotFound",
    ]);
    assert.deepEqual(await codes({ resourceId: "x".repeat(20_000), form: "Imds" }), [413, "RequestContentTooLarge"]);
    const graph = await cloud.client.operatorToken("graph");
    const wrongAudience = await callSessions("POST", "", { resourceId: identity.id, form: "Imds" }, graph);
    assert.equal(wrongAudience.status, 401);
    assert.ok(wrongAudience.headers["www-authenticate"]);
  });

  it("ends with the identity, also when one of the same name comes after it", async () => {
    const doomed = await makeIdentity("doomed");
    const session = await startSession("Imds", doomed.id);
    const token = (JSON.parse((await ask("Imds", session)).text) as { access_token: string }).access_token;
    await cloud.client.must("arm", "DELETE", identityTarget("doomed"));
    assert.equal((await ask("Imds", session)).status, 400);
    await makeIdentity("doomed");
    assert.equal((await ask("Imds", session)).status, 400);
    const list = await cloud.client.send("machinesdata.blob.core.windows.net", "GET", "/?comp=list", {
      headers: { authorization: `Bearer ${token}`, "x-ms-version": "2023-11-03" },
    });
    assert.equal(list.status, 401);
    assert.equal((await callSessions("POST", `/${session.id}/renew`)).status, 404);
  });

  it("stands still for a principal that is disabled", async () => {
    const made = await makeIdentity("paused");
    const session = await startSession("AppService", made.id);
    const enable = (accountEnabled: boolean) =>
      cloud.client.must("graph", "PATCH", `/v1.0/servicePrincipals/${made.properties.principalId}`, { accountEnabled });
    await enable(false);
    assert.equal((await ask("AppService", session)).status, 400);
    await enable(true);
    assert.equal((await ask("AppService", session)).status, 200);
  });
});

describe("the service principal of an identity", () => {
  it("takes no secret, and signs in by none", async () => {
    const { principalId, clientId } = identity.properties;
    const added = await cloud.client.call("graph", "POST", `/v1.0/servicePrincipals/${principalId}/addPassword`, {});
    assert.equal(added.status, 400, added.text);
    const deleted = await cloud.client.call("graph", "DELETE", `/v1.0/servicePrincipals/${principalId}`);
    assert.equal(deleted.status, 400, deleted.text);
    const token = await cloud.client.askToken(clientId, "some-secret", planeScopes.arm);
    assert.equal(token.status, 401);
    const shown = (await cloud.client.must("graph", "GET", `/v1.0/servicePrincipals/${principalId}`)) as Record<
      string,
      unknown
    >;
    assert.equal(shown.servicePrincipalType, "ManagedIdentity");
  });

  it("is found by its appId, so that roles can be assigned to it by that", async () => {
    const filter = encodeURIComponent(`servicePrincipalNames/any(c:c eq '${identity.properties.clientId}')`);
    const found = await cloud.client.send(planeHosts.graph, "GET", `/v1.0/servicePrincipals?$filter=${filter}`, {
      headers: { authorization: `Bearer ${await cloud.client.operatorToken("graph")}` },
    });
    assert.equal(JSON.parse(found.text).value[0]?.id, identity.properties.principalId);
  });
});
