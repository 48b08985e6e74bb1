/** What a genuine token says, and that a remembered one is judged again each time. Forged ones: forged-tokens.test.ts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { put } from "../state/change.ts";
import { KeyRing } from "./key-ring.ts";
import { ids, sampleTime, servicePrincipal, user } from "./sample-directory.ts";
import { signToken } from "./signer.ts";
import { armName, decode, encode, faultOf, forge, key, makeWorld, strangersKey, takeApart } from "./trial-tokens.ts";
import { clockSkewSeconds, createTokenVerifier } from "./verifier.ts";

test("a genuine application's token says who it is", async () => {
  const { verify, token } = await makeWorld();
  const { claims: _, ...verified } = verify(token);
  assert.deepEqual(verified, {
    principalId: ids.appPrincipal,
    appId: ids.app,
    tenantId: ids.tenant,
    kind: "app",
    audience: armName,
    scopes: [],
    roles: [],
    expiresAt: 1_772_370_000,
    issuedAt: 1_772_366_100,
    notBefore: 1_772_366_100,
    issuer: `https://sts.windows.net/${ids.tenant}/`,
    keyId: key.kid,
    isContinuous: false,
  });
  assert.equal(verified.expiresAt * 1000, sampleTime.getTime() + 3_600_000);
});

test("a genuine person's token carries its permissions", async () => {
  const { verify, service, resource } = await makeWorld();
  const client = { appId: ids.app, displayName: "Notes", proof: "0" } as const;
  const { token } = await service.issueUserToken({ user, client, resource, scopes: ["a", "b"] });
  const verified = verify(token);
  assert.deepEqual([verified.kind, verified.principalId, verified.scopes], ["user", ids.user, ["a", "b"]]);
});

test("a head that is remembered speaks for no other token, and for no later time", async () => {
  const { model, ports, verify, token } = await makeWorld();
  const headKey = {};
  const { header, claims, headerPart, payloadPart, signaturePart } = takeApart(token);
  for (let times = 0; times < 3; times += 1) assert.equal(verify(token, headKey).principalId, ids.appPrincipal);
  const forgeries = [
    [`${token.slice(0, -8)}${signaturePart.slice(-8) === "AAAAAAAA" ? "BBBBBBBB" : "AAAAAAAA"}`, "token-signature"],
    [`${headerPart}.${encode({ ...claims, oid: ids.user })}.${signaturePart}`, "token-signature"],
    [forge(header, claims, strangersKey), "token-signature"],
    [`${headerPart}.${payloadPart}.`, "token-signature"],
    ["", "token-malformed"],
  ] as const;
  for (const [forged, fault] of forgeries) {
    assert.equal(faultOf(() => verify(forged, headKey)).kind, fault);
    assert.equal(verify(token, headKey).principalId, ids.appPrincipal);
  }
  model.apply(put("servicePrincipal", { ...servicePrincipal, accountEnabled: false }));
  assert.equal(faultOf(() => verify(token, headKey)).kind, "token-principal");
  model.apply(put("servicePrincipal", servicePrincipal));
  assert.equal(verify(token, headKey).principalId, ids.appPrincipal);
  ports.time = new Date(sampleTime.getTime() + (3_600 + clockSkewSeconds) * 1000);
  assert.equal(faultOf(() => verify(token, headKey)).kind, "token-expired");
});

test("an id token is no access token, even where its audience would be taken", async () => {
  const { service, model, ports } = await makeWorld();
  const openIdScopes = new Set(["openid", "profile"]);
  const verifier = createTokenVerifier({ keyRing: new KeyRing([key], ports), model, ports });
  for (const version of ["1.0", "2.0"] as const) {
    const token = await service.issueIdToken({ version, user, clientId: ids.app, openIdScopes });
    assert.equal(faultOf(() => verifier.verify(token, () => true)).kind, "token-claims");
  }
});

test("a remembered token is judged again: by the clock", async () => {
  const { verify, token, ports } = await makeWorld();
  const expiresAt = verify(token).expiresAt;
  ports.time = new Date((expiresAt + clockSkewSeconds) * 1000 - 1);
  verify(token);
  ports.time = new Date((expiresAt + clockSkewSeconds) * 1000);
  assert.deepEqual(
    faultOf(() => verify(token)),
    { kind: "token-expired", expiredAt: new Date(expiresAt * 1000) },
  );
  ports.time = new Date(sampleTime.getTime() - 600_001);
  assert.equal(faultOf(() => verify(token)).kind, "token-not-yet-valid");
});

test("a remembered token is judged again: by whom it is shown to", async () => {
  const { model, ports, token } = await makeWorld();
  const verifier = createTokenVerifier({ keyRing: new KeyRing([key], ports), model, ports });
  verifier.verify(token, () => true);
  assert.equal(faultOf(() => verifier.verify(token, () => false)).kind, "token-audience");
});

test("a remembered token is judged again: by the directory, for applications and people", async () => {
  const { model, verify, token, service, resource } = await makeWorld();
  const client = { appId: ids.app, displayName: "Notes", proof: "0" } as const;
  const { token: personal } = await service.issueUserToken({ user, client, resource, scopes: ["x"] });
  verify(token);
  verify(personal);
  model.apply(put("servicePrincipal", { ...servicePrincipal, accountEnabled: false }));
  model.apply(put("user", { ...user, accountEnabled: false }));
  assert.deepEqual(
    faultOf(() => verify(token)),
    { kind: "token-principal", principalId: ids.appPrincipal },
  );
  assert.deepEqual(
    faultOf(() => verify(personal)),
    { kind: "token-principal", principalId: ids.user },
  );
  model.apply(put("servicePrincipal", servicePrincipal));
  model.apply(put("user", user));
  verify(token);
  verify(personal);
  model.apply({ kind: "servicePrincipal", op: "delete", key: ids.appPrincipal });
  model.apply({ kind: "user", op: "delete", key: ids.user });
  assert.equal(faultOf(() => verify(token)).kind, "token-principal");
  assert.equal(faultOf(() => verify(personal)).kind, "token-principal");
});

test("a token signed by the previous key still holds while that key is in the ring", async () => {
  const { model, ports, token } = await makeWorld();
  const rotated = createTokenVerifier({ keyRing: new KeyRing([strangersKey, key], ports), model, ports });
  assert.equal(rotated.verify(token, () => true).principalId, ids.appPrincipal);
  const claims = decode(token.split(".")[1]!);
  const fresh = await signToken(strangersKey, "1.0", claims);
  assert.equal(rotated.verify(fresh, () => true).principalId, ids.appPrincipal);
});
