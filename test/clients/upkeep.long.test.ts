/**
 * What an operator does to tokens, seen by az as it is: a session is revoked and az is challenged and says what to do; signing keys rotate and
 * nobody notices; a secret is replaced without a gap, by its last use.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Az, freshAz, loginArguments } from "./az.ts";
import { type Cloud, startCloud } from "./cloud.ts";
import { assertRefused, assertSucceeded } from "./execution.ts";
import { az245, az274 } from "./installed.ts";
import { createApp } from "./seed.ts";

interface Key {
  readonly kid: string;
  readonly state: string;
}
interface Secret {
  readonly appId: string;
  readonly keyId: string;
  readonly daysLeft: number;
  readonly lastUsedDateTime: string | null;
}

function partOf(token: string, index: number): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[index]!, "base64url").toString());
}

for (const installation of [az245, az274]) {
  describe(installation.name, { skip: installation.skip }, () => {
    let cloud: Cloud;
    let az: Az;
    before(async () => {
      cloud = await startCloud();
      az = await freshAz(cloud, installation);
    });
    after(() => cloud?.stop());

    const signIn = async () => {
      const { username, password } = await cloud.credentials("operator");
      assert.ok(username !== undefined && password !== undefined);
      return az.text("login", "-u", username, "-p", password, "-o", "none");
    };
    const token = () => az.text("account", "get-access-token", "--query", "accessToken", "-o", "tsv");

    it("gets tokens of 24 hours, and keeps them while nothing is revoked", async () => {
      await signIn();
      const { exp, iat, xms_cc } = partOf(await token(), 1);
      assert.deepEqual([Number(exp) - Number(iat), xms_cc], [86_700, ["CP1"]]);
      assert.equal(await az.text("group", "list", "-o", "tsv"), "");
    });

    it("is challenged at once when the sessions are revoked, and asks the person to sign in again", async () => {
      const revoke = "https://graph.microsoft.com/v1.0/me/revokeSignInSessions";
      await az.text("rest", "--method", "post", "--url", revoke, "-o", "none");
      // 2.45 repeats what Entra answered to the challenge, 2.74 what Resource Manager said first.
      await az.refused(/AADSTS50173[\s\S]*az logout|User session has been revoked/, "group", "list");
      await az.refused(/TokenIssuedBeforeRevocationTimestamp/, "ad", "app", "list");
      await az.text("logout");
      await signIn();
      assert.equal(await az.text("group", "list", "-o", "tsv"), "");
    });

    it("does not notice that the signing key was rotated", async () => {
      const before = await token();
      const [old] = await cloud.posternJson<Key[]>("keys", "list", "--output", "json");
      const keys = await cloud.posternJson<Key[]>("keys", "rotate", "--now", "--output", "json");
      assert.deepEqual(
        keys.map(({ state }) => state),
        ["retired", "current"],
      );
      assert.equal(partOf(before, 0).kid, old!.kid);
      assert.equal(await az.text("group", "list", "-o", "tsv"), "", "the token it keeps still holds");
      await signIn();
      const { appId, password, tenant } = await createApp(cloud, "signs-anew");
      const app = await freshAz(cloud, installation);
      await app.text(...loginArguments(appId, password, tenant), "-o", "none");
      const fresh = await app.text("account", "get-access-token", "--query", "accessToken", "-o", "tsv");
      assert.equal(partOf(fresh, 0).kid, keys[1]!.kid);
    });

    it("signs in with the old secret and the new one, until the old one is removed", async () => {
      const { appId, password, tenant } = await createApp(cloud, "two-secrets");
      // A fresh az each time: MSAL keeps the app's token and would not ask with another secret.
      const signInWith = async (secret: string) => {
        const app = await freshAz(cloud, installation);
        return app.run(...loginArguments(appId, secret, tenant), "-o", "none");
      };
      const secrets = async () =>
        (await cloud.posternJson<Secret[]>("secrets", "list", "--output", "json")).filter((one) => one.appId === appId);
      assertSucceeded(await signInWith(password));
      const [first] = await secrets();
      assert.ok(first!.lastUsedDateTime !== null && first!.daysLeft > 300);
      const reset = ["ad", "app", "credential", "reset", "--id", appId, "--append", "--query", "password", "-o", "tsv"];
      const next = await az.text(...reset);
      const second = (await secrets()).find(({ keyId }) => keyId !== first!.keyId)!;
      assert.equal(second.lastUsedDateTime, null, "nothing has used it yet: the old one must stay");
      assertSucceeded(await signInWith(next));
      assert.ok((await secrets()).every(({ lastUsedDateTime }) => lastUsedDateTime !== null));
      await az.text("ad", "app", "credential", "delete", "--id", appId, "--key-id", first!.keyId);
      assertRefused(await signInWith(password), /AADSTS7000215/);
      assertSucceeded(await signInWith(next));
    });
  });
}
