/** Account keys, signatures and public access, by the JavaScript SDK: what each opens, and that a role bounds what its holder signs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Cloud, startCloud } from "./cloud.ts";
import { assertSucceeded } from "./execution.ts";
import { assignRole, BLOB_CONTRIBUTOR, BLOB_READER, callResourceManager, createApp, createPlace } from "./seed.ts";

const program = join(import.meta.dirname, "programs", "signatures.mjs");

/** What the program prints; the rest of it is compared whole. */
type Outcomes = { readonly properties: unknown; readonly delegatedRead: string; readonly delegatedWrite: string };

describe("keys and signatures by @azure/storage-blob", () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud?.stop());

  const accountPath = (scope: string, account: string) =>
    `${scope}/providers/Microsoft.Storage/storageAccounts/${account}`;
  const call = <T>(method: string, path: string, body?: object) =>
    callResourceManager<T>(cloud, method, `${path}?api-version=2024-01-01`, body);
  const exercise = async (name: string, role: string) => {
    const { account, scope } = await createPlace(cloud, `${name}-group`, `${name}data`);
    const { appId } = await createApp(cloud, name);
    await assignRole(cloud, appId, role, scope);
    const path = accountPath(scope, account);
    const { keys } = await call<{ keys: { value: string }[] }>("POST", `${path}/listKeys`);
    const run = () => cloud.run([process.execPath, program, account, keys[0]!.value], { as: name });
    return {
      path,
      run,
      outcomes: JSON.parse(assertSucceeded(await run()).stdout) as Outcomes,
    };
  };

  it("opens what each says", async () => {
    const { outcomes } = await exercise("signer", BLOB_CONTRIBUTOR);
    const { properties, ...opened } = outcomes;
    assert.deepEqual(properties, {
      cors: [
        {
          allowedOrigins: "https://app.example,https://*.example.org",
          allowedMethods: "GET,HEAD",
          allowedHeaders: "x-ms-*",
          exposedHeaders: "x-ms-request-id",
          maxAgeInSeconds: 300,
        },
      ],
      // The SDK hands on what it has no name of its own for.
      deleteRetentionPolicy: { enabled: true, days: 3, AllowPermanentDelete: "false" },
      tooMany: "InvalidXmlNodeValue",
      website: "ok",
    });
    assert.deepEqual(opened, {
      byKey: "by key",
      ofBlob: "by key",
      ofAccount: "by key",
      byPolicy: "by key",
      policies: [["readers", "r"]],
      delegatedRead: "by key",
      delegatedWrite: "ok",
      delegatedWithoutLetter: "AuthorizationPermissionMismatch",
      boundWithToken: "by key",
      boundWithoutToken: "AuthenticationFailed",
      boundToOthers: "AuthenticationFailed",
      anonymous: "NoAuthenticationInformation",
    });
  });

  it("signs no more than the signer may do; a new key and a closed account end it", async () => {
    const { path, run, outcomes } = await exercise("reader", BLOB_READER);
    assert.equal(outcomes.delegatedRead, "by key");
    assert.equal(outcomes.delegatedWrite, "AuthorizationPermissionMismatch");
    await call("PATCH", path, { properties: { allowSharedKeyAccess: false } });
    assert.match((await run()).stderr, /KeyBasedAuthenticationNotPermitted/);
    await call("PATCH", path, { properties: { allowSharedKeyAccess: true } });
    await call("POST", `${path}/regenerateKey`, { keyName: "key1" });
    const refused = await run();
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /AuthenticationFailed/);
  });
});
