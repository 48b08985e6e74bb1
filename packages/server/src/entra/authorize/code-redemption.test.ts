import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { put } from "../../state/change.ts";
import { firstPartyAppIds } from "../../state/first-party.ts";
import { claimsOf } from "../../tokens/sample-claims.ts";
import { ids, sampleTime } from "../../tokens/sample-directory.ts";
import type { TokenRefusal } from "../../tokens/token.ts";
import type { SamplePerson } from "../sample-person.ts";
import { type SampleServer, secrets } from "../sample-server.ts";
import {
  appRequest,
  armScope,
  challenge,
  cli,
  cliRedemption,
  cliRequest,
  codeOf,
  type Parameters,
  SampleClient,
  uris,
  verifier,
} from "./sample-client.ts";

let client: SampleClient;
let server: SampleServer;
let person: SamplePerson;
before(async () => {
  client = await SampleClient.start();
  server = client.server;
});
after(() => server.close());
beforeEach(() => {
  person = client.beginAnew();
});

const ask = (request: Parameters, change?: Parameters, tenant?: string) => client.ask(request, change, tenant);
const redeem: SampleClient["redeem"] = (...args) => client.redeem(...args);
const cliCode = (change?: Parameters) => client.cliCode(change);
const appCode = (change?: Parameters) => client.appCode(change);

describe("attack: codes", () => {
  test("a replayed code is refused with AADSTS54005, and ends what it gave", async () => {
    const code = await cliCode();
    const first = await redeem(cliRedemption(code));
    assert.equal(first.status, 200);
    const again = await redeem(cliRedemption(code));
    assert.deepEqual([again.status, again.body.error, again.body.error_codes], [400, "invalid_grant", [54005]]);
    const renewal = {
      grant_type: "refresh_token",
      client_id: cli,
      refresh_token: first.body.refresh_token,
      scope: armScope,
    };
    const renewed = await server.post(`/${ids.tenant}/oauth2/v2.0/token`, renewal);
    assert.deepEqual([renewed.status, renewed.body.error_codes], [400, [700007]]);
  });

  test("a replayed code, and a refresh token that comes back, end the long-lived access tokens of that sign-in", async () => {
    const claims = '{"access_token":{"xms_cc":{"values":["CP1"]}}}';
    const judge = (token: string) => {
      try {
        return server.cloud.verifier.verify(token, () => true).kind;
      } catch (cause) {
        return (cause as TokenRefusal).fault.kind;
      }
    };
    const code = await cliCode();
    const { access_token } = (await redeem({ ...cliRedemption(code), claims })).body;
    const other = (await redeem({ ...cliRedemption(await cliCode()), claims })).body;
    assert.equal(judge(access_token), "user");
    await redeem(cliRedemption(code));
    assert.equal(judge(access_token), "token-revoked");
    assert.equal(judge(other.access_token), "user", "another sign-in of the same person is not touched");
    const renew = () =>
      server.post(`/${ids.tenant}/oauth2/v2.0/token`, {
        grant_type: "refresh_token",
        client_id: cli,
        refresh_token: other.refresh_token,
        scope: `${armScope} offline_access`,
      });
    await renew();
    server.ports.time = new Date(sampleTime.getTime() + 61_000);
    assert.deepEqual((await renew()).body.error_codes, [700007]);
    assert.equal(judge(other.access_token), "token-revoked");
  });

  test("of a hundred that redeem one code at once, one is served", async () => {
    const code = await cliCode();
    const answers = await Promise.all(Array.from({ length: 100 }, () => redeem(cliRedemption(code))));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  });

  test("PKCE downgrade: no verifier, a wrong one, the challenge itself, and one that nobody announced", async () => {
    const code = await cliCode();
    const { code_verifier: _, ...without } = cliRedemption(code);
    const codes = async (form: Record<string, string>) => (await redeem(form)).body.error_codes;
    assert.deepEqual(await codes(without), [501481]);
    assert.deepEqual(await codes({ ...without, code_verifier: challenge }), [501481], "plain where S256 was announced");
    assert.deepEqual(await codes({ ...without, code_verifier: `${verifier.slice(0, -1)}X` }), [501481]);
    assert.deepEqual(await codes({ ...without, code_verifier: "short" }), [501481]);
    assert.deepEqual(
      await codes({ ...without, code_verifier: verifier, code_challenge_method: "plain" }),
      undefined,
      "what was announced holds",
    );
    const plain = await appCode();
    const withSecret = { client_id: ids.app, client_secret: secrets.ofApplication, redirect_uri: uris.web };
    assert.deepEqual(
      await codes({ ...withSecret, code: plain, code_verifier: verifier }),
      [501481],
      "a verifier without a challenge",
    );
    assert.equal((await redeem({ ...withSecret, code: plain })).status, 200);
    const byPlain = await cliCode({ code_challenge: verifier, code_challenge_method: "plain" });
    assert.equal((await redeem(cliRedemption(byPlain))).status, 200, "plain as announced");
    await ask(cliRequest, { code_challenge: undefined, code_challenge_method: undefined });
    assert.equal(codeOf(person.response.get("error_description")!), 50147, "a program without a secret must have one");
    await ask(cliRequest, { code_challenge: undefined });
    assert.equal(codeOf(person.response.get("error_description")!), 50147);
  });

  test("mix-up: a code is worth nothing to another client, redirect URI or tenant, and is not spent by them", async () => {
    const code = await cliCode();
    const good = cliRedemption(code);
    const codes = async (form: Record<string, string>, tenant?: string) =>
      (await redeem(form, {}, tenant)).body.error_codes;
    assert.deepEqual(await codes({ ...good, client_id: firstPartyAppIds.azurePowerShell }), [70000]);
    assert.deepEqual(await codes({ ...good, client_id: ids.app }), [7000218]);
    assert.deepEqual(await codes({ ...good, client_id: ids.app, client_secret: secrets.ofApplication }), [70000]);
    assert.deepEqual(await codes({ ...good, redirect_uri: "http://localhost:8401" }), [500112]);
    assert.deepEqual(await codes({ ...good, redirect_uri: "" }), [900144]);
    assert.deepEqual(await codes(good, "consumers"), [700005]);
    assert.deepEqual(await codes({ ...good, code: `${code}A` }), [70000]);
    assert.deepEqual(await codes({ ...good, scope: " " }), [28003]);
    assert.equal((await redeem(good)).status, 200);
  });

  test("a code is worth nothing after ten minutes, or once its person's sessions were revoked", async () => {
    const code = await cliCode();
    server.ports.time = new Date(sampleTime.getTime() + 600_000);
    assert.deepEqual((await redeem(cliRedemption(code))).body.error_codes, [70008]);
    server.ports.time = new Date(sampleTime.getTime() + 599_999);
    const row = server.cloud.model.users.get(ids.user)!;
    await server.change(put("user", { ...row, signInSessionsValidFromDateTime: server.ports.time.toISOString() }));
    assert.deepEqual((await redeem(cliRedemption(code))).body.error_codes, [50173]);
    await server.change(put("user", { ...row, accountEnabled: false }));
    assert.deepEqual((await redeem(cliRedemption(code))).body.error_codes, [50057]);
    await server.change(put("user", row));
    assert.equal((await redeem(cliRedemption(code))).status, 200);
  });

  test("a server's code needs the server's secret", async () => {
    const form = { client_id: ids.app, code: await appCode(), redirect_uri: uris.web };
    assert.deepEqual((await redeem(form)).body.error_codes, [7000218]);
    assert.deepEqual((await redeem({ ...form, client_secret: "wrong" })).body.error_codes, [7000215]);
    const { status, body } = await redeem({ ...form, client_secret: secrets.ofApplication });
    assert.deepEqual([status, claimsOf(body.access_token).appidacr], [200, "1"]);
  });
});

describe("a single-page app", () => {
  const origin = { origin: "http://localhost:3000" };
  const spaRequest = {
    ...appRequest,
    redirect_uri: uris.spa,
    scope: "openid User.Read offline_access",
    code_challenge: challenge,
    code_challenge_method: "S256",
  };
  const redemption = (code: string) => ({ client_id: ids.app, code, redirect_uri: uris.spa, code_verifier: verifier });

  test("redeems from its own origin only, without a secret, and with its proof key", async () => {
    const code = await appCode(spaRequest);
    assert.deepEqual(
      (await redeem(redemption(code))).body.error_codes,
      [9002327],
      "not by a program outside a browser",
    );
    assert.deepEqual((await redeem(redemption(code), { origin: "https://evil.test" })).body.error_codes, [9002326]);
    assert.deepEqual((await redeem(redemption(code), { origin: "null" })).body.error_codes, [9002326]);
    const { status, body, headers } = await redeem(redemption(code), origin);
    assert.deepEqual([status, headers["access-control-allow-origin"]], [200, "*"]);
    assert.ok(body.refresh_token);
    const bare = await appCode({ ...spaRequest, code_challenge: undefined, code_challenge_method: undefined });
    const { code_verifier: _, ...without } = redemption(bare);
    assert.deepEqual((await redeem(without, origin)).body.error_codes, [9002325]);
    const cliByPage = await redeem(cliRedemption(await cliCode()), origin);
    assert.deepEqual(cliByPage.body.error_codes, [9002326], "a page cannot redeem another kind of client's code");
  });

  test("its refresh tokens rotate, serve its origin only, and end 24 hours after the sign-in", async () => {
    const { body } = await redeem(redemption(await appCode(spaRequest)), origin);
    const renew = (refresh_token: string, headers: Record<string, string> = origin) =>
      server.post(
        `/${ids.tenant}/oauth2/v2.0/token`,
        { grant_type: "refresh_token", client_id: ids.app, refresh_token, scope: "User.Read offline_access" },
        { headers },
      );
    assert.deepEqual((await renew(body.refresh_token, {})).body.error_codes, [9002327]);
    assert.deepEqual((await renew(body.refresh_token, { origin: "https://evil.test" })).body.error_codes, [9002326]);
    server.ports.time = new Date(sampleTime.getTime() + 12 * 3_600_000);
    const second = await renew(body.refresh_token);
    assert.equal(second.status, 200);
    server.ports.time = new Date(sampleTime.getTime() + 24 * 3_600_000);
    const { body: refused } = await renew(second.body.refresh_token);
    assert.deepEqual([refused.error, refused.error_codes], ["invalid_grant", [700084]]);
  });
});
