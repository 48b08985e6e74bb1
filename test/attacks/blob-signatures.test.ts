/**
 * Signatures as a way past a gateway that decides by URLs: whoever holds a small one tries for more, at each address of the real server. Nothing kept
 * may be read, and nothing may be changed.
 */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, test } from "node:test";
import {
  AccountSASPermissions,
  BlobSASPermissions,
  generateAccountSASQueryParameters,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from "@azure/storage-blob";
import { assignRole, createApp, planeScopes, roleIds } from "../support/plane-client.ts";
import {
  account,
  armKeys,
  assertRefused,
  bearer,
  blockBlob,
  everything,
  GateWorld,
  hostOf,
  openText,
  other,
  past,
  secret,
  soon,
  ways,
} from "./gate-world.ts";

const readBlob = { blobName: "letter", permissions: BlobSASPermissions.parse("r") };

let world: GateWorld;
before(async () => {
  world = await GateWorld.start();
});
after(() => world.end());

for (const way of ways) {
  describe(`signatures, ${way}`, () => {
    const get = (target: string, sas: string, headers: Record<string, string> = {}, at: string = account) =>
      world.send(way, "GET", `${target}${target.includes("?") ? "&" : "?"}${sas}`, { headers }, at);

    test("one of a blob opens it, and no other by any spelling", async () => {
      const sas = world.sas(readBlob);
      assert.equal((await get("/open/letter", sas)).text, openText);
      for (const target of [
        "/closed/letter",
        "/open/../closed/letter",
        "/open/%2e%2e/closed/letter",
        "/open%2F..%2Fclosed%2Fletter",
        "/open/letter/../../closed/letter",
        "/open/..%5c..%5cclosed%5cletter",
        "//closed/letter",
        "//open/letter",
        "/open//letter",
        "/closed//open/letter",
        "/%63losed/letter",
        "/closed/letter?container=open",
        "/closed/letter?comp=&restype=",
        "/open/letter%00",
        "/open/letter/",
        "/open/LETTER",
        "/open/letter%20",
        "/open/letter%2f",
        "/open/letter?snapshot=2026-01-01T00:00:00.0000000Z",
        "/open?restype=container&comp=list",
        "/?comp=list",
      ]) {
        assertRefused(await get(target, sas), target);
      }
      assertRefused(await get("/open/letter", sas, {}, other), "the other account");
    });

    test("one of a container opens its blobs, and no other container", async () => {
      const sas = world.sas(everything);
      assert.equal((await get("/open/letter", sas)).status, 200);
      assert.equal((await get("/open?restype=container&comp=list", sas)).status, 200);
      for (const target of [
        "/closed/letter",
        "/closed?restype=container&comp=list",
        "/open/../closed?restype=container&comp=list",
        "/open%2F..%2Fclosed?restype=container&comp=list",
        "/open?restype=container&comp=acl",
        "/?comp=list",
      ]) {
        assertRefused(await get(target, sas), target);
      }
      for (const method of ["PUT", "DELETE"]) {
        const headers = blockBlob;
        const target = `/open/../closed/letter?${sas}`;
        assertRefused(await world.send(way, method, target, { headers, body: "x" }), `${method} ${target}`);
        assertRefused(
          await world.send(way, method, `/closed/letter?${sas}`, { headers, body: "x" }),
          `${method} closed`,
        );
      }
    });

    test("expired, early, of another key, of another account, from elsewhere, over another protocol", async () => {
      const elsewhere = { ipRange: { start: "198.51.100.1", end: "198.51.100.9" } };
      const spoofed = { "x-forwarded-for": "198.51.100.1", forwarded: "for=198.51.100.1", "x-real-ip": "198.51.100.1" };
      const stranger = new StorageSharedKeyCredential(account, Buffer.alloc(64, 1).toString("base64"));
      const ofStranger = { containerName: "open", expiresOn: soon, ...readBlob };
      for (const [what, sas] of [
        ["expired", world.sas({ ...readBlob, expiresOn: past })],
        ["early", world.sas({ ...readBlob, startsOn: soon })],
        ["another key", generateBlobSASQueryParameters(ofStranger, stranger).toString()],
        ["another account", world.sas(readBlob, other)],
        ["sip", world.sas({ ...readBlob, ...elsewhere })],
        ["spr", world.sas(readBlob).replace("sv=", "spr=http&sv=")],
        ["no letter", world.sas({ ...readBlob, permissions: BlobSASPermissions.parse("w") })],
      ] as const) {
        assertRefused(await get("/open/letter", sas), what);
        assertRefused(await get("/open/letter", sas, spoofed), `${what}, with a false address`);
      }
      const protocol = { ...readBlob, protocol: SASProtocol.Https, ipRange: { start: "127.0.0.1" } };
      assert.equal((await get("/open/letter", world.sas(protocol))).status, 200);
    });

    test("parameters that come twice, however they are written, and ones that were changed", async () => {
      const sas = world.sas(readBlob);
      for (const more of [
        "sp=rwdl",
        "SP=rwdl",
        "%73p=rwdl",
        "sr=c",
        "Sr=c",
        "se=2099-01-01T00%3A00%3A00Z",
        "sig=AAAA",
        "sip=0.0.0.0-255.255.255.255",
        "si=policy",
        "skoid=00000000-0000-4000-8000-000000000001",
        "ss=b&srt=sco",
        "sdd=1",
      ]) {
        assertRefused(await get("/open/letter", `${sas}&${more}`), more);
        assertRefused(await get("/open/letter", `${more}&${sas}`), more);
      }
      const container = new URLSearchParams(sas);
      container.set("sr", "c");
      assertRefused(await get("/open?restype=container&comp=list", container.toString()), "sr");
      assertRefused(await get("/open/letter", container.toString()), "sr");
    });

    test("of an account: services, types and letters hold, and it is of that account", async () => {
      const sas = (resourceTypes: string, permissions: string, services = "b", of: string = account) =>
        generateAccountSASQueryParameters(
          { services, resourceTypes, permissions: AccountSASPermissions.parse(permissions), expiresOn: soon },
          world.credential(of),
        ).toString();
      assert.equal((await get("/closed/letter", sas("o", "r"))).text, secret);
      assert.equal((await world.send(way, "GET", `/closed/letter?${sas("sco", "rl", "q")}`)).status, 403);
      assertRefused(await get("/closed/letter", sas("sc", "rl")), "types");
      assertRefused(await get("/closed/letter", sas("sco", "wdl")), "letters");
      assertRefused(await get("/closed/letter", sas("sco", "rwdl", "b", other)), "another account");
      assertRefused(await get("/closed/letter", sas("sco", "rwdl"), {}, other), "at another account");
    });

    test("with a stored policy, until it is revoked", async () => {
      const policies = (inner: string) =>
        world.must("PUT", "/open?restype=container&comp=acl", {
          body: `<?xml version="1.0" encoding="utf-8"?><SignedIdentifiers>${inner}</SignedIdentifiers>`,
        });
      const policy = `<SignedIdentifier><Id>readers</Id><AccessPolicy><Expiry>${soon.toISOString()}</Expiry><Permission>r</Permission></AccessPolicy></SignedIdentifier>`;
      await policies(policy);
      const sas = generateBlobSASQueryParameters(
        { containerName: "open", blobName: "letter", identifier: "readers" },
        world.credential(),
      ).toString();
      assert.equal((await get("/open/letter", sas)).status, 200);
      for (const more of ["sp=rwd", `se=${encodeURIComponent(soon.toISOString())}`, "si=others", "SI=readers"]) {
        assertRefused(await get("/open/letter", `${sas}&${more}`), more);
      }
      assertRefused(await get("/closed/letter", sas), "another container, which has no such policy");
      await policies("");
      assertRefused(await get("/open/letter", sas), "revoked");
    });

    test("by delegation: worth what the signer may do, gone with the role and with the keys", async () => {
      const body = `<?xml version="1.0" encoding="utf-8"?><KeyInfo><Start>${past.toISOString().slice(0, 19)}Z</Start><Expiry>${soon.toISOString().slice(0, 19)}Z</Expiry></KeyInfo>`;
      const app = await createApp(world.cloud.client, `signer ${way}`);
      const assignment = randomUUID();
      await assignRole(world.cloud.client, assignment, world.accountId, roleIds.blobDataReader, app.principalId);
      const token = await world.cloud.client.token(app.appId, app.secret, planeScopes.blob);
      const keyOf = async (): Promise<UserDelegationKey> => {
        const answer = await world.send(way, "POST", "/?restype=service&comp=userdelegationkey", {
          headers: bearer(token),
          body,
        });
        assert.equal(answer.status, 200, answer.text);
        const text = (name: string) => new RegExp(`<${name}>([^<]*)<`).exec(answer.text)![1]!;
        return {
          signedObjectId: text("SignedOid"),
          signedTenantId: text("SignedTid"),
          signedStartsOn: new Date(text("SignedStart")),
          signedExpiresOn: new Date(text("SignedExpiry")),
          signedService: text("SignedService"),
          signedVersion: text("SignedVersion"),
          value: text("Value"),
        };
      };
      const key = await keyOf();
      const sign = (containerName: string) =>
        generateBlobSASQueryParameters({ containerName, expiresOn: soon, ...everything }, key, account).toString();
      assert.equal((await get("/closed/letter", sign("closed"))).text, secret);
      const refusedWrite = await world.send(way, "DELETE", `/closed/letter?${sign("closed")}`);
      assert.equal(refusedWrite.status, 403, refusedWrite.text);
      assertRefused(await get("/closed/letter", sign("open")), "another container");
      assertRefused(await get("/closed/letter", sign("closed"), {}, other), "another account");
      for (const [name, value] of [
        ["skoid", world.writerPrincipal],
        ["ske", "2099-01-01T00:00:00Z"],
        ["sks", "q"],
      ] as const) {
        const changed = new URLSearchParams(sign("closed"));
        changed.set(name, value);
        assertRefused(await get("/closed/letter", changed.toString()), name);
      }
      await world.cloud.client.must(
        "arm",
        "DELETE",
        `${world.accountId}/providers/Microsoft.Authorization/roleAssignments/${assignment}?api-version=2022-04-01`,
      );
      assertRefused(await get("/closed/letter", sign("closed")), "without the role");
      await assignRole(world.cloud.client, randomUUID(), world.accountId, roleIds.blobDataReader, app.principalId);
      assert.equal((await get("/closed/letter", sign("closed"))).status, 200);
      await world.cloud.client.must("arm", "POST", `${world.accountId}/revokeUserDelegationKeys?${armKeys}`);
      assertRefused(await get("/closed/letter", sign("closed")), "revoked");
    });

    test("a token beside a signature is not chosen between, nor is what says to be another request", async () => {
      const sas = world.sas({ ...everything });
      assertRefused(await get("/open/letter", sas, bearer(world.writerToken)), "both");
      for (const name of ["x-http-method", "x-http-method-override", "x-method-override"]) {
        for (const headers of [
          { [name]: "DELETE" },
          { [name.toUpperCase()]: "DELETE", ...bearer(world.writerToken) },
        ]) {
          const target = "authorization" in headers ? "/open/letter" : `/open/letter?${sas}`;
          assertRefused(await world.send(way, "GET", target, { headers }), name);
          assertRefused(await world.send(way, "POST", target, { headers }), name);
        }
      }
      for (const more of ["_method=DELETE", "x-http-method=DELETE", "method=DELETE", "x-ms-blob-type=BlockBlob"]) {
        const { status, text } = await get(`/open/letter?${more}`, sas);
        assert.ok(status === 400 || (status === 200 && text === openText), `${more}: ${status}`);
      }
      for (const headers of [
        { "x-original-url": "/closed/letter" },
        { "x-rewrite-url": "/closed/letter" },
        { "x-forwarded-path": "/closed/letter" },
        { "x-forwarded-host": hostOf(other) },
        { "x-host": hostOf(other) },
        { "x-ms-original-url": `https://${hostOf(account)}/closed/letter` },
      ]) {
        const { status, text } = await world.send(way, "GET", `/open/letter?${sas}`, { headers });
        assert.deepEqual([status, text], [200, openText], JSON.stringify(headers));
      }
    });
  });
}
