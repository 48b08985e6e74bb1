import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { put } from "../state/change.ts";
import type { Guid } from "../state/identifiers.ts";
import { findResource, type Resource } from "./audiences.ts";
import { encodeChallenge } from "./continuous-access.ts";
import { openKeyKeeper } from "./key-keeper.ts";
import { makeMarks, readMomentOfIssue } from "./marks.ts";
import {
  application,
  ids,
  makeSampleModel,
  SamplePorts,
  sampleTime,
  servicePrincipal,
  user,
  withStateFolder,
} from "./sample-directory.ts";
import { openSealer } from "./sealer.ts";
import { createTokenService } from "./service.ts";
import { TokenRefusal } from "./token.ts";
import { createTokenVerifier } from "./verifier.ts";

const arm = "https://management.azure.com";
const graph = "https://graph.microsoft.com";
const storage = "https://storage.azure.com";
const asked = { canHandleChallenge: true, notBefore: undefined };
const client = { appId: ids.app, displayName: "Notes", proof: "0" } as const;
const nowSeconds = sampleTime.getTime() / 1000;

const { ring, sealer } = await withStateFolder(async (stateDir) => {
  const ports = new SamplePorts();
  return { ring: (await openKeyKeeper({ stateDir, ports })).ring, sealer: openSealer(stateDir, ports) };
});

function makeWorld() {
  const ports = new SamplePorts();
  const model = makeSampleModel();
  const service = createTokenService({ keyRing: ring, sealer, model, ports });
  const verifier = createTokenVerifier({ keyRing: ring, model, ports });
  const forApp = async (name: string, what = asked) => {
    const resource = findResource(model, name, []) as Resource;
    return (await service.issueAppToken({ servicePrincipal, resource, proof: "1", asked: what })).token;
  };
  const forUser = async (name: string, what = asked) => {
    const resource = findResource(model, name, []) as Resource;
    return (await service.issueUserToken({ user, client, resource, scopes: ["x"], asked: what })).token;
  };
  const faultOf = (token: string) => {
    try {
      verifier.verify(token, () => true);
      return undefined;
    } catch (cause) {
      assert.ok(cause instanceof TokenRefusal, String(cause));
      return cause.fault;
    }
  };
  const passMs = (ms: number) => {
    ports.time = new Date(ports.time.getTime() + ms);
  };
  return { ports, model, forApp, forUser, faultOf, passMs };
}

function lifeOf(token: string): { readonly seconds: number; readonly capabilities: unknown } {
  const claims = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());
  return { seconds: claims.exp - claims.iat, capabilities: claims.xms_cc };
}

test("long lives go to people at Resource Manager and Graph, to applications at Graph alone", async () => {
  const { forApp, forUser } = makeWorld();
  const long = { seconds: 86_700, capabilities: ["CP1"] };
  const short = { seconds: 3900, capabilities: ["CP1"] };
  assert.deepEqual(lifeOf(await forUser(arm)), long);
  assert.deepEqual(lifeOf(await forUser(`${graph}/`)), long);
  assert.deepEqual(lifeOf(await forUser(storage)), short);
  assert.deepEqual(lifeOf(await forApp(graph)), long);
  assert.deepEqual(lifeOf(await forApp(arm)), short);
  const plain = { canHandleChallenge: false, notBefore: undefined };
  assert.deepEqual(lifeOf(await forUser(arm, plain)), { seconds: 3900, capabilities: undefined });
});

test("an application's own API learns what the client can handle when it asks to, and its tokens stay short", async () => {
  const { model, forApp } = makeWorld();
  assert.deepEqual(lifeOf(await forApp(ids.app)), { seconds: 3900, capabilities: undefined });
  const claim = { name: "xms_cc", source: null, essential: false, additionalProperties: [] };
  model.apply(
    put("application", { ...application, optionalClaims: { idToken: [], accessToken: [claim], saml2Token: [] } }),
  );
  assert.deepEqual(lifeOf(await forApp(ids.app)), { seconds: 3900, capabilities: ["CP1"] });
});

test("each documented event ends a person's long-lived token at once, and says what a new one must satisfy", async () => {
  const { model, forUser, faultOf, ports, passMs } = makeWorld();
  const token = await forUser(arm);
  assert.equal(faultOf(token), undefined);
  passMs(60_000);
  const revokedAt = ports.time.toISOString();
  const revoked = { kind: "token-revoked", requiredNotBefore: nowSeconds + 60 };
  model.apply(put("user", { ...user, signInSessionsValidFromDateTime: revokedAt }));
  assert.deepEqual(faultOf(token), revoked, "sessions revoked, or the password changed");
  model.apply(put("user", { ...user, accountEnabled: false }));
  assert.deepEqual(faultOf(token), revoked, "disabled");
  model.apply({ kind: "user", op: "delete", key: ids.user });
  assert.deepEqual(faultOf(token), revoked, "deleted");
});

test("a token of after a revocation holds, to the millisecond, though its iat lies before", async () => {
  const { model, forUser, faultOf, ports, passMs } = makeWorld();
  const before = await forUser(arm);
  passMs(1);
  model.apply(put("user", { ...user, signInSessionsValidFromDateTime: ports.time.toISOString() }));
  const atThatMoment = await forUser(arm);
  assert.equal(faultOf(before)?.kind, "token-revoked");
  assert.equal(faultOf(atThatMoment), undefined);
});

test("a short-lived token is not ended by a revocation: its client could not be told", async () => {
  const { model, forUser, faultOf, ports, passMs } = makeWorld();
  const plain = await forUser(arm, { canHandleChallenge: false, notBefore: undefined });
  const atStorage = await forUser(storage);
  passMs(60_000);
  model.apply(put("user", { ...user, signInSessionsValidFromDateTime: ports.time.toISOString() }));
  assert.equal(faultOf(plain), undefined);
  assert.equal(faultOf(atStorage), undefined);
  model.apply(put("user", { ...user, accountEnabled: false }));
  assert.equal(faultOf(plain)?.kind, "token-principal");
});

test("a service principal disabled or deleted: its long-lived token is challenged, its others are refused", async () => {
  const { model, forApp, faultOf } = makeWorld();
  const [long, short] = [await forApp(graph), await forApp(arm)];
  model.apply(put("servicePrincipal", { ...servicePrincipal, accountEnabled: false }));
  assert.deepEqual(faultOf(long), { kind: "token-revoked", requiredNotBefore: nowSeconds });
  assert.equal(faultOf(short)?.kind, "token-principal");
  model.apply({ kind: "servicePrincipal", op: "delete", key: ids.appPrincipal });
  assert.equal(faultOf(long)?.kind, "token-revoked");
});

test("a secret that was removed ends no token: only the next sign-in fails, as in Entra", async () => {
  const { model, forApp, faultOf } = makeWorld();
  const token = await forApp(graph);
  model.apply(put("application", { ...application, passwordCredentials: [] }));
  assert.equal(faultOf(token), undefined);
});

test("a token that was asked not to be older says so, and never begins in the future", async () => {
  const { forUser } = makeWorld();
  const nbfOf = async (notBefore: number) => {
    const token = await forUser(arm, { canHandleChallenge: true, notBefore } as never);
    return JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()).nbf;
  };
  assert.equal(await nbfOf(nowSeconds - 10), nowSeconds - 10);
  assert.equal(await nbfOf(nowSeconds + 200), nowSeconds);
  assert.equal(await nbfOf(nowSeconds - 4000), nowSeconds - 300);
});

test("the challenge is the one Azure's clients know", () => {
  assert.equal(
    encodeChallenge(1726258122),
    "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwgInZhbHVlIjoiMTcyNjI1ODEyMiJ9fX0=",
  );
});

test("the moment of issue comes back out of rh, and out of nothing else", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date("2200-01-01"), noInvalidDate: true }), (time) => {
      const ports = { now: () => time, randomBytes: (sizeBytes: number) => Buffer.alloc(sizeBytes, 0xff) };
      const { revocationHint, tokenId } = makeMarks(ports);
      assert.equal(readMomentOfIssue(revocationHint), time.getTime());
      assert.match(tokenId, /^[A-Za-z0-9_-]{22}$/);
    }),
  );
  for (const other of [undefined, 5, "", "0.AXEA.", "1.A.", `1.A${"A".repeat(42)}.`, "1.AAg." as Guid]) {
    assert.equal(readMomentOfIssue(other), undefined);
  }
});
