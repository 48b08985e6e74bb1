/** Signatures by delegation: who must be there for them, who must show them, and what a request must hold. Each is made by the JavaScript SDK. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  type BlobSASSignatureValues,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
} from "@azure/storage-blob";
import { put, remove } from "../../state/change.ts";
import { blockBlob, delegatedKey, later, withBlobs } from "../testing/sample-signatures.ts";
import { now, people, startTrialSurface, tenantId, tokenOf } from "../testing/trial-surface.ts";
import { delegationKey } from "./delegation-key.ts";

const reads = { containerName: "box", permissions: ContainerSASPermissions.parse("rl"), expiresOn: later };

function sign(values: Partial<BlobSASSignatureValues>, key: Record<string, unknown> = {}): string {
  const whole = { ...reads, ...values } as BlobSASSignatureValues;
  return generateBlobSASQueryParameters(whole, { ...delegatedKey(people.reader), ...key }, "acct").toString();
}

async function start(test: TestContext) {
  const trial = await withBlobs(await startTrialSurface(test));
  const read = async (sas: string, headers: Record<string, string> = {}, more = "") => {
    const { code, status } = await trial.send("GET", `/box/b?${sas}${more}`, { as: null, headers });
    return code ?? status;
  };
  return { ...trial, read };
}

test("what somebody signed is worth nothing when they are disabled or gone", async (test) => {
  const { model, read } = await start(test);
  const sas = sign({});
  assert.equal(await read(sas), 200);
  const signer = model.servicePrincipals.get(people.reader)!;
  model.apply(put("servicePrincipal", { ...signer, accountEnabled: false }));
  assert.equal(await read(sas), "AuthenticationFailed");
  model.apply(put("servicePrincipal", signer));
  assert.equal(await read(sas), 200);
  model.apply(remove("servicePrincipal", signer.id));
  assert.equal(await read(sas), "AuthenticationFailed");
});

test("a signature that is bound to a user is shown by them, with a token", async (test) => {
  const { read } = await start(test);
  const bearer = (who: string) => ({ authorization: tokenOf(who) });
  for (const version of ["2025-07-05", "2026-04-06", "2026-10-06"]) {
    const sas = sign({ delegatedUserObjectId: people.nobody, version });
    assert.equal(await read(sas, bearer(people.nobody)), 200, version);
    assert.equal(await read(sas), "AuthenticationFailed");
    // Not even by whoever signed, or may everything.
    for (const who of [people.reader, people.operator])
      assert.equal(await read(sas, bearer(who)), "AuthenticationFailed");
    for (const token of ["x.expired.x", "x.signature.x", "x.audience.x", "x.gone.x"])
      assert.equal(await read(sas, { authorization: `Bearer ${token}` }), "InvalidAuthenticationInfo", token);
    assert.equal(await read(sas, { authorization: "SharedKey acct:AAAA" }), "InvalidAuthenticationInfo");
  }
  const bound = new URLSearchParams(sign({ delegatedUserObjectId: people.nobody }));
  bound.set("sduoid", people.operator);
  assert.equal(await read(bound.toString(), bearer(people.operator)), "AuthenticationFailed");
  bound.delete("sduoid");
  assert.equal(await read(bound.toString()), "AuthenticationFailed");
  assert.equal(await read(sign({}), bearer(people.operator)), "InvalidAuthenticationInfo", "bound to nobody");
  const older = `${sign({ version: "2020-12-06" })}&sduoid=${people.nobody}`;
  assert.equal(await read(older, bearer(people.nobody)), "AuthenticationFailed");
});

test("a bound signature gives what the signer may, whatever its user may", async (test) => {
  const { send } = await start(test);
  const permissions = ContainerSASPermissions.parse("rw");
  const sas = sign({ delegatedUserObjectId: people.operator, permissions });
  const headers = { ...blockBlob, authorization: tokenOf(people.operator) };
  assert.equal((await send("GET", `/box/b?${sas}`, { as: null, headers })).status, 200);
  assert.equal(
    (await send("PUT", `/box/b?${sas}`, { as: null, headers, body: "x" })).code,
    "AuthorizationPermissionMismatch",
  );
});

test("a key for users of a tenant is another key, and there are users of this tenant only", async (test) => {
  const { read, send } = await start(test);
  const authorization = tokenOf(people.nobody);
  const body = `<KeyInfo><Start>2026-01-02T00:00:00Z</Start><Expiry>2026-01-03T00:00:00Z</Expiry><DelegatedUserTid>${tenantId}</DelegatedUserTid></KeyInfo>`;
  const given = await send("POST", "/?restype=service&comp=userdelegationkey", { body });
  assert.match(given.text, new RegExp(`<SignedDelegatedUserTid>${tenantId}</SignedDelegatedUserTid>`));
  const other = body.replace(`<DelegatedUserTid>${tenantId}`, "<DelegatedUserTid>contoso");
  assert.equal(
    (await send("POST", "/?restype=service&comp=userdelegationkey", { body: other })).code,
    "InvalidXmlNodeValue",
  );
  const keyFor = (tenant: string) => {
    const plain = delegatedKey(people.reader);
    const terms = { objectId: people.reader, tenantId, version: plain.signedVersion, delegatedTenantId: tenant };
    const [startMs, expiryMs] = [plain.signedStartsOn.getTime(), plain.signedExpiresOn.getTime()];
    const secret = Buffer.alloc(32, 3).toString("base64");
    return { signedDelegatedUserTenantId: tenant, value: delegationKey(secret, { ...terms, startMs, expiryMs }) };
  };
  const forUser = { delegatedUserObjectId: people.nobody };
  assert.equal(await read(withTenant(sign(forUser, keyFor(tenantId)), tenantId), { authorization }), 200);
  const elsewhere = "99999999-1111-4111-8111-111111111111";
  assert.equal(
    await read(withTenant(sign(forUser, keyFor(elsewhere)), elsewhere), { authorization }),
    "AuthenticationFailed",
  );
  const { value } = delegatedKey(people.reader);
  const mixed = sign(forUser, { ...keyFor(tenantId), value });
  assert.equal(await read(withTenant(mixed, tenantId), { authorization }), "AuthenticationFailed");
});

/** Where the SDK leaves the tenant out of the URL. */
function withTenant(sas: string, tenant: string): string {
  const query = new URLSearchParams(sas);
  query.set("skdutid", tenant);
  return query.toString();
}

test("a signature that names headers and parameters holds for requests that have them so", async (test) => {
  const { read } = await start(test);
  const requestHeaders = { "x-ms-client-request-id": "job 7", "x-ms-range": "bytes=0-0" };
  const sas = sign({ requestHeaders, requestQueryParameters: { comp: "", timeout: "30" } });
  const right = "&comp=&timeout=30";
  assert.equal(await read(sas, requestHeaders, right), 206);
  assert.equal(await read(sas, requestHeaders, "&COMP=&Timeout=30"), 206);
  assert.equal(await read(sas, { ...requestHeaders, "x-ms-range": "bytes=0-9" }, right), "AuthenticationFailed");
  assert.equal(await read(sas, { "x-ms-client-request-id": "job 7" }, right), "AuthenticationFailed");
  assert.equal(await read(sas, requestHeaders, "&comp=&timeout=31"), "AuthenticationFailed");
  assert.equal(await read(sas, requestHeaders, "&timeout=30"), "AuthenticationFailed");
  for (const name of ["srh", "srq"]) {
    const query = new URLSearchParams(sas);
    query.delete(name);
    assert.equal(await read(query.toString(), requestHeaders, right), "AuthenticationFailed", name);
    query.set(name, "a:b\nc");
    assert.equal(await read(query.toString(), requestHeaders, right), "AuthenticationFailed", name);
  }
  // A parameter of the signature is none of the request's.
  assert.equal(await read(`${sign({})}&srq=sp`), "AuthenticationFailed");
  assert.equal(await read(`${sign({ version: "2025-07-05" })}&srh=x-ms-version`), "AuthenticationFailed");
});

test("the time of a key is looked at, even where its signature is good", async (test) => {
  const { read } = await start(test);
  const day = 24 * 60 * 60 * 1000;
  const keyOf = (fromMs: number, toMs: number) =>
    delegatedKey(people.reader, {
      startsOn: new Date(now.getTime() + fromMs),
      expiresOn: new Date(now.getTime() + toMs),
    });
  assert.equal(await read(sign({}, keyOf(-day, day))), 200);
  assert.equal(await read(sign({}, keyOf(-2 * day, -day))), "AuthenticationFailed");
  assert.equal(await read(sign({}, keyOf(day, 2 * day))), "AuthenticationFailed");
});
